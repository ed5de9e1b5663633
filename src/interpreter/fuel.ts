/**
 * Fuel schedules: what an instruction of each class costs (docs/machine.md §3, `cost`).
 * One fuel is about one nanosecond on the fast path; docs/decisions/fuel-schedule.md tells how it was measured.
 *
 * Invariant: costs are integers in [1, 65535]; a schedule takes part in a program only through its records, so
 * changing it changes the program root and nothing else.
 */
import type { FuelClass } from "./isa/table.ts";

/** Fuel of one instruction of each class; `none` is for rows that never reach the machine. */
export type FuelSchedule = Readonly<Record<Exclude<FuelClass, "none">, number>>;

export const defaultFuelSchedule: FuelSchedule = {
  const: 1,
  local: 1,
  global: 1,
  simple: 1,
  multiply: 1,
  divide: 5,
  float: 2,
  floatDivide: 6,
  convert: 3,
  load: 1,
  store: 2,
  branch: 1,
  branchTable: 3,
  call: 5,
  callIndirect: 8,
  return: 2,
  table: 3,
  grow: 100,
  bulk: 20,
};

/** Fuel for making one 4 KiB chunk dirty: rehashing it and its path. */
export const defaultChunkFuel = 20_000;

/** Throws RangeError for a cost that no record can hold. */
export function checkSchedule(schedule: FuelSchedule): void {
  for (const [name, cost] of Object.entries(schedule)) {
    if (!Number.isInteger(cost) || cost < 1 || cost > 0xffff) {
      throw new RangeError(`expected a cost in [1, 65535] for class ${name}, got ${cost}`);
    }
  }
}
