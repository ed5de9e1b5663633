/**
 * Fuel schedules: what an instruction of each class costs, and what a function costs for its declared locals
 * (docs/machine.md §3, `cost`; docs/fuel.md).
 * Prices follow the slowest way in which an instruction runs (docs/decisions/0018-fuel-stands-for-time.md).
 *
 * Invariant: costs are integers in [1, 65535]; a schedule takes part in a program only through its instructions, so
 * changing it changes the program root and nothing else.
 */

import type { FuelClass } from "../isa/table.ts";
import { checkOptionNames } from "../optionNames.ts";

/**
 * Prices that are no class of an instruction.
 */
export interface OtherPrices {
  /** So many declared locals cost one fuel a call, since they are set to zero. */
  readonly localsAFuel: number;
  /** What a call of a host function through a reference costs beside its instructions. */
  readonly stub: number;
  /** A `global.set` of a global that is not among the first `globalsOfOnePrice`, in place of its class. */
  readonly globalBeyond: number;
  /** What each operand that waits under a call costs beside it, but for `operandsFree`. */
  readonly heldOperand: number;
}

/** Fuel of one instruction of each class (`none` is for rows that never reach the machine), and the other prices. */
export type FuelSchedule = Readonly<Record<Exclude<FuelClass, "none"> | keyof OtherPrices, number>>;

/** Chosen by bench/fuel.ts, which searches for the program that is cheapest for its time. */
export const defaultFuelSchedule: FuelSchedule = {
  const: 1,
  local: 1,
  global: 2,
  simple: 1,
  /** Shifts, rotations, extensions, `select`. */
  shift: 3,
  /** Tests of integers whose result is a value. */
  compare: 8,
  multiply: 6,
  divide: 40,
  float: 10,
  floatRound: 20,
  /** Subnormal operands or results take the processor's slow way: 35 to 50 ns. */
  floatMultiply: 300,
  floatDivide: 350,
  convert: 40,
  /** Misses the first cache; what misses every cache takes forty times as long (docs/fuel.md §4). */
  load: 32,
  store: 8,
  branch: 1,
  /** `if` and `br_if`: half of those that nobody foresees are guessed wrong. */
  condition: 16,
  branchTable: 40,
  call: 8,
  callIndirect: 80,
  return: 3,
  /** What the executor does for emitted code. */
  service: 500,
  servicePiece: 600,
  /** Emitted code stops for it. */
  output: 20_000,
  /** With the rehash of the chunk that it changes. */
  tableWrite: 60_000,
  tablePiece: 60_000,
  grow: 10_000,
  bulk: 600,
  /** Atomic instructions that write: the processor's are ordered. */
  atomic: 60,
  /** Emitted code stops for it. */
  wait: 20_000,
  vectorConst: 1,
  vectorSimple: 2,
  vectorShift: 4,
  vectorTest: 4,
  vectorLane: 4,
  vectorMultiply: 8,
  vectorFloat: 20,
  vectorFloatRound: 40,
  vectorFloatMultiply: 300,
  vectorFloatDivide: 350,
  vectorConvert: 40,
  vectorLoad: 32,
  vectorStore: 8,
  /** With the rehash of its chunk, like a table's: a global that is not among the first 512. */
  globalBeyond: 60_000,
  /** An operand beyond the first 8 that waits under a call: deep frames are spilled. */
  heldOperand: 100,
  localsAFuel: 1,
  stub: 20_000,
};

/** Fuel for making one 4 KiB chunk dirty, rehashing all its leaves and its path. */
export const defaultChunkFuel = 120_000;

const mostCost = 0xffff;

/** Cost of a function's first instruction, which pays for the locals that the function declares: every call reaches it. */
export function entryCost(
  cost: number,
  declaredLocals: number,
  { localsAFuel }: FuelSchedule,
): number {
  return Math.min(mostCost, cost + Math.floor(declaredLocals / localsAFuel));
}

/** Globals that share the chunk of the commitment that any call may change. */
const globalsOfOnePrice = 512;

/** Cost of `global.set`. */
export function globalSetCost(cost: number, index: number, { globalBeyond }: FuelSchedule): number {
  return index < globalsOfOnePrice ? cost : globalBeyond;
}

/** Operands under a call that cost nothing. */
const operandsFree = 8;

/** Cost of a call over so many operands that are not its arguments. */
export function callCost(cost: number, waiting: number, { heldOperand }: FuelSchedule): number {
  return Math.min(mostCost, cost + Math.max(0, waiting - operandsFree) * heldOperand);
}

/** The same for the stub of a host function. */
export function stubEntryCost(cost: number, { stub }: FuelSchedule): number {
  return Math.min(mostCost, cost + stub);
}

/** Throws RangeError for a cost that no instruction can hold, or a class that has none; TypeError for one that does not exist. */
export function checkSchedule(schedule: FuelSchedule): void {
  const classes = Object.keys(defaultFuelSchedule) as (keyof FuelSchedule)[];
  checkOptionNames("schedule", schedule, classes);
  for (const name of classes) {
    const cost = schedule[name];
    if (!Number.isInteger(cost) || cost < 1 || cost > mostCost) {
      throw new RangeError(`expected a cost in [1, ${mostCost}] for ${name}, got ${cost}`);
    }
  }
}
