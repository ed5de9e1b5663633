/**
 * Emits calls. A caller hands on the settled budget and the room that its callee has; behind the call it finds an
 * exhausted budget if the callee ran out or was spilled, and then spills itself.
 *
 * Invariant: a frame that can be stopped during a call has every operand under the arguments in its local.
 */
import type { FunctionType } from "../binary/module.ts";
import { typeSlots } from "../binary/valueType.ts";
import { readU32 } from "../program/bigEndian.ts";
import { instructionBytes } from "../program/program.ts";
import type { BodyEmitter } from "./bodyEmitter.ts";
import { type Cost, noCost, plus } from "./budget.ts";
import type { EmittedCall } from "./emissionLog.ts";
import { isWideTable, writeNarrow } from "./emitAddresses.ts";
import { machineLayout } from "./hostLayout.ts";
import { hostSignature, hostType, i32, isHostSignature } from "./hostTypes.ts";
import { leaveToReference } from "./leftToReference.ts";
import { longLightStretch } from "./lightChecks.ts";

export function emitCall(
  emitter: BodyEmitter,
  index: number,
  type: FunctionType,
  isTail: boolean,
): void {
  const { scope } = emitter;
  // A tail call carries fewer values.
  if (!scope.plans.isOfHost(index)) {
    leaveToReference(emitter, type.params.length, type.results.map(hostType));
    return;
  }
  emitter.advance();
  emitter.addresses.cut();
  if (isTail) {
    writeArguments(emitter, type, true);
    noteCall(emitter, index, 0, frameOf(emitter, index), "tail");
    finishTail(emitter, () => writeCall(emitter, index, true));
    return;
  }
  if (scope.isHere(index) && scope.log.isSafepointFree(index)) {
    emitSafepointFreeCall(emitter, index, type);
    return;
  }
  if (!emitter.isLight) emitter.frame.flush();
  writeArguments(emitter, type, false);
  if (emitter.live) writeCall(emitter, index, false);
  if (emitter.isLight) answerFor(emitter, scope.plans.uncheckedCost(index));
  afterCall(emitter, type, index, frameOf(emitter, index));
}

/** The call itself: of a function that the module holds, or through the table of all functions. */
function writeCall({ out, scope }: BodyEmitter, index: number, isTail: boolean): void {
  if (scope.isHere(index)) {
    out.at(isTail ? "return_call" : "call", scope.functionIndex(index));
    return;
  }
  scope.log.noteOutside(index);
  out.i32(0).i64Halves(index, 0).store("i64.store", scope.machineMemory, machineLayout.callee);
  const type = scope.typeIndex(scope.plans.signatureOf(index));
  const mnemonic = isTail ? "return_call_indirect" : "call_indirect";
  out.i32(index).at(mnemonic, type).unsigned(scope.functionTable);
}

/** Tells a stub which entry of a program table leads to it. */
function writeEntry({ out, scope }: BodyEmitter, table: number, entry: number): void {
  if (!scope.hasStubs) return;
  out.i32(0).at("local.get", entry).op("i64.extend_i32_u");
  out.i64(BigInt(table + 1) << 32n).op("i64.or");
  out.store("i64.store", scope.machineMemory, machineLayout.callee);
}

/** A callee that never stops: the pending cost stays pending. */
function emitSafepointFreeCall(emitter: BodyEmitter, index: number, type: FunctionType): void {
  const { frame, out, scope } = emitter;
  frame.useExact(type.params.length);
  frame.pop(type.params.length);
  noteCall(emitter, index, frame.slots, frameOf(emitter, index), "unchecked");
  if (emitter.live) {
    out.at("local.get", emitter.budget).i64(0n);
    out.at("call", scope.functionIndex(index)).at("local.set", emitter.budget);
  }
  emitter.stretch = plus(emitter.stretch, scope.plans.at(index).total);
  for (const result of type.results) frame.push(hostType(result));
}

export function emitIndirectCall(emitter: BodyEmitter, isTail: boolean): void {
  const { cursor, scope, source, frame, out } = emitter;
  const type = source.module.types[cursor.index];
  const at = emitter.pc * instructionBytes;
  const table = readU32(scope.program.code, at + 4);
  const typeId = readU32(scope.program.code, at + 8);
  const ofHost = scope.signatures.get(typeId) ?? hostSignature(type);
  // A host table has no function of such a type either. A tail call carries fewer values.
  if (!isHostSignature(ofHost)) {
    leaveToReference(emitter, type.params.length + 1, type.results.map(hostType));
    return;
  }
  emitter.advance();
  emitter.addresses.cut();
  const entry = frame.scratch("entry", i32);
  frame.use(1);
  frame.pop(1);
  if (emitter.live) {
    if (isWideTable(emitter, table)) writeNarrow(emitter);
    out.at("local.set", entry);
  }
  if (!isTail && !emitter.isLight) frame.flush();
  writeArguments(emitter, type, isTail);
  const signature = scope.typeIndex(ofHost);
  const write = (mnemonic: "call_indirect" | "return_call_indirect") => {
    writeEntry(emitter, table, entry);
    out.at("local.get", entry).at(mnemonic, signature).unsigned(table);
  };
  if (isTail) {
    noteCall(emitter, undefined, 0, scope.frames.get(typeId) ?? 0, "tail");
    finishTail(emitter, () => write("return_call_indirect"));
  } else {
    if (emitter.live) write("call_indirect");
    if (emitter.isLight) answerFor(emitter, scope.plans.uncheckedCostOfType(typeId));
    afterCall(emitter, type, undefined, scope.frames.get(typeId) ?? 0);
  }
}

/** Slots of a function's frame. */
function frameOf({ scope }: BodyEmitter, index: number): number {
  return scope.program.functions[index].frame;
}

/** `height`: slots of the operands that stay under the callee's frame. */
function noteCall(
  emitter: BodyEmitter,
  callee: number | undefined,
  height: number,
  frame: number,
  kind: EmittedCall["kind"],
): void {
  if (!emitter.live) return;
  if (kind !== "unchecked") emitter.canExit = true;
  const base = kind === "tail" ? 0 : emitter.source.localSlots + height;
  emitter.scope.log.noteCall({ caller: emitter.plan.index, callee, kind, slots: base + frame });
}

/** Arguments, budget, room on the host's stack; the arguments are no operands any more. */
function writeArguments(emitter: BodyEmitter, type: FunctionType, isTail: boolean): void {
  const { frame, out } = emitter;
  frame.useExact(type.params.length);
  frame.pop(type.params.length);
  if (!emitter.live) return;
  emitter.note();
  emitter.writeSettled();
  if (isTail) out.localGet(emitter.room);
  else emitter.writeRoomBut({ slots: emitter.source.localSlots + frame.slots, frames: 1 });
}

function finishTail(emitter: BodyEmitter, write: () => void): void {
  if (emitter.live) write();
  emitter.die();
  emitter.reachable = false;
}

function afterCall(
  emitter: BodyEmitter,
  type: FunctionType,
  index: number | undefined,
  slots: number,
): void {
  const { frame, out, source } = emitter;
  const callee = { base: source.localSlots + frame.slots, results: typeSlots(type).results };
  if (emitter.live) out.at("local.set", emitter.budget);
  const { slots: height } = frame;
  if (emitter.isLight) {
    behindLightCall(emitter, type);
    noteCall(emitter, index, height, slots, "light");
    return;
  }
  emitter.pending = noCost;
  emitter.stretch = noCost;
  for (const result of type.results) frame.push(hostType(result));
  frame.flush();
  const isChecked = emitter.check("afterCall", undefined, callee);
  noteCall(emitter, index, height, slots, isChecked ? "checked" : "unchecked");
}

/** What a callee without a check at its entry executes is its caller's stretch: any number of them may follow each other. */
function answerFor(emitter: BodyEmitter, unchecked: Cost): void {
  emitter.stretch = plus(emitter.stretch, unchecked);
}

/** The callee has returned; what it has left is looked at again at the next check only. */
function behindLightCall(emitter: BodyEmitter, type: FunctionType): void {
  emitter.pending = noCost;
  for (const result of type.results) emitter.frame.push(hostType(result));
  const { steps, fuel } = emitter.stretch;
  if (steps > longLightStretch.steps || fuel > longLightStretch.fuel) emitter.check("afterCall");
}
