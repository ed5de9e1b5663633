/**
 * Emits atomic instructions as the host's own, whose trap at an address that is not aligned is the program's; those that
 * write stand behind the write barrier like any store. A wait is a load: nobody could wake the thread, so it ends at once.
 *
 * Invariant: the host memory is not shared, and nobody else sees it.
 */
import type { InstructionRow } from "../isa/table.ts";
import { codeOf, opOf } from "../isa/table.ts";
import { readU16, readU32 } from "../program/bigEndian.ts";
import { instructionBytes } from "../program/program.ts";
import type { BodyEmitter } from "./bodyEmitter.ts";
import { isWideMemory, raised, writeNarrow } from "./emitAddresses.ts";
import { alignmentOf, emitLoad, emitStore } from "./emitMemory.ts";
import type { HostType } from "./hostTypes.ts";
import { i32 } from "./hostTypes.ts";
import { leaveToReference } from "./leftToReference.ts";
import { emitBarrier } from "./writeBarriers.ts";

const FENCE = opOf("atomic.fence");
const NOTIFY = opOf("memory.atomic.notify");
const WORD = codeOf("i32.atomic.load");
const wordAlignment = 2;
/** What a wait reads and how it compares that, by its width. */
const comparisons: ReadonlyMap<number | undefined, Comparison> = new Map([
  [4, { load: WORD, equal: "i32.eq" }],
  [8, { load: codeOf("i64.atomic.load"), equal: "i64.eq" }],
]);

interface Comparison {
  readonly load: number;
  readonly equal: "i32.eq" | "i64.eq";
}

/** Operands and results of the instruction at hand are those of its row, the address among them with its memory's type. */
export function emitAtomic(
  emitter: BodyEmitter,
  row: InstructionRow,
  operands: number,
  results: readonly HostType[],
): void {
  const { code } = emitter.scope.program;
  const at = emitter.pc * instructionBytes;
  const op = readU16(code, at);
  const [offset, memory] = [readU32(code, at + 4), readU32(code, at + 8)];
  if (op === FENCE) emitter.advance();
  else if (op === NOTIFY) notify(emitter, memory, offset);
  else if (row.access === "load")
    emitLoad(emitter, row, memory, offset, { operands, result: results[0] });
  else if (row.access === "store") emitStore(emitter, row, memory, offset);
  else if (row.access === undefined) wait(emitter, row, memory, offset, operands, results);
  else readWrite(emitter, row, memory, offset, operands, results[0]);
}

/** What reads and writes: its operands but the address wait in locals while the barrier is passed. */
function readWrite(
  emitter: BodyEmitter,
  row: InstructionRow,
  memory: number,
  offset: number,
  operands: number,
  result: HostType,
): void {
  const { frame, out } = emitter;
  emitter.advance();
  frame.use(operands);
  frame.pop(operands);
  const at = raised(emitter, memory, offset);
  if (emitter.live && at === undefined) out.op("unreachable");
  if (emitter.live && at !== undefined) {
    const address = frame.scratch("address", i32);
    const values = ["value", "replacement"]
      .slice(0, operands - 1)
      .map((name) => frame.scratch(name, result));
    for (const value of values.toReversed()) out.at("local.set", value);
    if (isWideMemory(emitter, memory)) writeNarrow(emitter);
    out.at("local.set", address);
    if (!emitter.omits("barriers")) {
      emitBarrier(emitter, memory, address, offset, row.width ?? 0);
    }
    out.at("local.get", address);
    for (const value of values) out.at("local.get", value);
    out.access(row.code, memory, at, alignmentOf(row));
  }
  if (at === undefined) emitter.die();
  frame.push(result);
}

/** Traps as a load of the word would, and wakes nobody. */
function notify(emitter: BodyEmitter, memory: number, offset: number): void {
  const { frame, out } = emitter;
  emitter.advance();
  frame.use(2);
  frame.pop(2);
  const at = raised(emitter, memory, offset);
  if (emitter.live && at === undefined) out.op("unreachable");
  if (emitter.live && at !== undefined) {
    out.op("drop");
    if (isWideMemory(emitter, memory)) writeNarrow(emitter);
    out.access(WORD, memory, at, wordAlignment).op("drop").i32(0);
  }
  if (at === undefined) emitter.die();
  frame.push(i32);
}

/**
 * Traps as a load would; then 1 if something else stands there than is expected, 2 otherwise: the time is over. A wait
 * without an end, or on a memory that is not shared, is a trap, which the reference finds.
 */
function wait(
  emitter: BodyEmitter,
  row: InstructionRow,
  memory: number,
  offset: number,
  operands: number,
  results: readonly HostType[],
): void {
  const { frame, out, scope } = emitter;
  const at = raised(emitter, memory, offset);
  const isShared = readU32(scope.program.code, emitter.pc * instructionBytes + 12) === 0;
  if (at === undefined || !isShared) {
    leaveToReference(emitter, operands, results);
    return;
  }
  frame.flush();
  if (emitter.live) {
    const { load, equal } = comparisons.get(row.width) as Comparison;
    emitter.note();
    const safepoint = emitter.safepoint("leftToReference");
    const [address, expected, timeout] = frame.topLocals(operands);
    const waits = frame.scratch("waits", i32);
    out.at("local.get", address);
    if (isWideMemory(emitter, memory)) writeNarrow(emitter);
    out.access(load, memory, at, alignmentOf(row)).at("local.get", expected);
    out.op(equal).at("local.tee", waits);
    out.at("local.get", timeout).i64(0n).op("i64.lt_s").op("i32.and");
    emitter.openUnlikely();
    emitter.writeExit(safepoint);
    emitter.closeHost();
    out.at("local.get", waits).i32(1).op("i32.add");
  }
  emitter.advance();
  frame.pop(operands);
  frame.push(i32);
}
