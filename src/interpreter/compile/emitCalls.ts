/**
 * Emits calls. A caller hands on the settled budget and the room that its callee has; behind the call it finds an
 * exhausted budget if the callee ran out or was spilled, and then spills itself.
 *
 * Invariant: a frame that can be stopped during a call has every operand under the arguments in its local.
 */
import type { FunctionType } from "../binary/module.ts";
import { readU32 } from "../program/bigEndian.ts";
import { instructionBytes } from "../program/program.ts";
import type { BodyEmitter } from "./bodyEmitter.ts";
import { noCost, packed, plus } from "./budget.ts";
import type { EmittedCall } from "./emissionLog.ts";
import { hostSignature, hostType, i32 } from "./hostTypes.ts";

export function emitCall(
  emitter: BodyEmitter,
  index: number,
  type: FunctionType,
  isTail: boolean,
): void {
  const { scope } = emitter;
  emitter.advance();
  emitter.addresses.cut();
  if (isTail) {
    writeArguments(emitter, type, true);
    noteCall(emitter, index, 0, frameOf(emitter, index), "tail");
    finishTail(emitter, () => emitter.out.at("return_call", scope.functionIndex(index)));
    return;
  }
  if (scope.log.isSafepointFree(index)) {
    emitSafepointFreeCall(emitter, index, type);
    return;
  }
  emitter.frame.flush();
  writeArguments(emitter, type, false);
  if (emitter.live) emitter.out.at("call", scope.functionIndex(index));
  afterCall(emitter, type, index, frameOf(emitter, index));
}

/** A callee that never stops: the pending cost stays pending. */
function emitSafepointFreeCall(emitter: BodyEmitter, index: number, type: FunctionType): void {
  const { frame, out, scope } = emitter;
  frame.useExact(type.params.length);
  frame.pop(type.params.length);
  noteCall(emitter, index, frame.height, frameOf(emitter, index), "unchecked");
  if (emitter.live) {
    out.at("local.get", emitter.budget).i64(0n);
    out.at("call", scope.functionIndex(index)).at("local.set", emitter.budget);
  }
  emitter.stretch = plus(emitter.stretch, scope.plans[index].total);
  for (const result of type.results) frame.push(hostType(result));
}

export function emitIndirectCall(emitter: BodyEmitter, isTail: boolean): void {
  const { cursor, scope, source, frame, out } = emitter;
  const type = source.module.types[cursor.index];
  const at = emitter.pc * instructionBytes;
  const table = readU32(scope.program.code, at + 4);
  const typeId = readU32(scope.program.code, at + 8);
  emitter.advance();
  emitter.addresses.cut();
  const entry = frame.scratch("entry", i32);
  frame.use(1);
  frame.pop(1);
  if (emitter.live) out.at("local.set", entry);
  if (!isTail) frame.flush();
  writeArguments(emitter, type, isTail);
  const signature = scope.typeIndex(scope.signatures.get(typeId) ?? hostSignature(type));
  const write = (mnemonic: "call_indirect" | "return_call_indirect") => {
    out.at("local.get", entry).at(mnemonic, signature).unsigned(table);
  };
  if (isTail) {
    noteCall(emitter, undefined, 0, scope.frames.get(typeId) ?? 0, "tail");
    finishTail(emitter, () => write("return_call_indirect"));
  } else {
    if (emitter.live) write("call_indirect");
    afterCall(emitter, type, undefined, scope.frames.get(typeId) ?? 0);
  }
}

/** Slots of a function's frame. */
function frameOf({ scope }: BodyEmitter, index: number): number {
  return scope.program.functions[index].frame;
}

/** `height`: operands that stay under the callee's frame. */
function noteCall(
  emitter: BodyEmitter,
  callee: number | undefined,
  height: number,
  frame: number,
  kind: EmittedCall["kind"],
): void {
  if (!emitter.live) return;
  if (kind !== "unchecked") emitter.canExit = true;
  const base = kind === "tail" ? 0 : emitter.source.locals.length + height;
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
  out.at("local.get", emitter.room);
  if (isTail) return;
  out.i64(-packed({ steps: emitter.source.locals.length + frame.height, fuel: 1 })).op("i64.add");
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
  const callee = { base: source.locals.length + frame.height, results: type.results.length };
  if (emitter.live) out.at("local.set", emitter.budget);
  emitter.pending = noCost;
  emitter.stretch = noCost;
  const { height } = frame;
  for (const result of type.results) frame.push(hostType(result));
  frame.flush();
  const isChecked = emitter.check("afterCall", undefined, callee);
  noteCall(emitter, index, height, slots, isChecked ? "checked" : "unchecked");
}
