/**
 * Parametric instructions, constants, variables and references (spec 2.0 §4.4.2–4.4.5).
 * Twin of contracts/src/judge/step/ParametricStep.sol: the same functions under the same banners in the same order.
 *
 * Invariant: slots are copied whole, so bits of any type stay as they are.
 */
import type { Access } from "../access.ts";
import { type Handlers, push, replace, TRAP_NONE } from "./handler.ts";

// Parametric

function drop(m: Access): number {
  const top = m.sp - 1;
  m.openStack(top, top);
  m.pop(1);
  return TRAP_NONE;
}

function select(m: Access): number {
  const top = m.sp - 1;
  m.openStack(top - 2, top);
  if (m.low(top) === 0) m.copySlot(top - 1, top - 2);
  m.pop(2);
  return TRAP_NONE;
}

function dropV128(m: Access): number {
  m.openStack(m.sp - 2, m.sp - 1);
  m.pop(2);
  return TRAP_NONE;
}

function selectV128(m: Access): number {
  const base = m.sp - 5;
  m.openStack(base, base + 4);
  if (m.low(base + 4) === 0) copyPair(m, base + 2, base);
  m.pop(3);
  return TRAP_NONE;
}

// Locals

function localGet(m: Access): number {
  const local = m.fp + m.a;
  m.openStack(local, m.sp);
  m.copySlot(local, m.sp);
  m.sp++;
  return TRAP_NONE;
}

function localSet(m: Access): number {
  const local = m.fp + m.a;
  const top = m.sp - 1;
  m.openStack(local, top);
  m.copySlot(top, local);
  m.pop(1);
  return TRAP_NONE;
}

function localTee(m: Access): number {
  const local = m.fp + m.a;
  const top = m.sp - 1;
  m.openStack(local, top);
  m.copySlot(top, local);
  return TRAP_NONE;
}

function localGetV128(m: Access): number {
  const local = m.fp + m.a;
  m.openStackPairs(local, m.sp);
  copyPair(m, local, m.sp);
  m.sp += 2;
  return TRAP_NONE;
}

function localSetV128(m: Access): number {
  const local = m.fp + m.a;
  m.openStackPairs(local, m.sp - 2);
  copyPair(m, m.sp - 2, local);
  m.pop(2);
  return TRAP_NONE;
}

function localTeeV128(m: Access): number {
  const local = m.fp + m.a;
  m.openStackPairs(local, m.sp - 2);
  copyPair(m, m.sp - 2, local);
  return TRAP_NONE;
}

// Globals

function globalGet(m: Access): number {
  m.openStack(m.sp, m.sp);
  m.openGlobal(m.a);
  m.setSlot(m.sp, m.globalLow(m.a), m.globalHigh(m.a));
  m.sp++;
  return TRAP_NONE;
}

function globalSet(m: Access): number {
  const top = m.sp - 1;
  m.openStack(top, top);
  m.openGlobal(m.a);
  m.setGlobal(m.a, m.low(top), m.high(top));
  m.pop(1);
  return TRAP_NONE;
}

function globalGetV128(m: Access): number {
  m.openStack(m.sp, m.sp + 1);
  m.openGlobalPair(m.a);
  for (let half = 0; half < 2; half++) {
    m.setSlot(m.sp + half, m.globalLow(m.a + half), m.globalHigh(m.a + half));
  }
  m.sp += 2;
  return TRAP_NONE;
}

function globalSetV128(m: Access): number {
  const base = m.sp - 2;
  m.openStack(base, base + 1);
  m.openGlobalPair(m.a);
  for (let half = 0; half < 2; half++) {
    m.setGlobal(m.a + half, m.low(base + half), m.high(base + half));
  }
  m.pop(2);
  return TRAP_NONE;
}

// Constants

function i32Const(m: Access): number {
  return push(m, m.c, 0);
}

function i64Const(m: Access): number {
  return push(m, m.c, m.b);
}

function f32Const(m: Access): number {
  return push(m, m.c, 0);
}

function f64Const(m: Access): number {
  return push(m, m.c, m.b);
}

// References

function refNull(m: Access): number {
  return push(m, 0, 0);
}

function refIsNull(m: Access): number {
  const top = m.sp - 1;
  m.openStack(top, top);
  replace(m, 1, m.low(top) === 0 ? 1 : 0, 0);
  return TRAP_NONE;
}

function refFunc(m: Access): number {
  return push(m, m.a, 0);
}

// Primitives

function copyPair(m: Access, from: number, to: number): void {
  m.copySlot(from, to);
  m.copySlot(from + 1, to + 1);
}

// By mnemonic

export const parametricHandlers: Handlers<"parametric"> = {
  drop,
  select,
  "local.get": localGet,
  "local.set": localSet,
  "local.tee": localTee,
  "global.get": globalGet,
  "global.set": globalSet,
  "i32.const": i32Const,
  "i64.const": i64Const,
  "f32.const": f32Const,
  "f64.const": f64Const,
  "ref.null": refNull,
  "ref.is_null": refIsNull,
  "ref.func": refFunc,
  "drop.v128": dropV128,
  "select.v128": selectV128,
  "local.get.v128": localGetV128,
  "local.set.v128": localSetV128,
  "local.tee.v128": localTeeV128,
  "global.get.v128": globalGetV128,
  "global.set.v128": globalSetV128,
};
