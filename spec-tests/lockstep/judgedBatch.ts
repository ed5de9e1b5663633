/**
 * Steps judged in batches: pre-state, witness and expected post-state of each go to a test-only contract that asks the
 * judge for one after the other and says where they first part.
 *
 * Invariant: a batch is sent once it is full or on `flush`; `divergences` is complete only after `flush`.
 */
import type { Chain, Contract } from "../../test/judge/chain.ts";
import { deployOn } from "../../test/judge/deployOn.ts";

export interface JudgedStep {
  /** For the report: what step of what program this is. */
  readonly label: string;
  readonly preState: Uint8Array;
  readonly postState: Uint8Array;
  readonly witness: Uint8Array;
}

export interface Divergence {
  readonly label: string;
  readonly found: string;
}

const headBytes = 68;
/** Bytes of witnesses in one call. */
const batchBytes = 120_000;

/** Steps as JudgeBatch.sol reads them. */
export function packSteps(steps: readonly JudgedStep[]): Uint8Array {
  const length = steps.reduce((sum, { witness }) => sum + headBytes + witness.length, 0);
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  let offset = 0;
  for (const { preState, postState, witness } of steps) {
    bytes.set(preState, offset);
    bytes.set(postState, offset + 32);
    view.setUint32(offset + 64, witness.length);
    bytes.set(witness, offset + headBytes);
    offset += headBytes + witness.length;
  }
  return bytes;
}

/** One chain with a judge; calls to it are made one after another. */
interface Lane {
  readonly judge: string;
  readonly batch: Contract;
  sent: Promise<void>;
}

export class JudgedBatch {
  readonly divergences: Divergence[] = [];
  judged = 0;
  readonly #lanes: readonly Lane[];
  #next = 0;
  #steps: JudgedStep[] = [];
  #bytes = 0;

  private constructor(lanes: readonly Lane[]) {
    this.#lanes = lanes;
  }

  /** A judge and its batch contract on each of these chains, which then work side by side. */
  static async deploy(...chains: readonly Chain[]): Promise<JudgedBatch> {
    const lanes: Lane[] = [];
    for (const chain of chains) {
      const judge = (await deployOn(chain)).judge.address;
      lanes.push({ judge, batch: await chain.deploy("JudgeBatch"), sent: Promise.resolve() });
    }
    return new JudgedBatch(lanes);
  }

  add(step: JudgedStep): void {
    this.#steps.push(step);
    this.#bytes += step.witness.length;
    if (this.#bytes >= batchBytes) this.#send();
  }

  /** Waits until everything added has been judged. */
  async flush(): Promise<void> {
    this.#send();
    await this.settle();
  }

  /** Waits until what has been sent so far has been judged, so that unsent and unanswered steps stay few. */
  async settle(): Promise<void> {
    await Promise.all(this.#lanes.map(({ sent }) => sent));
  }

  /** How many of these tampered steps the judge refuses, up to the first that it accepts, and with which errors. */
  async refuse(steps: readonly JudgedStep[]): Promise<{ refused: number; errors: string[] }> {
    const [{ judge, batch }] = this.#lanes;
    const [refused, selectors] = await batch.call("refuse", [judge, packSteps(steps)]);
    const count = Number(refused);
    const errors = Array.from({ length: count }, (_, i) =>
      (selectors as string).slice(2 + 8 * i, 10 + 8 * i),
    );
    return { refused: count, errors };
  }

  #send(): void {
    const steps = this.#steps;
    this.#steps = [];
    this.#bytes = 0;
    if (steps.length === 0) return;
    const lane = this.#lanes[this.#next++ % this.#lanes.length];
    lane.sent = lane.sent.then(() => this.#confirm(lane, steps));
  }

  async #confirm({ judge, batch }: Lane, steps: readonly JudgedStep[]): Promise<void> {
    let rest = steps;
    while (rest.length > 0) {
      const args = [judge, packSteps(rest)];
      const [judged, postState, reason] = await batch.call("confirm", args);
      const count = Number(judged);
      this.judged += Math.min(count + 1, rest.length);
      if (count === rest.length) return;
      const found = reason === "0x" ? `post state ${postState}` : `revert ${reason}`;
      this.divergences.push({ label: rest[count].label, found });
      rest = rest.slice(count + 1);
    }
  }
}
