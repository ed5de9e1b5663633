/**
 * Beginning a call and reading its results (docs/machine.md §10).
 *
 * Invariant: `begin` is a pure function of state and input; stepCounter and fuelCounter go on, or start again in the next
 * era where the call could count past 2^53 − 1.
 */
import type { FunctionType, ValueType } from "../binary/module.ts";
import { valueTypes } from "../binary/module.ts";
import { checkBytes } from "../optionNames.ts";
import type { FunctionEntry, Program } from "../program/program.ts";
import type { MachineState } from "./machineState.ts";
import { statusCodes } from "./machineState.ts";
import { clearDirty } from "./memories.ts";
import { forgetRefusedGrow, forgetTrap } from "./trapRecord.ts";
import { slotsOfValue } from "./valueSlots.ts";

/**
 * Begins a gateway call on `input`. For a running genesis (stepCounter 0, a start function) it is the call already: then
 * `input` must be empty and nothing changes. Throws RangeError for a state that cannot begin one, for a program
 * without gateway, for an input longer than the program's limit; TypeError for an input that is no Uint8Array. The bytes
 * are copied.
 */
export function begin(state: MachineState, input: Uint8Array): void {
  checkBytes("the input", input);
  const { gateway, limits } = state.program.config;
  if (state.status === statusCodes.running) {
    if (state.stepCounter === 0 && input.length === 0) return;
    throw new RangeError("expected a machine that is not running");
  }
  if (gateway === undefined) {
    throw new RangeError(
      "expected a program with a gateway: name an exported function without parameters in the option gateway",
    );
  }
  if (input.length > limits.inputBytes) {
    throw new RangeError(
      `expected at most ${limits.inputBytes} bytes of input (limits.inputBytes), got ${input.length}`,
    );
  }
  enter(state, gateway, new Uint8Array(input));
}

/** An argument's bits, cut to its type's width; those of a vector may be its 16 bytes, as they lie in memory. */
export type Argument = bigint | Uint8Array;

/**
 * Begins an invocation by hand of the function with the given program-wide index, one argument a parameter. Throws
 * RangeError for a running machine, an unknown function, the wrong number of arguments, bytes that are no vector or a
 * reference to no function.
 */
export function beginInvocation(
  state: MachineState,
  functionIndex: number,
  args: readonly Argument[],
): void {
  const entry = state.program.functions[functionIndex];
  if (entry === undefined) {
    throw new RangeError(`expected a function index, got ${functionIndex}`);
  }
  if (state.status === statusCodes.running) {
    throw new RangeError("expected a machine that is not running");
  }
  const { params } = functionType(state.program, entry.typeId);
  if (args.length !== params.length) {
    throw new RangeError(`expected ${params.length} arguments, got ${args.length}`);
  }
  if (entry.frame > state.program.config.limits.stackSlots) {
    throw new RangeError(`expected a frame that fits the stack, got ${entry.frame} slots`);
  }
  const slots = args.flatMap((argument, index) =>
    slotsOfArgument(state.program, params[index], argument),
  );
  enter(state, entry, new Uint8Array(0));
  slots.forEach((bits, slot) => {
    state.stack[slot * 2] = Number(BigInt.asIntN(32, bits));
    state.stack[slot * 2 + 1] = Number(BigInt.asIntN(32, bits >> 32n));
  });
}

/** Where a state stands in the count of what has been executed. */
export type Counters = Pick<MachineState, "era" | "stepCounter" | "fuelCounter">;

/**
 * The counters with which the next call begins on a state, or those of a running one, which no call begins on: they go on, or
 * start again where the call could count past 2^53 − 1 (docs/machine.md §10).
 */
export function countersOfCall(
  { status, era, stepCounter, fuelCounter }: Counters & Pick<MachineState, "status">,
  { config }: Program,
): Counters {
  const isRunning = status === statusCodes.running;
  const next = isRunning ? era : eraOfCall(era, fuelCounter, config.limits.callFuel);
  return next === era
    ? { era, stepCounter, fuelCounter }
    : { era: next, stepCounter: 0, fuelCounter: 0 };
}

/** Values of the register. */
const eras = 2 ** 16;

/** The era of a call that begins behind so much fuel: another one, whose counters are 0, where it could count past 2^53 − 1. */
export function eraOfCall(
  era: number,
  fuelCounter: number | bigint,
  callFuel: number | bigint,
): number {
  // Right for all of 64 bits: what a number does not hold exactly is beyond the bound by itself.
  const couldPass = Number(fuelCounter) + Number(callFuel) > Number.MAX_SAFE_INTEGER;
  return couldPass ? (era + 1) % eras : era;
}

/** The type that a program-wide type id stands for. RangeError if there is none. */
export function functionType(program: Program, typeId: number): FunctionType {
  for (const { module, types } of program.modules) {
    const type = module.types[types.indexOf(typeId)];
    if (type !== undefined) return type;
  }
  throw new RangeError(`expected a type with id ${typeId}`);
}

function slotsOfArgument(program: Program, type: ValueType, argument: Argument): bigint[] {
  const isVector = type === valueTypes.v128;
  if (typeof argument === "bigint")
    return isVector ? slotsOfValue(type, argument) : [slotOf(program, type, argument)];
  if (!isVector || argument.length !== vectorBytes) {
    throw new RangeError(`expected bits, or ${vectorBytes} bytes of a vector`);
  }
  const bits = argument.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
  return slotsOfValue(type, bits);
}

const vectorBytes = 16;

/** A slot as docs/machine.md §1 wants it: what is narrower than 64 bits has zeros above. */
function slotOf(program: Program, type: ValueType, bits: bigint): bigint {
  if (type === valueTypes.i64 || type === valueTypes.f64) return BigInt.asUintN(64, bits);
  const slot = BigInt.asUintN(32, bits);
  if (type === valueTypes.funcref && slot > BigInt(program.functions.length)) {
    throw new RangeError(`expected a function's index and 1, or 0 for null, got ${bits}`);
  }
  return slot;
}

function enter(state: MachineState, entry: FunctionEntry, input: Uint8Array): void {
  // Those of a state that does not run yet.
  const counters = countersOfCall(state, state.program);
  if (counters.era !== state.era) forgetRefusedGrow(state);
  Object.assign(state, counters);
  clearDirty(state);
  forgetTrap(state);
  state.status = statusCodes.running;
  state.trap = 0;
  state.pc = entry.entryPc;
  state.fp = 0;
  state.sp = entry.locals;
  state.depth = 0;
  state.fuelLimit = state.fuelCounter + state.program.config.limits.callFuel;
  state.input = input;
  state.output = new Uint8Array(0);
  state.outputLength = 0;
  state.stack.fill(0, 0, entry.locals * 2);
}

/** Slots (bits) that a returned call left; empty for a state that is not returned. */
export function results(state: MachineState): bigint[] {
  if (state.status !== statusCodes.returned) return [];
  return Array.from({ length: state.sp }, (_, slot) => slotAt(state.stack, slot));
}

/** A slot as an unsigned 64-bit integer. */
export function slotAt(slots: Int32Array, slot: number): bigint {
  return (BigInt(slots[slot * 2 + 1] >>> 0) << 32n) | BigInt(slots[slot * 2] >>> 0);
}
