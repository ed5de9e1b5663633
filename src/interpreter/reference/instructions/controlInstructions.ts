/**
 * Control instructions: branches, calls, returns (docs/machine.md §7; spec 2.0 §4.4.8).
 * Twin of contracts/src/judge/step/ControlStep.sol: the same functions under the same banners in the same order.
 *
 * Invariant: values move down only; what a branch, return or call unwinds is cut off by one move.
 */

import { trapCodes } from "../../isa/trapCodes.ts";
import { haltedPc } from "../../program/program.ts";
import { statusCodes } from "../../state/machineState.ts";
import type { Access } from "../access.ts";
import { type Handlers, TRAP_NONE, tableSize, unsigned } from "./handler.ts";

/** What a call needs to know of its callee: what its function entry says. */
export interface Callee {
  entry: number;
  params: number;
  locals: number;
  frame: number;
}

/** One for all: a step is not re-entrant. */
const callee: Callee = { entry: 0, params: 0, locals: 0, frame: 0 };

// Nothing

function unreachable(_m: Access): number {
  return trapCodes.unreachable;
}

function nop(_m: Access): number {
  return TRAP_NONE;
}

// Branches

function ifThen(m: Access): number {
  const top = m.sp - 1;
  m.openStack(top, top);
  if (m.low(top) === 0) m.nextPc = m.a;
  m.pop(1);
  return TRAP_NONE;
}

function elseJump(m: Access): number {
  m.nextPc = m.a;
  return TRAP_NONE;
}

function br(m: Access): number {
  const destination = m.fp + m.b;
  m.openMove(0, m.c, destination);
  m.move(0, m.c, destination);
  m.nextPc = m.a;
  return TRAP_NONE;
}

function brIf(m: Access): number {
  const destination = m.fp + m.b;
  m.openMove(1, m.c, destination);
  if (m.low(m.sp - 1) === 0) {
    m.pop(1);
  } else {
    m.move(1, m.c, destination);
    m.nextPc = m.a;
  }
  return TRAP_NONE;
}

function brTable(m: Access): number {
  const label = m.claimLabel(m.b);
  const entry = m.a + label;
  m.openBranch(entry);
  const target = m.branchWord(entry, 0);
  const shape = m.branchWord(entry, 1);
  const destination = m.fp + (shape >>> 16);
  const arity = shape & 0xffff;
  m.openMove(1, arity, destination);
  m.requireLabel(label, Math.min(m.low(m.sp - 1) >>> 0, m.b));
  m.move(1, arity, destination);
  m.nextPc = target;
  return TRAP_NONE;
}

// Returns

function returnFrom(m: Access): number {
  m.openMove(0, m.a, m.fp);
  m.move(0, m.a, m.fp);
  if (m.depth === 0) {
    m.status = statusCodes.returned;
    m.nextPc = haltedPc;
    m.fp = 0;
    return TRAP_NONE;
  }
  m.depth--;
  m.openFrame();
  m.nextPc = m.frameWord(0);
  m.fp = m.frameWord(1);
  m.setFrame(0, 0);
  return TRAP_NONE;
}

// Calls

function call(m: Access): number {
  return enterCall(m, directCallee(m));
}

function callIndirect(m: Access): number {
  const top = m.sp - 1;
  m.openStack(top, top);
  const trap = resolve(m, m.a, m.b, unsigned(m, top), callee);
  if (trap !== TRAP_NONE) return trap;
  m.pop(1);
  return enterCall(m, callee);
}

function returnCall(m: Access): number {
  const { params, frame } = directCallee(m);
  if (m.fp + frame > m.stackLimit) return trapCodes.callStackExhausted;
  m.openMove(0, params, m.fp);
  return enter(m, 0, callee);
}

function returnCallIndirect(m: Access): number {
  m.openMove(1, m.c, m.fp);
  const trap = resolve(m, m.a, m.b, unsigned(m, m.sp - 1), callee);
  if (trap !== TRAP_NONE) return trap;
  if (m.fp + callee.frame > m.stackLimit) return trapCodes.callStackExhausted;
  return enter(m, 1, callee);
}

/** The callee that the instruction of a direct call names. */
function directCallee(m: Access): Callee {
  callee.entry = m.a;
  callee.params = m.b >>> 16;
  callee.locals = m.b & 0xffff;
  callee.frame = m.c;
  return callee;
}

function enterCall(m: Access, { entry, params, locals, frame }: Callee): number {
  const newFp = m.sp - params;
  if (m.depth >= m.frameLimit || newFp + frame > m.stackLimit) return trapCodes.callStackExhausted;
  m.openFrame();
  m.setFrame(m.pc + 1, m.fp);
  m.depth++;
  m.fp = newFp;
  m.zeroSlots(newFp + params, newFp + locals);
  m.sp = newFp + locals;
  m.nextPc = entry;
  return TRAP_NONE;
}

/** Moves the arguments down to fp and enters the callee in the caller's place. */
function enter(m: Access, pops: number, { entry, params, locals }: Callee): number {
  m.move(pops, params, m.fp);
  m.zeroSlots(m.fp + params, m.fp + locals);
  m.sp = m.fp + locals;
  m.nextPc = entry;
  return TRAP_NONE;
}

/** Finds the callee of an indirect call of a type through entry `index` of a table, or the trap in its way. */
export function resolve(
  m: Access,
  table: number,
  type: number,
  index: number,
  found: Callee,
): number {
  if (index >= tableSize(m, table)) return trapCodes.undefinedElement;
  m.openEntry(table, index);
  const reference = m.entryLow(table, index);
  if (reference === 0) return trapCodes.uninitializedElement;
  const functionEntry = reference - 1;
  m.openFunction(functionEntry);
  if (m.functionWord(functionEntry, 0) !== type) return trapCodes.indirectCallTypeMismatch;
  const shape = m.functionWord(functionEntry, 2);
  found.entry = m.functionWord(functionEntry, 1);
  found.params = shape >>> 16;
  found.locals = shape & 0xffff;
  found.frame = m.functionWord(functionEntry, 3);
  return TRAP_NONE;
}

export const controlHandlers: Handlers<"control"> = {
  unreachable,
  nop,
  if: ifThen,
  else: elseJump,
  br,
  br_if: brIf,
  br_table: brTable,
  return: returnFrom,
  call,
  call_indirect: callIndirect,
  return_call: returnCall,
  return_call_indirect: returnCallIndirect,
};
