/**
 * A chain of calls as a party runs it (docs/adapters.md section 1): what a player of another game is given in place of
 * one execution.
 *
 * Invariant: output n is the state after n calls, and call n goes on from output n; so a party that has run the calls
 * knows every output that a game can be about.
 */
import { Contract, type Signer } from "ethers";
import type { Address, Hash } from "../claim/claim.ts";
import type { Execution } from "../trace/execution.ts";

/** The calls that a party knows, by the number of calls before them. */
export interface CallChain {
  /** The call that follows `calls` calls; undefined if there is no input for it yet. */
  execution(calls: number): Promise<Execution | undefined>;
}

/**
 * A chain of executions that one has at hand.
 *
 * @param executions Calls in order, each going on from the one before.
 * @param first Number of calls before the first of them.
 */
export function callChain(executions: readonly Execution[], first = 0): CallChain {
  return { execution: async (calls) => executions[calls - first] };
}

/** Number of steps of a call, `begin` not counted. */
export async function stepsOf(execution: Execution): Promise<number> {
  return Number((await execution.claim()).steps) - execution.startStep;
}

/** State hash after so many steps of a call. */
export async function stateAfter(execution: Execution, steps: number): Promise<Hash> {
  const [hash] = await execution.stateHashes([execution.startStep + steps]);
  return hash;
}

/** What the players read of an adapter's inbox. */
const inboxAbi = [
  "function count() view returns (uint256)",
  "function inputAt(uint256 index) view returns (bytes32 root, uint32 length, uint64 time)",
];

/** The inbox of an adapter. */
export async function inboxOf(adapter: Address, signer: Signer): Promise<Contract> {
  const abi = ["function inbox() view returns (address)"];
  const address: Address = await new Contract(adapter, abi, signer).getFunction("inbox")();
  return new Contract(address, inboxAbi, signer);
}

/**
 * A chain whose calls are compared with what the game goes by before a player relies on them: a party that has run
 * something else must hear of it, or it loses what it stakes.
 *
 * @param anchor The state that the game goes on from, and the calls before it.
 * @returns a chain that rejects with RangeError for a call on another input, or from another anchor.
 */
export function checkedChain(
  chain: CallChain,
  inbox: Contract,
  anchor: { readonly calls: number; readonly state: Hash },
): CallChain {
  const checked = new Map<number, Promise<Execution | undefined>>();
  const check = async (calls: number): Promise<Execution | undefined> => {
    const execution = await chain.execution(calls);
    if (execution === undefined) return undefined;
    const { previousState, inputRoot, inputLength } = execution.call;
    if (calls === anchor.calls && previousState !== anchor.state) {
      throw new RangeError(`expected call ${calls} from ${anchor.state}, got ${previousState}`);
    }
    const [root, length] = await inbox.getFunction("inputAt")(calls);
    if (inputRoot !== root || BigInt(inputLength) !== length) {
      throw new RangeError(`expected call ${calls} on input ${root}, got ${inputRoot}`);
    }
    return execution;
  };
  return {
    execution(calls) {
      const known = checked.get(calls) ?? check(calls);
      checked.set(calls, known);
      known.catch(() => checked.delete(calls));
      return known;
    },
  };
}
