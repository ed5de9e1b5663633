/**
 * Feature switches: which proposals the decoder and validator accept (spec appendix §7.6, change history).
 *
 * Invariant: a level switches on exactly what a release of the specification added, so that each release's
 * test suite can be run as itself.
 */
export interface Features {
  readonly mutableGlobalImports: boolean;
  readonly signExtension: boolean;
  readonly saturatingConversions: boolean;
  readonly multiValue: boolean;
  readonly referenceTypes: boolean;
  /** Also the instantiation rule of 2.0: segments are applied one by one, a failing one traps after the earlier ones. */
  readonly bulkMemory: boolean;
  readonly tailCalls: boolean;
  readonly extendedConstants: boolean;
  readonly multiMemory: boolean;
  /** A table definition may carry an initial value for its entries. */
  readonly tableInitializers: boolean;
  /** Limits and static offsets are encoded in up to 64 bits; the values must still fit 32-bit addresses. */
  readonly wideLimits: boolean;
}

const level1: Features = {
  mutableGlobalImports: true,
  signExtension: false,
  saturatingConversions: false,
  multiValue: false,
  referenceTypes: false,
  bulkMemory: false,
  tailCalls: false,
  extendedConstants: false,
  multiMemory: false,
  tableInitializers: false,
  wideLimits: false,
};

const level2: Features = {
  ...level1,
  signExtension: true,
  saturatingConversions: true,
  multiValue: true,
  referenceTypes: true,
  bulkMemory: true,
};

const level3: Features = {
  ...level2,
  tailCalls: true,
  extendedConstants: true,
  multiMemory: true,
  tableInitializers: true,
  wideLimits: true,
};

/** WebAssembly 1.0, 2.0 and 3.0, each less what this machine does not have (SIMD, GC, exceptions, 64-bit memories). */
export const featureLevels = { "1.0": level1, "2.0": level2, "3.0": level3 } as const;

export type FeatureLevel = keyof typeof featureLevels;
