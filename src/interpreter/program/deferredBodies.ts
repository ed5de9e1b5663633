/**
 * Function bodies of a linked program that are lowered when their instructions are first asked for: their place in the
 * code is known from what validation has counted (`FunctionBody`), so nothing else of a program waits for them.
 *
 * Invariant: a body's instructions are the same whenever it is lowered, and fill exactly the place that was left for
 * them; records of a body that has not been lowered are zero, which is no instruction.
 */
import type { FunctionBody, FunctionType } from "../binary/module.ts";
import { lastAtMost } from "./lastAtMost.ts";
import type { MutableFunctionEntry } from "./programBuilder.ts";

/** A body with the place that was left for it. */
export interface DeferredBody {
  readonly type: FunctionType;
  readonly body: FunctionBody;
  readonly entry: MutableFunctionEntry;
  readonly firstBranch: number;
  /** Lowers bodies of its module. */
  readonly module: DeferredLowering;
}

/** Lowers a body into its place. */
export interface DeferredLowering {
  lower(deferred: DeferredBody): void;
}

export class DeferredBodies {
  private readonly starts: Int32Array;
  private readonly bodies: (DeferredBody | undefined)[];
  /** Bodies that have not been lowered. */
  left: number;

  /** @param bodies by entry pc, ascending */
  constructor(bodies: readonly DeferredBody[]) {
    this.bodies = [...bodies];
    this.starts = Int32Array.from(bodies, ({ entry }) => entry.entryPc);
    this.left = bodies.length;
  }

  /** Lowers the body that holds `pc`, unless that has been done. */
  lowerAt(pc: number): void {
    const { starts } = this;
    if (this.left > 0) this.lower(lastAtMost(starts.length, (index) => starts[index], pc));
  }

  lowerAll(): void {
    for (let place = 0; this.left > 0; place++) this.lower(place);
  }

  private lower(place: number): void {
    const deferred = this.bodies[place];
    if (deferred === undefined) return;
    deferred.module.lower(deferred);
    this.bodies[place] = undefined;
    this.left--;
  }
}
