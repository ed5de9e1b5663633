/**
 * Emits instructions that the executor carries out: the long memory instructions, at once instead of piece by piece,
 * and `time_ms`. The budget goes through the machine memory.
 *
 * Invariant: behind such an instruction the budget is not exhausted; where the executor refuses (a trap, too little
 * budget), emitted code stops before the instruction with everything as it was.
 */
import type { BodyEmitter } from "./body.ts";
import { noCost } from "./cost.ts";
import { machineLayout } from "./layout.ts";
import { i32, i64 } from "./types.ts";

const operandCount = 3;

/** memory.fill, memory.copy, memory.init, host.input_read. */
export function emitAssisted(emitter: BodyEmitter): void {
  const { frame, out, scope } = emitter;
  frame.flush();
  if (emitter.live) {
    emitter.note();
    emitter.settle();
    const point = emitter.point("stepped");
    writeBudget(emitter);
    out.i32(emitter.pc);
    frame.use(operandCount);
    out.at("call", scope.assistIndex).op("i32.eqz");
    emitter.openUnlikely();
    emitter.writeExit(point);
    emitter.closeHost();
    out.i32(0).load("i64.load", scope.machineMemory, machineLayout.claim);
    out.at("local.set", emitter.budget);
  }
  emitter.record();
  emitter.pending = noCost;
  emitter.region = noCost;
  frame.pop(operandCount);
}

export function emitTime(emitter: BodyEmitter): void {
  const { out, scope } = emitter;
  if (emitter.live) {
    emitter.settle();
    writeBudget(emitter);
    out.at("call", scope.timeIndex);
    out.i32(0).load("i64.load", scope.machineMemory, machineLayout.time);
  }
  emitter.record();
  emitter.frame.push(i64);
}

function writeBudget({ out, scope, budget }: BodyEmitter): void {
  out.i32(0).at("local.get", budget);
  out.store("i64.store", scope.machineMemory, machineLayout.claim);
}

/** Record and operands; whether it was done. */
export const assistSignature = { params: [i32, i32, i32, i32], results: [i32] } as const;
