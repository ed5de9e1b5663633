/**
 * Functions of emitted modules that are not the program's: entrances from outside, the way to the executor before a
 * store, spill records, globals in and out.
 *
 * Invariant: values cross to and from the executor in the machine memory only (hostLayout.ts), as their slots of eight bytes.
 */
import { slotsOf } from "../binary/valueType.ts";
import { globalChunkSize } from "../state/globals.ts";
import { noCost, stepBits, stepMask, unwindingBudget } from "./budget.ts";
import type { FunctionPlan } from "./functionPlan.ts";
import type { FunctionCode } from "./hostFrame.ts";
import { Frame } from "./hostFrame.ts";
import { machineLayout } from "./hostLayout.ts";
import type { HostSignature, HostType } from "./hostTypes.ts";
import { f64, i32, i64, slotsOfAll } from "./hostTypes.ts";
import { noLazyLocals } from "./lazyLocals.ts";
import type { ModuleScope } from "./moduleScope.ts";
import { writeSpillRecord } from "./spillRecord.ts";

/** log2 of the bytes of a chunk. */
const chunkShift = 12;

/** Type of the integer that holds a global's bits. */
export function bitsType(type: HostType): HostType {
  return type === i64 || type === f64 ? i64 : i32;
}

/** A function that the reference keeps (engineBounds.ts): it stops at its entry, whatever the budget, with its parameters. */
export function opaqueCode(scope: ModuleScope, plan: FunctionPlan): FunctionCode {
  const { index, entry, signature } = plan;
  const { params, results } = signature;
  const frame = new Frame(params.length);
  params.slice(0, -2).forEach((type, local) => void frame.spill(local, type));
  const runs = [{ slot: 0, slots: frame.spilledSlots }];
  const safepoint = scope.log.addSafepoint({
    kind: "entry",
    function: index,
    pc: entry.entryPc,
    pending: noCost,
    operands: undefined,
    shape: { values: frame.spilledSlots, runs, lazyLocals: noLazyLocals },
    lazyChanges: 0,
    callee: undefined,
  });
  scope.log.noteExit(safepoint);
  scope.log.noteFunction(index, { canExit: true, readsFuel: false });
  const stoppedAt = frame.newLocal(i32);
  frame.out.i32(safepoint).at("local.set", stoppedAt);
  writeSpillRecord(frame, scope.machineMemory, stoppedAt, params.length - 2);
  for (const type of results.slice(0, -1)) frame.writeZero(type);
  frame.out.i64(unwindingBudget).op("end");
  return frame.body();
}

/**
 * Stands for every function of a signature that no module holds: the executor may make the call (nestedCalls.ts), else it
 * stops at the function's entry with the parameters, and with what the caller says of its callee as one value more.
 */
export function stubCode(scope: ModuleScope, { params, results }: HostSignature): FunctionCode {
  const frame = new Frame(params.length);
  const { out } = frame;
  params.slice(0, -2).forEach((type, local) => void frame.spill(local, type));
  const runs = [{ slot: 0, slots: frame.spilledSlots }];
  const callee = frame.newLocal(i64);
  frame.spill(callee, i64);
  const safepoint = scope.log.addSafepoint({
    kind: "outside",
    function: -1,
    pc: -1,
    pending: noCost,
    operands: undefined,
    shape: { values: frame.spilledSlots, runs, lazyLocals: noLazyLocals },
    lazyChanges: 0,
    callee: undefined,
  });
  scope.log.noteExit(safepoint);
  const stoppedAt = frame.newLocal(i32);
  writeNestedCall(scope, frame, { params, results });
  out.i32(0).load("i64.load", scope.machineMemory, machineLayout.callee).at("local.set", callee);
  out.i32(safepoint).at("local.set", stoppedAt);
  writeSpillRecord(frame, scope.machineMemory, stoppedAt, params.length - 2);
  for (const type of results.slice(0, -1)) frame.writeZero(type);
  out.i64(unwindingBudget).op("end");
  return frame.body();
}

/** Asks the executor for the call; returns its results, and the budget behind it, if it was made or has stopped. */
function writeNestedCall(
  scope: ModuleScope,
  frame: Frame,
  { params, results }: HostSignature,
): void {
  const { out } = frame;
  const { machineMemory: machine, slotsAddress } = scope;
  const [budget, room] = [params.length - 2, params.length - 1];
  out.i32(0).at("local.get", budget).store("i64.store", machine, machineLayout.budgetAtHand);
  let address = slotsAddress;
  params.slice(0, -2).forEach((type, local) => {
    out.i32(0).at("local.get", local);
    frame.writeSlots(type, machine, address);
    address += slotsOf(type) * 8;
  });
  out.at("local.get", room).op("i32.wrap_i64").i32(stepMask).op("i32.and");
  out.at("local.get", room).i64(BigInt(stepBits)).op("i64.shr_u").op("i32.wrap_i64");
  out.at("call", scope.nestedCallIndex).open("if");
  address = slotsAddress;
  for (const type of results.slice(0, -1)) {
    out.i32(0);
    frame.readSlots(type, machine, address);
    address += slotsOf(type) * 8;
  }
  out.i32(0).load("i64.load", machine, machineLayout.budgetAtHand).op("return").op("end");
}

/** Types of the write barrier: address, offset, width, budget; it returns the budget. */
export const barrierSignature = { params: [i32, i32, i32, i64], results: [i64] } as const;

/** Tells stores whose chunks are ready from those that need the executor, which function 0 leads to. */
export function barrierCode(scope: ModuleScope, memory: number): FunctionCode {
  const frame = new Frame(barrierSignature.params.length);
  const { out } = frame;
  const machine = scope.machineMemory;
  const effective = frame.newLocal(i32);
  out.at("local.get", 0).at("local.get", 1).op("i32.add").at("local.tee", effective);
  out.i32(chunkShift).op("i32.shr_u").load("i32.load8_u", memory, 0);
  out.at("local.get", effective).at("local.get", 2).op("i32.add").i32(1).op("i32.sub");
  out.i32(chunkShift).op("i32.shr_u").load("i32.load8_u", memory, 0);
  out.op("i32.or").op("i32.eqz").open("if").at("local.get", 3).op("return").op("end");
  out.i32(0).at("local.get", 3).store("i64.store", machine, machineLayout.budgetAtHand);
  out.i32(memory).at("local.get", 0).at("local.get", 1).at("local.get", 2).at("call", 0);
  out.i32(0).load("i64.load", machine, machineLayout.budgetAtHand).op("end");
  return frame.body();
}

/**
 * Enters a function from outside: arguments, budget and room from the machine memory, results and budget into it.
 * The function is the given one, or that of the wrapper's parameter in the table of all functions.
 */
export function entranceCode(
  scope: ModuleScope,
  signature: HostSignature,
  target: number | undefined,
): FunctionCode {
  const { params, results } = signature;
  const frame = new Frame(1);
  const { out } = frame;
  const machine = scope.machineMemory;
  let slot = 0;
  for (const type of params.slice(0, -2)) {
    out.i32(0);
    frame.readSlots(type, machine, scope.slotsAddress + slot * 8);
    slot += slotsOf(type);
  }
  out.i32(0).load("i64.load", machine, machineLayout.budget);
  out.i32(0).load("i64.load", machine, machineLayout.room);
  if (target !== undefined) {
    out.at("call", target);
  } else {
    const type = scope.typeIndex(signature);
    out.at("local.get", 0).at("call_indirect", type).unsigned(scope.functionTable);
  }
  let end = slotsOfAll(results) - 1;
  [...results].reverse().forEach((type, place) => {
    const local = frame.newLocal(type);
    out.at("local.set", local).i32(0).at("local.get", local);
    if (place > 0) end -= slotsOf(type);
    const address = place === 0 ? machineLayout.budget : scope.slotsAddress + end * 8;
    frame.writeSlots(type, machine, address);
  });
  out.op("end");
  return frame.body();
}

/** Copies a chunk of the globals from the machine memory. */
export function loadGlobalsCode(scope: ModuleScope, chunk: number): FunctionCode {
  const { machineMemory } = scope;
  const frame = new Frame(0);
  const { out } = frame;
  for (const { index, type } of globalsOf(scope, chunk)) {
    out.i32(0).load("i64.load", machineMemory, machineLayout.globals + index * 8);
    if (bitsType(type) === i32) out.op("i32.wrap_i64");
    out.at("global.set", index);
  }
  out.op("end");
  return frame.body();
}

/** Copies a chunk of the globals into the machine memory. */
export function storeGlobalsCode(scope: ModuleScope, chunk: number): FunctionCode {
  const { machineMemory } = scope;
  const frame = new Frame(0);
  const { out } = frame;
  for (const { index, type } of globalsOf(scope, chunk)) {
    out.i32(0).at("global.get", index);
    if (bitsType(type) === i32) out.op("i64.extend_i32_u");
    out.store("i64.store", machineMemory, machineLayout.globals + index * 8);
  }
  out.op("end");
  return frame.body();
}

function globalsOf(
  { globalTypes }: ModuleScope,
  chunk: number,
): { index: number; type: HostType }[] {
  const first = chunk * globalChunkSize;
  return globalTypes
    .slice(first, first + globalChunkSize)
    .map((type, place) => ({ index: first + place, type }));
}

/** Writes its parameters behind the first two, safepoint and budget, as a spill record. */
export function spillCode(
  { machineMemory }: ModuleScope,
  types: readonly HostType[],
): FunctionCode {
  const frame = new Frame(types.length + 2);
  types.forEach((type, index) => void frame.spill(index + 2, type));
  writeSpillRecord(frame, machineMemory, 0, 1);
  frame.out.op("end");
  return frame.body();
}
