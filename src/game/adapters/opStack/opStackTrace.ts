/**
 * The true trace of a fault dispute game of the OP Stack, as a party that has run the calls knows it (docs/adapters.md
 * section 2). Twin of contracts/src/adapters/OpStackStepper.sol.
 *
 * Invariant: between two outputs the trace has a state for every leaf, and every state but the last has a preimage and
 * a proof by which the adapter gives the next.
 */
import { concat, getBytes, hexlify, keccak256, toBeHex } from "ethers";
import type { Hash } from "../../claim/claim.ts";
import type { Execution } from "../../trace/execution.ts";
import { type CallChain, stateAfter, stepsOf } from "../callChain.ts";
import { contextWords, type OpStackGameParameters, type OutputContext } from "./opStackClaims.ts";
import { leafOf } from "./position.ts";

/** Status of a machine, which stands in place of the first byte of a claim about an execution trace. */
export const vmStatus = { valid: 0, invalid: 1, panic: 2, unfinished: 3 } as const;

/** Preimage of the state before a call begins. */
export const absolutePrestateData = "0x00";

/** The claim that every execution trace begins with; `ABSOLUTE_PRESTATE` of the game's constructor. */
export const absolutePrestate = withStatus(keccak256(absolutePrestateData), vmStatus.unfinished);

/** What a step needs: the preimage of the state before it, and the adapter's proof. */
export interface OpStackStep {
  readonly stateData: string;
  readonly proof: string;
}

/** The trace between two outputs. Index i is the state after i + 1 steps from the absolute prestate. */
export interface OpStackTrace {
  claim(index: bigint): Promise<Hash>;
  /** The step that leads from index − 1 to `index`. */
  stepTo(index: bigint): Promise<OpStackStep>;
}

/** What a party holds for true in one game. */
export class OpStackTruth {
  readonly #parameters: OpStackGameParameters;
  readonly #chain: CallChain;
  /** Inputs that there were before the game. */
  readonly #given: number;

  /** @param given Inputs that there were before the game was created. */
  constructor(parameters: OpStackGameParameters, chain: CallChain, given: number) {
    this.#parameters = parameters;
    this.#chain = chain;
    this.#given = given;
  }

  /** Whether the root claim is about an output that the bisection reaches and whose inputs were there. */
  get isRootInReach(): boolean {
    const { anchorCalls, proposedCalls, splitDepth } = this.#parameters;
    return proposedCalls <= Math.min(anchorCalls + 2 ** splitDepth, this.#given);
  }

  /** The output that a leaf of the bisection over outputs stands for. */
  async output(leaf: number): Promise<Hash> {
    const { anchor, anchorCalls, proposedCalls } = this.#parameters;
    const calls = Math.min(anchorCalls + leaf + 1, proposedCalls, this.#given);
    if (calls <= anchorCalls) return anchor;
    return (await (await this.#call(calls - 1)).claim()).state;
  }

  /** The trace between two outputs; undefined if it does not go on from a true one: nobody has to play there. */
  async trace(context: OutputContext): Promise<OpStackTrace | undefined> {
    const { anchorCalls, proposedCalls, splitDepth } = this.#parameters;
    const leaf = Number(leafOf(context.disputedPosition, splitDepth));
    if (context.start !== (await this.output(leaf - 1))) return undefined;
    const calls = anchorCalls + leaf;
    const words = contextWords(context);
    if (leaf === 2 ** splitDepth - 1 && !this.isRootInReach) {
      return repeated(context.start, vmStatus.panic, words);
    }
    if (calls >= Math.min(proposedCalls, this.#given)) {
      return repeated(context.start, verdictOn(context.start, context), words);
    }
    return callTrace(await this.#call(calls), context, words);
  }

  async #call(calls: number): Promise<Execution> {
    const execution = await this.#chain.execution(calls);
    if (execution === undefined) throw new RangeError(`expected call ${calls} to be known`);
    return execution;
  }
}

/** A hash with a status in place of its first byte. */
function withStatus(hash: Hash, status: number): Hash {
  return hexlify(concat([toBeHex(status, 1), getBytes(hash).subarray(1)]));
}

function verdictOn(state: Hash, { disputed }: OutputContext): number {
  return state === disputed ? vmStatus.valid : vmStatus.invalid;
}

function verdictData(state: Hash, status: number): string {
  return concat([state, toBeHex(status, 1)]);
}

function verdict(state: Hash, status: number): Hash {
  return withStatus(keccak256(verdictData(state, status)), status);
}

/** A trace that is a verdict from its first state on. */
function repeated(state: Hash, status: number, words: string): OpStackTrace {
  return {
    claim: async () => verdict(state, status),
    stepTo: async (index) =>
      index === 0n
        ? { stateData: absolutePrestateData, proof: words }
        : { stateData: verdictData(state, status), proof: "0x" },
  };
}

/** The trace of one call: its states, then the verdict on the disputed output. */
function callTrace(execution: Execution, context: OutputContext, words: string): OpStackTrace {
  const isState = async (index: bigint) => index <= BigInt(await stepsOf(execution));
  return {
    async claim(index) {
      if (await isState(index)) {
        return withStatus(await stateAfter(execution, Number(index)), vmStatus.unfinished);
      }
      const { state } = await execution.claim();
      return verdict(state, verdictOn(state, context));
    },
    async stepTo(index) {
      if (index === 0n) {
        const proof = concat([words, await execution.beginWitness()]);
        return { stateData: absolutePrestateData, proof };
      }
      if (!(await isState(index - 1n))) {
        const { state } = await execution.claim();
        return { stateData: verdictData(state, verdictOn(state, context)), proof: "0x" };
      }
      const step = execution.startStep + Number(index) - 1;
      const registers = await execution.registerProof(step);
      const stateData = statePreimage(registers);
      if (await isState(index)) {
        return { stateData, proof: hexlify(await execution.witness(step)) };
      }
      return { stateData, proof: concat([registers, words]) };
    },
  };
}

/** hot ‖ cold ‖ 0x02 of a state, from its register proof (docs/proof-format.md section 2). */
function statePreimage(registerProof: Uint8Array): string {
  const word = (i: number) => registerProof.subarray(32 * i, 32 * i + 32);
  const node = (left: Uint8Array, right: Uint8Array) =>
    getBytes(keccak256(concat([left, right, "0x02"])));
  return concat([node(node(word(0), word(1)), word(2)), word(3), "0x02"]);
}
