/**
 * What a linker is told besides the modules: growth policy, limits, fuel, import policy.
 *
 * Invariant: every limit stays below the ceiling that the depth of its Merkle array sets (docs/machine.md §3,
 * docs/proof-format.md §1).
 */

import { checkOptionNames, optionNames } from "../optionNames.ts";
import type { FuelSchedule } from "./fuelSchedule.ts";
import { checkSchedule, defaultChunkFuel, defaultFuelSchedule } from "./fuelSchedule.ts";
import type { GrowthPolicy, ProgramLimits } from "./program.ts";

/** What happens to a function import that neither a module nor the host list gives. */
export type ImportPolicy = "error" | "trap";

/**
 * How modules are linked. Everything here is committed by the program root: the same modules with other options
 * are another program. Defaults: no gateway (`load` takes the export `gateway`), growth `declared`, `defaultLimits`,
 * the default fuel schedule, unknown imports are errors.
 */
export interface LinkOptions {
  /** Export of the last module that a gateway call runs; without it the program is only invoked by hand. */
  readonly gateway?: string;
  /** Whether memories are allocated whole or grow (docs/machine.md §9). */
  readonly growth: GrowthPolicy;
  /** Limits that differ from `defaultLimits` (docs/machine.md §3). */
  readonly limits: Partial<ProgramLimits>;
  /** Fuel of each class of instructions (docs/machine.md §3). */
  readonly schedule: FuelSchedule;
  /** Fuel for making one 4 KiB chunk dirty, for a write of a table and for 256 pages of a growth (docs/machine.md §5). */
  readonly chunkFuel: number;
  /** What a function import becomes that nothing gives: an error, or an instruction that traps. */
  readonly unknownImports: ImportPolicy;
}

/** `LinkOptions` with every limit present. */
export interface ResolvedOptions extends LinkOptions {
  readonly limits: ProgramLimits;
}

/**
 * Limits of a program that declares none: 1 MiB of operand stack, 16,384 frames, memories of at most 1 GiB where
 * the module declares no maximum, inputs and outputs of 64 MiB, 10^12 fuel a call.
 */
export const defaultLimits: ProgramLimits = {
  stackSlots: 131_072,
  frames: 16_384,
  tableEntries: 16_777_216,
  memoryPages: 16_384,
  inputBytes: 67_108_864,
  outputBytes: 67_108_864,
  callFuel: 1_000_000_000_000,
};

export const limitCeilings: ProgramLimits = {
  stackSlots: 2 ** 20,
  frames: 2 ** 20,
  tableEntries: 2 ** 24,
  memoryPages: 65_536,
  inputBytes: 2 ** 32 - 1,
  outputBytes: 2 ** 32 - 1,
  // So that an era (docs/machine.md §10) is not over after a few calls.
  callFuel: 2 ** 52,
};

/** Ceilings of what the modules bring along (docs/machine.md §3). */
export const programCeilings = {
  instructions: 2 ** 26,
  functions: 2 ** 20,
  memories: 256,
  /** Pages of all memories together at genesis: 8 GiB. */
  pages: 2 ** 17,
  tables: 256,
  /** Entries of all tables together at genesis. */
  tableEntries: 2 ** 24,
  globals: 2 ** 20,
  segments: 2 ** 20,
  frameSlots: 65_535,
  carriedSlots: 128,
  constants: 2 ** 22,
  branchEntries: 2 ** 24,
  dataBytes: 2 ** 32,
  elements: 2 ** 24,
} as const;

export const growthPolicies: readonly GrowthPolicy[] = ["fixed", "declared"];
export const importPolicies: readonly ImportPolicy[] = ["error", "trap"];

/** Names that `link` and `load` take. */
export const linkOptionNames = optionNames<LinkOptions>({
  gateway: true,
  growth: true,
  limits: true,
  schedule: true,
  chunkFuel: true,
  unknownImports: true,
});

/**
 * Fills in what is missing; throws RangeError for a number out of its range and for a policy that does not exist,
 * TypeError for a name that does not.
 */
export function resolveOptions(options: Partial<LinkOptions>, where = "link"): ResolvedOptions {
  checkOptionNames(where, options, linkOptionNames);
  checkOptionNames(`${where}: limits`, options.limits ?? {}, Object.keys(limitCeilings));
  const limits = { ...defaultLimits, ...options.limits };
  for (const name of Object.keys(limitCeilings) as (keyof ProgramLimits)[]) {
    checkRange(`limits.${name}`, limits[name], limitCeilings[name]);
  }
  const schedule = options.schedule ?? defaultFuelSchedule;
  checkSchedule(schedule);
  const chunkFuel = options.chunkFuel ?? defaultChunkFuel;
  checkRange("chunkFuel", chunkFuel, 0xffffffff);
  const { growth = "declared", unknownImports = "error" } = options;
  checkChoice("growth", growth, growthPolicies);
  checkChoice("unknownImports", unknownImports, importPolicies);
  return {
    ...(options.gateway === undefined ? {} : { gateway: options.gateway }),
    growth,
    limits,
    schedule,
    chunkFuel,
    unknownImports,
  };
}

function checkRange(name: string, value: number, ceiling: number): void {
  if (!Number.isInteger(value) || value < 0 || value > ceiling) {
    throw new RangeError(`expected ${name} to be an integer in [0, ${ceiling}], got ${value}`);
  }
}

/** Types say the same, but not every caller has them checked. */
export function checkChoice<T extends string>(name: string, value: T, choices: readonly T[]): void {
  if (!choices.includes(value)) {
    throw new RangeError(`expected ${name} to be one of ${choices.join(", ")}, got ${value}`);
  }
}
