/**
 * The transitions of an epoch of Cartesi's Dave over our machine, and the commitment to them, as a party has them
 * (docs/adapters.md section 4). Twin of contracts/src/adapters/DaveTransition.sol.
 *
 * Invariant: leaf p is the state after p + 1 transitions; every 2^spanBits transitions the next call begins, and a call's
 * last state fills what it leaves of its span.
 */
import { concat, hexlify, toBeHex } from "ethers";
import type { Hash } from "../../claim/claim.ts";
import type { Execution } from "../../trace/execution.ts";
import { type CallChain, stepsOf } from "../callChain.ts";
import { CommitmentTree } from "../commitmentTree.ts";

/** One call of an epoch, with its input's bytes. */
export interface DaveCall {
  readonly execution: Execution;
  readonly input: Uint8Array;
}

/** An epoch's calls, at least one, as a tree over all its transitions. */
export class DaveTrace {
  readonly #calls: readonly DaveCall[];
  readonly #spanBits: number;
  /** Trees over the calls' spans, then over a span in which nothing happens. */
  readonly #spans: readonly CommitmentTree[];
  readonly #above: CommitmentTree;

  private constructor(
    calls: readonly DaveCall[],
    spanBits: number,
    spans: readonly CommitmentTree[],
  ) {
    this.#calls = calls;
    this.#spanBits = spanBits;
    this.#spans = spans;
    this.#above = new CommitmentTree(spans.map((span) => span.node(spanBits, 0)));
  }

  /**
   * Runs the calls and commits to all their states.
   *
   * @param inputs The epoch's inputs; `chain` must know their calls, from call 0 on.
   * @throws RangeError if a call is not known or does not fit its span.
   */
  static async of(
    chain: CallChain,
    inputs: readonly Uint8Array[],
    spanBits: number,
  ): Promise<DaveTrace> {
    const calls: DaveCall[] = [];
    const spans: CommitmentTree[] = [];
    for (const [index, input] of inputs.entries()) {
      const execution = await chain.execution(index);
      if (execution === undefined) throw new RangeError(`expected call ${index} to be known`);
      calls.push({ execution, input });
      spans.push(new CommitmentTree(await statesOf(execution, spanBits)));
    }
    const last = calls.at(-1);
    if (last === undefined) throw new RangeError("expected at least one call");
    spans.push(new CommitmentTree([(await last.execution.claim()).state]));
    return new DaveTrace(calls, spanBits, spans);
  }

  /** State before the first transition. */
  get initial(): Hash {
    return this.#calls[0].execution.call.previousState;
  }

  /** Node over the leaves [index · 2^level, (index + 1) · 2^level). */
  node(level: number, index: number): Hash {
    if (level > this.#spanBits) return this.#above.node(level - this.#spanBits, index);
    const nodes = 2 ** (this.#spanBits - level);
    const span = Math.min(Math.floor(index / nodes), this.#spans.length - 1);
    return this.#spans[span].node(level, index % nodes);
  }

  /** Siblings from a leaf to the root of a tree of `height` levels. */
  siblings(leaf: number, height: number): Hash[] {
    return Array.from({ length: height }, (_, level) => {
      const index = Math.floor(leaf / 2 ** level);
      return this.node(level, index % 2 === 0 ? index + 1 : index - 1);
    });
  }

  /** The adapter's proofs for the transition that leads to a leaf. */
  async proofs(leaf: number): Promise<string> {
    const span = 2 ** this.#spanBits;
    const number = Math.floor(leaf / span);
    const within = leaf % span;
    const call = this.#calls[number];
    if (call === undefined) {
      const { execution } = this.#calls[this.#calls.length - 1];
      const proof = await execution.registerProof(Number((await execution.claim()).steps));
      return within === 0 ? concat([toBeHex(0, 8), proof]) : hexlify(proof);
    }
    const { execution, input } = call;
    if (within === 0) {
      return concat([toBeHex(input.length, 8), input, await execution.beginWitness()]);
    }
    const end = Number((await execution.claim()).steps);
    const step = Math.min(execution.startStep + within - 1, end);
    return hexlify(step < end ? await execution.witness(step) : await execution.registerProof(end));
  }
}

/** States after `begin` and after every step. */
async function statesOf(execution: Execution, spanBits: number): Promise<Hash[]> {
  const count = await stepsOf(execution);
  if (count >= 2 ** spanBits) {
    throw new RangeError(`expected fewer than 2^${spanBits} steps, got ${count}`);
  }
  const steps = Array.from({ length: count }, (_, i) => execution.startStep + i);
  return [...(await execution.stateHashes(steps)), (await execution.claim()).state];
}
