/**
 * Constants, variables, references and parametric instructions (spec 2.0 §4.4.2–4.4.5): twin of the judge's
 * parametric family. Values are slots as they are: bits, never interpreted.
 */
import type { Handler, Handlers } from "./handlers.ts";
import { low32 } from "./machineStep.ts";

const const32: Handler = (step) => step.push(BigInt(step.record.c));
const const64: Handler = (step) =>
  step.push((BigInt(step.record.b) << 32n) | BigInt(step.record.c));

export const parametricHandlers: Handlers<"parametric"> = {
  drop(step) {
    step.popOperands(step.openStack(step.registers.sp - 1), 1);
  },

  select(step) {
    const { sp } = step.registers;
    const stack = step.openStack(sp - 3, sp - 2, sp - 1);
    const chosen = low32(stack.slot(sp - 1)) !== 0 ? stack.slot(sp - 3) : stack.slot(sp - 2);
    step.replaceOperands(stack, 3, chosen);
  },

  local_get(step) {
    const { registers, record } = step;
    const stack = step.openStack(registers.fp + record.a, registers.sp);
    stack.setSlot(registers.sp, stack.slot(registers.fp + record.a));
    registers.sp += 1;
  },

  local_set(step) {
    const { registers, record } = step;
    const stack = step.openStack(registers.fp + record.a, registers.sp - 1);
    stack.setSlot(registers.fp + record.a, stack.slot(registers.sp - 1));
    step.popOperands(stack, 1);
  },

  local_tee(step) {
    const { registers, record } = step;
    const stack = step.openStack(registers.fp + record.a, registers.sp - 1);
    stack.setSlot(registers.fp + record.a, stack.slot(registers.sp - 1));
  },

  global_get(step) {
    const { registers, record } = step;
    const stack = step.openStack(registers.sp);
    const globals = step.open("globals", [Math.floor(record.a / 16)]);
    stack.setSlot(registers.sp, globals.slot(record.a));
    registers.sp += 1;
  },

  global_set(step) {
    const { registers, record } = step;
    const stack = step.openStack(registers.sp - 1);
    const globals = step.open("globals", [Math.floor(record.a / 16)]);
    globals.setSlot(record.a, stack.slot(registers.sp - 1));
    step.popOperands(stack, 1);
  },

  i32_const: const32,
  i64_const: const64,
  f32_const: const32,
  f64_const: const64,

  ref_null(step) {
    step.push(0n);
  },

  ref_is_null(step) {
    const { sp } = step.registers;
    const stack = step.openStack(sp - 1);
    step.replaceOperands(stack, 1, low32(stack.slot(sp - 1)) === 0 ? 1n : 0n);
  },

  ref_func(step) {
    step.push(BigInt(step.record.a));
  },
};
