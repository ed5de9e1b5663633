/**
 * Emits the instructions that are no branches: most stand as they are, with NaNs made canonical where bits can be
 * observed; some stop, because the reference executes them.
 *
 * Invariant: the operands of the program-side stack change exactly as the instruction's type says.
 */
import type { FunctionType } from "../binary/module.ts";
import { slotsOf } from "../binary/valueType.ts";
import { codeOf, opOf } from "../isa/table.ts";
import { readU16, readU32 } from "../program/bigEndian.ts";
import { instructionBytes } from "../program/program.ts";
import { globalChunkSize } from "../state/globals.ts";
import type { BodyEmitter } from "./bodyEmitter.ts";
import { emitAtomic } from "./emitAtomics.ts";
import { emitCall, emitIndirectCall } from "./emitCalls.ts";
import { emitLoad, emitMemorySize, emitStore } from "./emitMemory.ts";
import { emitRuntimeCall, emitTime, runtimeInstructions } from "./emitRuntimeCalls.ts";
import { readVectorGlobal, writeOperation, writeVectorGlobal } from "./emitVectors.ts";
import { functionTypes } from "./functionSource.ts";
import { machineLayout } from "./hostLayout.ts";
import type { HostType } from "./hostTypes.ts";
import { f32, f64, hostType, i32, v128 } from "./hostTypes.ts";
import { type InstructionShape, shapeOf } from "./instructionShape.ts";
import { placeOf } from "./keptLocals.ts";
import { leaveToReference } from "./leftToReference.ts";

const UNREACHABLE = codeOf("unreachable");
const CALL = codeOf("call");
const RETURN_CALL = codeOf("return_call");
const CALL_INDIRECT = codeOf("call_indirect");
const RETURN_CALL_INDIRECT = codeOf("return_call_indirect");
/** What instructions hold, which are other numbers than the codes of binaries. */
const INPUT_SIZE = opOf("host.input_size");
const INPUT_READ = opOf("host.input_read");
const OUTPUT_WRITE = opOf("host.output_write");
const TIME = opOf("host.time_ms");
const vectorAccesses: ReadonlySet<number> = new Set([
  opOf("global.get.v128"),
  opOf("global.set.v128"),
]);
const directCalls: ReadonlySet<number> = new Set([opOf("call"), opOf("return_call")]);

type Rule = (emitter: BodyEmitter) => void;

/** By dense number (isa/denseRows.ts), each made when it is first needed: the emitter asks once an instruction. */
const rulesOfDense: Rule[] = [];

/** The instruction that the cursor stands on. */
export function emitInstruction(emitter: BodyEmitter): void {
  const { dense, code } = emitter.cursor;
  let rule = rulesOfDense[dense];
  if (rule === undefined) {
    rule = rules.get(code) ?? ruleOfShape(shapeOf(code));
    rulesOfDense[dense] = rule;
  }
  rule(emitter);
}

/** The rule of an instruction of which its row says all. */
function ruleOfShape(shape: InstructionShape): Rule {
  const { row, operands, results } = shape;
  if (row.hostLacks) return (emitter) => leaveToReference(emitter, operands, results);
  if (row.family === "atomic") return (emitter) => emitAtomic(emitter, row, operands, results);
  if (row.family === "memory" || row.access !== undefined) {
    return (emitter) => emitMemory(emitter, shape);
  }
  return (emitter) => emitPlain(emitter, shape);
}

/** Operands, instruction, results. */
function emitPlain(emitter: BodyEmitter, shape: InstructionShape): void {
  const { frame } = emitter;
  emitter.advance();
  if (shape.seesBits) frame.useExact(shape.operands, shape.taken);
  else frame.use(shape.operands);
  frame.pop(shape.operands);
  if (emitter.live) writeOperation(emitter, shape.row);
  for (const type of shape.results) frame.push(type, shape.nans);
}

function emitMemory(emitter: BodyEmitter, { row, operands, results }: InstructionShape): void {
  const at = emitter.pc * instructionBytes;
  const { code } = emitter.scope.program;
  const a = readU32(code, at + 4);
  if (row.width === undefined) emitMemorySize(emitter, a);
  else if (row.access === "store") emitStore(emitter, row, readU32(code, at + 8), a);
  else emitLoad(emitter, row, readU32(code, at + 8), a, { operands, result: results[0] });
}

/** A trap of the host, found out by tracing, so that it alone gives no function an exit; a stop where there is one. */
function unreachable(emitter: BodyEmitter): void {
  if (!emitter.hasExit) {
    emitter.advance();
    if (emitter.live) emitter.out.op("unreachable");
    emitter.die();
  } else {
    leaveToReference(emitter, 0, []);
  }
  emitter.reachable = false;
}

function directCall(emitter: BodyEmitter): void {
  const { cursor, source, scope } = emitter;
  const isTail = cursor.code === RETURN_CALL;
  const op = readU16(scope.program.code, emitter.pc * instructionBytes);
  if (directCalls.has(op)) {
    const index = scope.program.modules[source.moduleIndex].functions[cursor.index];
    emitCall(emitter, index, functionType(emitter, cursor.index), isTail);
    return;
  }
  const { params, results } = functionType(emitter, cursor.index);
  if (op === INPUT_SIZE) inputSize(emitter);
  else if (op === INPUT_READ || op === OUTPUT_WRITE) emitRuntimeCall(emitter);
  else if (op === TIME) emitTime(emitter);
  else leaveToReference(emitter, params.length, results.map(hostType));
  if (isTail) emitter.writeReturn();
}

function inputSize(emitter: BodyEmitter): void {
  emitter.advance();
  if (emitter.live) {
    emitter.out.i32(0).load("i32.load", emitter.scope.machineMemory, machineLayout.inputSize);
  }
  emitter.frame.push(i32);
}

/** Type of a function by its index in the module. */
function functionType({ source: { module } }: BodyEmitter, index: number): FunctionType {
  return functionTypes(module)[index];
}

export function setLocal(emitter: BodyEmitter, index: number, isKept: boolean): void {
  const { frame, source, out } = emitter;
  const place = placeOf(source, index);
  emitter.advance();
  const floats = emitter.lazy.floats[place];
  if (floats === undefined || frame.top().type === v128) frame.useExact(1, floats);
  else frame.use(1);
  const local = emitter.locals[place];
  if (emitter.live && isKept) out.localTee(local);
  else if (emitter.live) out.localSet(local);
  const operand = frame.top();
  if (operand.type === i32) {
    operand.origin ??= emitter.addresses.fresh();
    emitter.addresses.setLocal(place, operand.origin);
  }
  if (!isKept) frame.pop(1);
}

/** Globals hold bits: floats as integers of their width, so that nothing can change a NaN on the way. */
function getGlobal(emitter: BodyEmitter): void {
  const { index, type } = globalAt(emitter);
  emitter.advance();
  if (type === v128) {
    if (emitter.live) readVectorGlobal(emitter, index);
  } else if (emitter.live) {
    emitter.out.at("global.get", emitter.scope.globalIndex(index));
    if (type === f32) emitter.out.op("f32.reinterpret_i32");
    if (type === f64) emitter.out.op("f64.reinterpret_i64");
  }
  emitter.frame.push(type);
}

function setGlobal(emitter: BodyEmitter): void {
  const { index, type } = globalAt(emitter);
  emitter.advance();
  emitter.frame.useExact(1);
  if (type === v128) {
    if (emitter.live) writeVectorGlobal(emitter, index);
  } else if (emitter.live) {
    if (type === f32) emitter.out.op("i32.reinterpret_f32");
    if (type === f64) emitter.out.op("i64.reinterpret_f64");
    emitter.out.at("global.set", emitter.scope.globalIndex(index));
  }
  if (emitter.live)
    for (let slot = 0; slot < slotsOf(type); slot++) markGlobal(emitter, index + slot);
  emitter.frame.pop(1);
}

/** Tells the executor that a chunk of globals has changed, where it does not look at all of them anyway. */
function markGlobal({ out, scope }: BodyEmitter, index: number): void {
  if (scope.globalMarks === undefined) return;
  const mark = scope.globalMarks + Math.floor(index / globalChunkSize);
  out.i32(0).i32(1).store("i32.store8", scope.machineMemory, mark);
}

/** First slot of a global of the program, and its type. */
function globalAt({ scope, source, cursor, pc }: BodyEmitter): { index: number; type: HostType } {
  const index = scope.program.modules[source.moduleIndex].globals[cursor.index];
  const isVector = vectorAccesses.has(readU16(scope.program.code, pc * instructionBytes));
  return { index, type: isVector ? v128 : scope.globalTypes[index] };
}

function drop(emitter: BodyEmitter): void {
  emitter.advance();
  if (emitter.live && emitter.frame.top().isOnStack) emitter.out.op("drop");
  emitter.frame.pop(1);
}

function select(emitter: BodyEmitter): void {
  const { frame } = emitter;
  emitter.advance();
  const [first, second] = frame.operands.slice(-3);
  const isMixed = first.lazy !== second.lazy;
  if (isMixed) frame.useExact(3);
  else frame.use(3);
  if (emitter.live) emitter.out.op("select");
  frame.pop(3);
  frame.push(first.type, first.lazy);
}

const constantTypes: ReadonlyMap<number, HostType> = new Map([
  [codeOf("f32.const"), f32],
  [codeOf("f64.const"), f64],
  [codeOf("v128.const"), v128],
]);

function constant(emitter: BodyEmitter): void {
  const { cursor, out } = emitter;
  const type = constantTypes.get(cursor.code) as HostType;
  emitter.advance();
  if (emitter.live) {
    if (type === f32) out.op("f32.const").word(cursor.low);
    else if (type === f64) out.op("f64.const").word(cursor.low).word(cursor.high);
    else out.op("v128.const").raw(cursor.vector);
  }
  emitter.frame.push(type);
}

/** A reference is its function's index plus one, null is zero. */
function reference(emitter: BodyEmitter): void {
  const bits = readU32(emitter.scope.program.code, emitter.pc * instructionBytes + 4);
  emitter.advance();
  if (emitter.live) emitter.out.i32(bits | 0);
  emitter.frame.push(i32);
}

function isNull(emitter: BodyEmitter): void {
  const { frame } = emitter;
  emitter.advance();
  frame.use(1);
  if (emitter.live) emitter.out.op("i32.eqz");
  frame.pop(1);
  frame.push(i32);
}

const rules: ReadonlyMap<number, Rule> = new Map<number, Rule>([
  ...runtimeInstructions.map((name): [number, Rule] => [codeOf(name), emitRuntimeCall]),
  [UNREACHABLE, unreachable],
  [codeOf("nop"), (emitter) => void emitter.advance()],
  [CALL, directCall],
  [RETURN_CALL, directCall],
  [CALL_INDIRECT, (emitter) => emitIndirectCall(emitter, false)],
  [RETURN_CALL_INDIRECT, (emitter) => emitIndirectCall(emitter, true)],
  [codeOf("drop"), drop],
  [codeOf("select"), select],
  [codeOf("select_t"), select],
  [codeOf("global.get"), getGlobal],
  [codeOf("global.set"), setGlobal],
  ...[...constantTypes.keys()].map((code): [number, Rule] => [code, constant]),
  [codeOf("ref.null"), reference],
  [codeOf("ref.func"), reference],
  [codeOf("ref.is_null"), isNull],
]);
