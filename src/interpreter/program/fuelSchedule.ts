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
  global: 3,
  /** One store to memory each, however many to one global. */
  globalWrite: 15,
  /** What takes a cycle, where each waits for the one before; most programs run three and more at a time. */
  simple: 5,
  /** Shifts, rotations, extensions, `select`. */
  shift: 7,
  /** Tests of integers whose result is a value. */
  compare: 21,
  multiply: 17,
  divide: 66,
  float: 18,
  /** Tests of floats whose result is a value, and `copysign`: the bits go through the integer unit. */
  floatCompare: 54,
  floatRound: 25,
  /** Subnormal operands or results take the processor's slow way: 35 to 50 ns. */
  floatMultiply: 800,
  floatDivide: 920,
  convert: 92,
  /** From one kind of register to the other. */
  reinterpret: 17,
  /** Misses the first cache; what misses every cache takes forty times as long (docs/fuel.md §4). */
  load: 32,
  /** Over the edge of a cache line, or read back by a wider load before it is done. */
  store: 45,
  branch: 1,
  /** `if` and `br_if`: half of those that nobody foresees are guessed wrong. */
  condition: 47,
  branchTable: 76,
  call: 28,
  /** One of thousands of targets that nobody foresees, whose code no cache holds. */
  callIndirect: 620,
  return: 17,
  /** What the executor does for emitted code. */
  service: 3000,
  servicePiece: 4000,
  dataPiece: 7500,
  /** With the hash of its leaf. */
  output: 6000,
  /** Beside `chunkFuel` for the rehash of the chunk. */
  tableWrite: 3000,
  tablePiece: 10_000,
  /** Beside `chunkFuel` for each 256 pages. The host gives them when they are written, which their chunks pay for. */
  grow: 65_000,
  bulk: 1000,
  /** Atomic instructions that write: the processor's are ordered. */
  atomic: 100,
  /** Measured when emitted code still stopped for it (docs/fuel.md §1). */
  wait: 40_000,
  vectorConst: 2,
  /** One instruction of the host. */
  vectorSimple: 7,
  /** Two or three: comparisons that the host lacks, selections, extensions of signs. */
  vectorComposed: 19,
  /** Many: shuffles, floats' minima and maxima, products that the host lacks. */
  vectorSeries: 96,
  vectorShift: 11,
  vectorTest: 40,
  /** Between a lane and a scalar. */
  vectorLane: 33,
  /** Products, and shifts and counts that take as long. */
  vectorMultiply: 32,
  vectorFloat: 24,
  vectorFloatRound: 50,
  vectorFloatMultiply: 800,
  vectorFloatDivide: 920,
  vectorConvert: 92,
  vectorLoad: 32,
  vectorStore: 45,
  /** With the rehash of its chunk: a global that is not among the first 512. */
  globalBeyond: 65_000,
  /** An operand beyond the first 8 that waits under a call: deep frames are spilled. */
  heldOperand: 170,
  localsAFuel: 1,
  stub: 38_000,
};

/**
 * Fuel for making one 4 KiB chunk dirty, and for each write of a leaf of a table: rehashing all leaves of the chunk and
 * its path; and for each 256 pages of a growth.
 */
export const defaultChunkFuel = 320_000;

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
