/**
 * Parametric instructions, constants, variables and references (spec 2.0 §4.4.2–4.4.5).
 * Twin of contracts/src/step/ParametricStep.sol: the same functions under the same banners in the same order.
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

// References

function refIsNull(m: Access): number {
  const top = m.sp - 1;
  m.openStack(top, top);
  replace(m, 1, m.low(top) === 0 ? 1 : 0, 0);
  return TRAP_NONE;
}

export const parametricHandlers: Handlers<"parametric"> = {
  drop,
  select,
  "local.get": localGet,
  "local.set": localSet,
  "local.tee": localTee,
  "global.get": globalGet,
  "global.set": globalSet,
  "i32.const": (m) => push(m, m.c, 0),
  "i64.const": (m) => push(m, m.c, m.b),
  "f32.const": (m) => push(m, m.c, 0),
  "f64.const": (m) => push(m, m.c, m.b),
  "ref.null": (m) => push(m, 0, 0),
  "ref.is_null": refIsNull,
  "ref.func": (m) => push(m, m.a, 0),
};
