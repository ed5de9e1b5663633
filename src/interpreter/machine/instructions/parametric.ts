/**
 * Handlers of constants, variables, references and parametric instructions (spec 2.0 §4.4.2–4.4.5).
 *
 * Invariant: slots are copied whole, so bits of any type stay as they are.
 */
import type { MachineState } from "../state.ts";
import type { Handler } from "./handler.ts";
import { copySlot, peekI32, pushI32, setI32 } from "./handler.ts";

export type ParametricMnemonic =
  | "drop"
  | "select"
  | "local.get"
  | "local.set"
  | "local.tee"
  | "global.get"
  | "global.set"
  | "i32.const"
  | "i64.const"
  | "f32.const"
  | "f64.const"
  | "ref.null"
  | "ref.is_null"
  | "ref.func";

function pushWords(state: MachineState, low: number, high: number): void {
  state.stack[state.sp * 2] = low;
  state.stack[state.sp * 2 + 1] = high;
  state.sp++;
}

const constant32: Handler = (state, { pc, c }) => {
  pushI32(state, c);
  return pc + 1;
};

const constant64: Handler = (state, { pc, b, c }) => {
  pushWords(state, c, b);
  return pc + 1;
};

export const parametricHandlers: Record<ParametricMnemonic, Handler> = {
  drop: (state, { pc }) => {
    state.sp--;
    return pc + 1;
  },
  select: (state, { pc }) => {
    if (peekI32(state) === 0) copySlot(state, state.sp - 2, state.sp - 3);
    state.sp -= 2;
    return pc + 1;
  },
  "local.get": (state, { pc, a }) => {
    copySlot(state, state.fp + a, state.sp);
    state.sp++;
    return pc + 1;
  },
  "local.set": (state, { pc, a }) => {
    state.sp--;
    copySlot(state, state.sp, state.fp + a);
    return pc + 1;
  },
  "local.tee": (state, { pc, a }) => {
    copySlot(state, state.sp - 1, state.fp + a);
    return pc + 1;
  },
  "global.get": (state, { pc, a }) => {
    pushWords(state, state.globals[a * 2], state.globals[a * 2 + 1]);
    return pc + 1;
  },
  "global.set": (state, { pc, a }) => {
    state.sp--;
    state.globals[a * 2] = state.stack[state.sp * 2];
    state.globals[a * 2 + 1] = state.stack[state.sp * 2 + 1];
    return pc + 1;
  },
  "i32.const": constant32,
  "f32.const": constant32,
  "i64.const": constant64,
  "f64.const": constant64,
  "ref.null": (state, { pc }) => {
    pushWords(state, 0, 0);
    return pc + 1;
  },
  "ref.is_null": (state, { pc }) => {
    setI32(state, state.sp - 1, peekI32(state) === 0 ? 1 : 0);
    return pc + 1;
  },
  "ref.func": (state, { pc, a }) => {
    pushI32(state, a);
    return pc + 1;
  },
};
