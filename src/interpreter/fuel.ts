/**
 * Fuel schedules: what an instruction of each class costs (docs/machine.md §3, `cost`).
 * One fuel is about one nanosecond on the fast path; docs/decisions/0008-fuel-schedule.md tells how it was measured.
 *
 * Invariant: costs are integers in [1, 65535]; a schedule takes part in a program only through its records, so
 * changing it changes the program root and nothing else.
 */

import type { FuelClass } from "./isa/table.ts";
import { checkOptionNames } from "./optionNames.ts";

/** Fuel of one instruction of each class; `none` is for rows that never reach the machine. */
export type FuelSchedule = Readonly<Record<Exclude<FuelClass, "none">, number>>;

/** Derived by bench/deriveFuel.ts (docs/decisions/0008-fuel-schedule.md). */
export const defaultFuelSchedule: FuelSchedule = {
  const: 1,
  local: 1,
  global: 1,
  simple: 1,
  multiply: 1,
  divide: 4,
  float: 1,
  floatDivide: 6,
  convert: 4,
  load: 1,
  store: 2,
  branch: 1,
  branchTable: 5,
  call: 2,
  callIndirect: 3,
  return: 1,
  table: 30,
  grow: 40,
  bulk: 5,
};

/** Fuel for making one 4 KiB chunk dirty: rehashing it and its path. */
export const defaultChunkFuel = 20_000;

/** Throws RangeError for a cost that no record can hold, or a class that has none; TypeError for one that does not exist. */
export function checkSchedule(schedule: FuelSchedule): void {
  const classes = Object.keys(defaultFuelSchedule) as (keyof FuelSchedule)[];
  checkOptionNames("schedule", schedule, classes);
  for (const name of classes) {
    const cost = schedule[name];
    if (!Number.isInteger(cost) || cost < 1 || cost > 0xffff) {
      throw new RangeError(`expected a cost in [1, 65535] for class ${name}, got ${cost}`);
    }
  }
}
