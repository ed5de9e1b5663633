/**
 * A step judged by the contracts: on an embedded chain, where they are deployed first, or on a chain that has them.
 *
 * Invariant: a revert is a refusal of the witness (exit 1), anything else that fails is bad input (exit 2).
 */
import { Contract, getAddress, hexlify, isAddress, isError, ZeroHash } from "ethers";
import { contractArtifact } from "../../game/chain/contracts.ts";
import { deployJudge } from "../../game/chain/deploy.ts";
import { decodeRevert } from "../../game/chain/revert.ts";
import { NotProvenError, UsageError } from "../terminal/failure.ts";
import { type Chain, embeddedChain, remoteChain } from "./chain.ts";
import { hexBytes } from "./hex.ts";

export interface Judgement {
  readonly postState: Uint8Array;
  /** Gas of a transaction that does nothing but this, calldata included. */
  readonly gas: bigint;
}

/** Has the judge execute one step; `where` undefined: on an embedded chain. */
export async function judgeStep(
  where: { readonly rpc: string; readonly judge: string } | undefined,
  preState: Uint8Array,
  witness: Uint8Array,
): Promise<Judgement> {
  if (where !== undefined && !isAddress(where.judge)) {
    throw new UsageError(
      `expected an address, got ${where.judge}`,
      "give --judge 0x… with 40 digits",
    );
  }
  const { chain, address } = where === undefined ? await deployed() : await existing(where);
  try {
    return await ask(chain, address, preState, witness);
  } finally {
    await chain.close();
  }
}

async function deployed() {
  const chain = await embeddedChain();
  return { chain, address: (await deployJudge(chain.signer)).address };
}

async function existing({ rpc, judge }: { readonly rpc: string; readonly judge: string }) {
  const chain = await remoteChain(rpc);
  const address = getAddress(judge);
  if ((await chain.provider.getCode(address)) === "0x") {
    await chain.close();
    throw new UsageError(`no contract at ${judge} on that chain`, "correct --judge or --rpc");
  }
  return { chain, address };
}

async function ask(
  { provider }: Chain,
  address: string,
  preState: Uint8Array,
  witness: Uint8Array,
): Promise<Judgement> {
  const judge = new Contract(address, contractArtifact("StepJudge").abi, provider);
  const args = [hexlify(preState), hexlify(witness)];
  try {
    const postState: string = await judge.step.staticCall(...args);
    const gas = await judge.step.estimateGas(...args);
    return { postState: hexBytes(postState), gas };
  } catch (error) {
    if (!isError(error, "BAD_DATA") && !isError(error, "CALL_EXCEPTION")) throw error;
    if (!(await isJudge(judge))) {
      throw new UsageError(`no StepJudge at ${address}, but another contract`, "correct --judge");
    }
    const { text } = decodeRevert(error);
    throw new NotProvenError("judge", `not proven: the judge refuses the witness: ${text}`);
  }
}

/** A judge answers a proof without bytes with an error that no other contract has. */
async function isJudge(judge: Contract): Promise<boolean> {
  try {
    await judge.registers.staticCall(ZeroHash, "0x");
    return false;
  } catch (error) {
    return isError(error, "CALL_EXCEPTION") && error.revert?.name === "ProofLength";
  }
}
