/**
 * Checks of light code, which cannot stop: where the budget is exhausted it asks the executor for more, and a loop may go on
 * in the module that resumes it. Whatever else would stop code traps, and the entry is taken back (lightRuns.ts).
 *
 * Invariant: a callee returns; so nothing behind a call looks at what it has left, and no frame keeps anything for one
 * that might be rebuilt, but at the headers of loops.
 */
import type { Cost } from "./budget.ts";
import type { Emitter } from "./emitter.ts";
import type { FunctionCode } from "./hostFrame.ts";
import { Frame } from "./hostFrame.ts";
import { machineLayout } from "./hostLayout.ts";
import { i32, i64 } from "./hostTypes.ts";
import type { ModuleScope } from "./moduleScope.ts";
import type { Room } from "./nestedCalls.ts";

/**
 * A function checks again where it may have executed so much since its last check, calls not counted: what frames do behind
 * their last check adds up while they return.
 */
export const longLightStretch: Cost = { steps: 2 ** 13, fuel: 2 ** 17 };

/** In place of a safepoint's number where no loop can be resumed. */
export const noSafepoint = -1;

/** Budget, room and the safepoint of a loop; what the budget has become. */
export const refillSignature = { params: [i64, i64, i32], results: [i64] } as const;

/** Asks for more; throws through the code where there is no more, or no room. */
export function writeRefill(emitter: Emitter, safepoint: number, need?: Room): void {
  const { out, scope, budget } = emitter;
  out.at("local.get", budget);
  emitter.writeRoomBut(need ?? { slots: 0, frames: 0 });
  out.i32(safepoint).at("call", scope.refillIndex()).at("local.set", budget);
}

/** The blocks around a loop: where its budget is spent it leaves them, is given more, and begins again at its header. */
export interface LoopRefill {
  /** Depth of the block behind which more is asked for. */
  readonly hostDepth: number;
  /** At the header; undefined while there is no check. */
  safepoint: number | undefined;
}

/**
 * Opens the blocks around a loop. A call in the loop itself, however seldom it happens, would take registers from it and
 * keep the host from unrolling it.
 */
export function openRefill(emitter: Emitter): LoopRefill {
  emitter.openHost("block");
  emitter.openHost("loop");
  emitter.openHost("block");
  return { hostDepth: emitter.hostDepth, safepoint: undefined };
}

/** Closes them behind the loop. */
export function closeRefill(emitter: Emitter, { safepoint }: LoopRefill): void {
  const { out, scope } = emitter;
  out.at("br", 2);
  emitter.closeHost();
  if (safepoint !== undefined) {
    writeRefill(emitter, safepoint);
    out.i32(0).load("i32.load", scope.machineMemory, machineLayout.moves);
    emitter.openUnlikely();
    emitter.leave(safepoint);
    emitter.closeHost();
    out.at("br", 0);
  }
  emitter.closeHost();
  emitter.closeHost();
}

/** Behind a spill record: goes on in the module that resumes the loop, and returns what that returns. */
export function writeMove(emitter: Emitter): void {
  const { out, scope } = emitter;
  out.at("call", scope.moveIndex);
  out.i32(0).load("i64.load", scope.machineMemory, machineLayout.budgetAtHand);
  out.at("local.get", emitter.room).i32(scope.plans.count);
  const type = scope.typeIndex({ params: [i64, i64], results: emitter.signature.results });
  out.at("return_call_indirect", type).unsigned(scope.functionTable);
}

/** The way to the executor, with the budget and the room in the machine memory. */
export function refillCode({ machineMemory: machine, refillCallIndex }: ModuleScope): FunctionCode {
  const frame = new Frame(refillSignature.params.length);
  const { out } = frame;
  out.i32(0).at("local.get", 0).store("i64.store", machine, machineLayout.budgetAtHand);
  out.i32(0).at("local.get", 1).store("i64.store", machine, machineLayout.roomAtHand);
  out.at("local.get", 2).at("call", refillCallIndex);
  out.i32(0).load("i64.load", machine, machineLayout.budgetAtHand).op("end");
  return frame.body();
}
