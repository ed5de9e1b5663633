/**
 * The states between two assertions of an Arbitrum BoLD chain over our machine, as a party has them (docs/adapters.md
 * section 3). Twin of contracts/src/adapters/BoldOneStepProver.sol.
 *
 * Invariant: a block is a call, and a machine hash is keccak256 of 81 bytes; block b's last state is block b + 1's first.
 */
import { concat, hexlify, keccak256, toBeHex } from "ethers";
import type { Hash } from "../../claim/claim.ts";
import type { Execution } from "../../trace/execution.ts";
import { type CallChain, stepsOf } from "../callChain.ts";

/** Kinds of machine hashes. */
export const machineKind = { running: 0, finished: 1, errored: 2 } as const;

const zero: Hash = `0x${"00".repeat(32)}`;

/** Preimage of a machine hash: kind ‖ state ‖ 0 ‖ calls ‖ 0, 81 bytes. */
export function machinePreimage(kind: number, state: Hash, calls: number): string {
  return concat([toBeHex(kind, 1), state, zero, toBeHex(calls, 8), toBeHex(0, 8)]);
}

/** The chain's calls as a challenge sees them. */
export class BoldTrace {
  readonly #chain: CallChain;
  readonly #first: number;
  readonly #messages: number;

  /**
   * @param first Calls before the assertion that the challenge goes on from.
   * @param messages Calls before its end: `nextInboxPosition` of that assertion.
   */
  constructor(chain: CallChain, first: number, messages: number) {
    this.#chain = chain;
    this.#first = first;
    this.#messages = messages;
  }

  /** Calls before a block. */
  callsBefore(block: number): number {
    return Math.min(this.#first + block, this.#messages);
  }

  /** State hash before a block. */
  async stateBefore(block: number): Promise<Hash> {
    const calls = this.callsBefore(block);
    if (calls === this.#first) return (await this.#call(calls)).call.previousState;
    return (await (await this.#call(calls - 1)).claim()).state;
  }

  /** Machine hash before a block. */
  async blockState(block: number): Promise<Hash> {
    const state = await this.stateBefore(block);
    return keccak256(machinePreimage(machineKind.finished, state, this.callsBefore(block)));
  }

  /**
   * Machine hashes of a block, one a step, as many as differ; what follows repeats the last.
   * The first is the state before the block, then those of the call, then the state after it.
   */
  async blockTrace(block: number): Promise<Hash[]> {
    const calls = this.callsBefore(block);
    const before = await this.blockState(block);
    if (calls >= this.#messages) return [before];
    const execution = await this.#call(calls);
    const count = (await stepsOf(execution)) + 1;
    const steps = Array.from({ length: count }, (_, i) => execution.startStep + i);
    const states = await execution.stateHashes(steps);
    const running = states.map((state) =>
      keccak256(machinePreimage(machineKind.running, state, calls)),
    );
    return [before, ...running, await this.blockState(block + 1)];
  }

  /** Proof of the step that follows step `step` of a block. */
  async proof(block: number, step: number): Promise<string> {
    const calls = this.callsBefore(block);
    const finished = async (at: number) =>
      machinePreimage(machineKind.finished, await this.stateBefore(at), this.callsBefore(at));
    if (calls >= this.#messages) return finished(block);
    const execution = await this.#call(calls);
    const count = await stepsOf(execution);
    if (step === 0) return concat([await finished(block), await execution.beginWitness()]);
    if (step > count + 1) return finished(block + 1);
    const at = execution.startStep + step - 1;
    const [state] = await execution.stateHashes([at]);
    const witness = step <= count ? await execution.witness(at) : await execution.registerProof(at);
    return concat([machinePreimage(machineKind.running, state, calls), hexlify(witness)]);
  }

  async #call(calls: number): Promise<Execution> {
    const execution = await this.#chain.execution(calls);
    if (execution === undefined) throw new RangeError(`expected call ${calls} to be known`);
    return execution;
  }
}
