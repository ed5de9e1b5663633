/**
 * Emits the instructions that the executor does, long ones at once instead of piece by piece, and `time_ms`. Short
 * copies and fills are done in place; the budget goes to the executor through the machine memory.
 *
 * Invariant: behind such an instruction the budget is not exhausted; where the executor refuses (a trap, too little
 * budget), emitted code stops before the instruction with everything as it was.
 */
import type { InstructionRow, Mnemonic } from "../isa/table.ts";
import { executedRow, opOf } from "../isa/table.ts";
import { readU16, readU32 } from "../program/bigEndian.ts";
import { chunkBytes, instructionBytes, pageBytes } from "../program/program.ts";
import type { Writer } from "./binaryWriter.ts";
import type { BodyEmitter } from "./bodyEmitter.ts";
import { exhaustedMask, noCost, packed, unwindingBudget } from "./budget.ts";
import { isWideMemory, isWideTable } from "./emitAddresses.ts";
import type { FunctionCode } from "./hostFrame.ts";
import { Frame } from "./hostFrame.ts";
import { hiddenPages, machineLayout } from "./hostLayout.ts";
import type { HostType } from "./hostTypes.ts";
import { i32, i64 } from "./hostTypes.ts";
import type { ModuleScope } from "./moduleScope.ts";

/** Operands of every runtime call; what an instruction has less is filled up with zeros. */
const operandCount = 3;

/** Instructions that emitted code leaves to the executor, which may refuse: then it stops before them. */
export const runtimeInstructions = [
  "memory.init",
  "memory.copy",
  "memory.fill",
  "memory.grow",
  "data.drop",
  "elem.drop",
  "table.get",
  "table.set",
  "table.size",
  "table.grow",
  "table.fill",
  "table.copy",
  "table.init",
] as const satisfies readonly Mnemonic[];

interface Shape {
  readonly operands: number;
  readonly hasResult: boolean;
}

const long: Shape = { operands: 3, hasResult: false };
const drop: Shape = { operands: 0, hasResult: false };

const shapes: Readonly<
  Record<
    | (typeof runtimeInstructions)[number]
    | "host.input_read"
    | "host.output_write"
    | "table.grow.i64",
    Shape
  >
> = {
  "memory.init": long,
  "memory.copy": long,
  "memory.fill": long,
  "host.input_read": long,
  "host.output_write": { operands: 2, hasResult: false },
  "table.init": long,
  "table.copy": long,
  "table.fill": long,
  "memory.grow": { operands: 1, hasResult: true },
  "table.grow": { operands: 2, hasResult: true },
  "table.grow.i64": { operands: 2, hasResult: true },
  "table.get": { operands: 1, hasResult: true },
  "table.set": { operands: 2, hasResult: false },
  "table.size": { operands: 0, hasResult: true },
  "data.drop": drop,
  "elem.drop": drop,
};

const shapeOfCode = new Map(
  Object.entries(shapes).map(([mnemonic, shape]) => [opOf(mnemonic as Mnemonic), shape]),
);

/** An instruction that the executor does, as a whole if it is long. */
export function emitRuntimeCall(emitter: BodyEmitter): void {
  const { frame, out, scope } = emitter;
  const { program } = scope;
  const op = readU16(program.code, emitter.pc * instructionBytes);
  const { operands, hasResult } = shapeOfCode.get(op) as Shape;
  const result = resultType(emitter, op);
  // Half done by the reference, it has more in its operands than their types hold.
  if (op === TABLE_GROW) scope.log.noteLeftToReference(emitter.pc);
  frame.flush();
  emitter.addresses.cut();
  if (emitter.live) {
    emitter.note();
    emitter.settle();
    // What is told of a growth that is refused names its step; code that can stop is called with a settled budget anyway.
    if (op === MEMORY_GROW) emitter.readsFuel = true;
    const safepoint = emitter.safepoint("leftToReference");
    const left = frame.scratch("left", i64);
    writeOperands(emitter, operands, safepoint);
    for (let missing = operands; missing < operandCount; missing++) out.i32(0);
    out.at("local.get", emitter.budget).at("call", scope.runtimeStubIndex(emitter.pc));
    if (!emitter.isLight) {
      out.at("local.tee", left).i64(unwindingBudget).op("i64.eq");
      emitter.openUnlikely();
      emitter.writeExit(safepoint);
      emitter.closeHost();
      out.at("local.get", left);
    }
    out.at("local.set", emitter.budget);
    if (hasResult) out.i32(0).load("i32.load", scope.machineMemory, machineLayout.result);
    // Sizes are below 2^31, and −1 is −1.
    if (result === i64) out.op("i64.extend_i32_s");
  }
  emitter.advance();
  // The rest of a growth is an instruction of its own.
  if (op === TABLE_GROW_I64) emitter.advance();
  emitter.pending = noCost;
  emitter.stretch = noCost;
  frame.pop(operands);
  if (hasResult) frame.push(result);
}

/** Type of a result: a size is as wide as addresses are, an entry is a reference. */
function resultType(emitter: BodyEmitter, op: number): HostType {
  const target = readU32(emitter.scope.program.code, emitter.pc * instructionBytes + 4);
  if (op === MEMORY_GROW) return isWideMemory(emitter, target) ? i64 : i32;
  const isTableSize = op === TABLE_SIZE || op === TABLE_GROW_I64;
  return isTableSize && isWideTable(emitter, target) ? i64 : i32;
}

/**
 * Operands from their locals, those of 64 bits as their lower halves. Where an upper half is not zero, code stops: the reference
 * says whether that is a trap or a growth that is refused.
 */
function writeOperands(emitter: BodyEmitter, count: number, safepoint: number): void {
  const { frame, out } = emitter;
  const operands = frame.topLocals(count).map((local, index) => {
    return { type: frame.operands[frame.height - count + index].type, local };
  });
  const wide = operands.filter(({ type }) => type === i64);
  if (wide.length > 0) {
    out.i64(0n);
    for (const { local } of wide) out.at("local.get", local).op("i64.or");
    out.i64(32n).op("i64.shr_u").i64(0n).op("i64.ne");
    emitter.openUnlikely();
    emitter.writeExit(safepoint);
    emitter.closeHost();
  }
  for (const { type, local } of operands) {
    out.at("local.get", local);
    if (type === i64) out.op("i32.wrap_i64");
  }
}

export function emitTime(emitter: BodyEmitter): void {
  emitter.addresses.cut();
  const { out, scope } = emitter;
  if (emitter.live) {
    emitter.settle();
    emitter.readsFuel = true;
    writeBudget(emitter);
    out.at("call", scope.timeIndex);
    out.i32(0).load("i64.load", scope.machineMemory, machineLayout.time);
  }
  emitter.advance();
  emitter.frame.push(i64);
}

function writeBudget({ out, scope, budget }: BodyEmitter): void {
  out.i32(0).at("local.get", budget);
  out.store("i64.store", scope.machineMemory, machineLayout.budgetAtHand);
}

/** Instruction and operands; whether it was done. */
export const runtimeCallSignature = { params: [i32, i32, i32, i32], results: [i32] } as const;
/** Operands and budget; what is left of the budget, or `unwindingBudget` if nothing was done. */
export const runtimeStubSignature = { params: [i32, i32, i32, i64], results: [i64] } as const;

const TABLE_GROW = opOf("table.grow");
const TABLE_GROW_I64 = opOf("table.grow.i64");
const TABLE_SIZE = opOf("table.size");
const MEMORY_GROW = opOf("memory.grow");
const FILL = opOf("memory.fill");
const COPY = opOf("memory.copy");
const READ = opOf("host.input_read");
/** log2 of the bytes of a chunk and of a leaf. */
const chunkShift = 12;
const leafShift = 7;
/** Host locals of a runtime stub. */
const local = { d: 0, s: 1, n: 2, budget: 3, left: 4 } as const;

/**
 * The function behind a runtime call. Copies, fills and reads of an input at hand of up to a chunk go through without the
 * executor if the chunks are ready and the budget suffices, those of nothing in any case; out of bounds the host's instruction traps.
 */
export function writeRuntimeStub(scope: ModuleScope, pc: number): FunctionCode {
  const frame = new Frame(runtimeStubSignature.params.length);
  frame.newLocal(i64);
  const { out } = frame;
  const { code } = scope.program;
  const at = pc * instructionBytes;
  const op = readU16(code, at);
  const target = readU32(code, at + 4);
  const readsInput = op === READ && readU32(code, at + 8) === 0;
  const write = () => {
    if (op === FILL) writeFill(scope, out, target);
    else writeCopy(scope, out, target, readsInput ? undefined : readU32(code, at + 8));
    out.at("local.get", local.left).op("return").op("end").op("end");
  };
  const isReachable = () => {
    writeIsReachable(scope, out, local.d, target);
    if (op === COPY) writeIsReachable(scope, out, local.s, readU32(code, at + 8));
  };
  if (op === FILL || op === COPY) {
    out.at("local.get", local.n).op("i32.eqz");
    isReachable();
    out.open("if").at("local.get", local.budget);
    out.i64(packed({ steps: 1, fuel: readU16(code, at + 2) })).op("i64.sub");
    writeIsPaid(out);
    write();
  }
  if (op === FILL || op === COPY || readsInput) {
    out.at("local.get", local.n).i32(1).op("i32.sub").i32(chunkBytes).op("i32.lt_u").open("if");
    writeReady(out, target);
    isReachable();
    if (readsInput) writeIsAtHand(scope, out);
    out.open("if");
    writeLeft(out, readU16(code, at + 2));
    writeIsPaid(out);
    write();
    out.op("end");
  }
  const machine = scope.machineMemory;
  out.i32(0).at("local.get", local.budget).store("i64.store", machine, machineLayout.budgetAtHand);
  out.i32(pc).at("local.get", local.d).at("local.get", local.s).at("local.get", local.n);
  out.at("call", scope.runtimeCallIndex).op("i32.eqz");
  out.open("if");
  if (scope.emission.isLight) out.op("unreachable");
  else out.i64(unwindingBudget).op("return");
  out.op("end");
  out.i32(0).load("i64.load", machine, machineLayout.budgetAtHand).op("end");
  return frame.body();
}

/** Whether the cards of the first and the last chunk are 0; only for 0 < n ≤ 4096 are there no others. */
function writeReady(out: Writer, memory: number): void {
  out.at("local.get", local.d).i32(chunkShift).op("i32.shr_u").load("i32.load8_u", memory, 0);
  writeEnd(out);
  out.i32(chunkShift).op("i32.shr_u").load("i32.load8_u", memory, 0);
  out.op("i32.or").op("i32.eqz");
}

const hiddenBytes = (scope: ModuleScope, memory: number): number =>
  hiddenPages(scope.program.memories[memory].maxPages) * pageBytes;

/** And whether the address, raised over the hidden pages, stays below 2^32: past it would lie the cards. */
function writeIsReachable(scope: ModuleScope, out: Writer, address: number, memory: number): void {
  out.at("local.get", address).i32(-hiddenBytes(scope, memory)).op("i32.lt_u").op("i32.and");
}

/** And whether the bytes lie in the part of the input that is in the host memory. */
function writeIsAtHand({ machineMemory }: ModuleScope, out: Writer): void {
  out.at("local.get", local.s).op("i64.extend_i32_u");
  out.at("local.get", local.n).op("i64.extend_i32_u").op("i64.add");
  out.i32(0).load("i64.load32_u", machineMemory, machineLayout.inputAtHand);
  out.op("i64.le_u").op("i32.and");
}

/** Address of the last byte. */
function writeEnd(out: Writer): void {
  out.at("local.get", local.d).at("local.get", local.n).op("i32.add").i32(1).op("i32.sub");
}

/** The budget less one step and its fuel for each leaf. */
function writeLeft(out: Writer, fuel: number): void {
  out.at("local.get", local.budget);
  writeEnd(out);
  out.i32(leafShift).op("i32.shr_u");
  out.at("local.get", local.d).i32(leafShift).op("i32.shr_u").op("i32.sub").i32(1).op("i32.add");
  out
    .op("i64.extend_i32_u")
    .i64(packed({ steps: 1, fuel }))
    .op("i64.mul")
    .op("i64.sub");
}

/** What is left, and whether it is not exhausted. */
function writeIsPaid(out: Writer): void {
  out.at("local.tee", local.left).i64(exhaustedMask).op("i64.and").op("i64.eqz").open("if");
}

function writeTarget(scope: ModuleScope, out: Writer, target: number): void {
  out.at("local.get", local.d).i32(hiddenBytes(scope, target)).op("i32.add");
  out.at("local.get", local.s);
}

function writeFill(scope: ModuleScope, out: Writer, target: number): void {
  writeTarget(scope, out, target);
  out.at("local.get", local.n).code(codeOf(FILL)).unsigned(target);
}

/** From a memory of the program, or from the input. */
function writeCopy(
  scope: ModuleScope,
  out: Writer,
  target: number,
  source: number | undefined,
): void {
  writeTarget(scope, out, target);
  if (source !== undefined) out.i32(hiddenBytes(scope, source)).op("i32.add");
  out.at("local.get", local.n).code(codeOf(COPY)).unsigned(target);
  out.unsigned(source ?? scope.inputMemory);
}

const codeOf = (op: number): number => (executedRow(op) as InstructionRow).code;
