/**
 * Feature switches: which proposals the decoder and validator accept (spec appendix §7.6, change history).
 *
 * Invariant: a level switches on exactly what a release of the specification added, so that each release's
 * test suite can be run as itself.
 */
export interface Features {
  /** Mutable globals may be imported. */
  readonly mutableGlobalImports: boolean;
  /** `i32.extend8_s` and its four siblings. */
  readonly signExtension: boolean;
  /** `i32.trunc_sat_f32_s` and its seven siblings. */
  readonly saturatingConversions: boolean;
  /** Functions and blocks with several results, blocks with parameters. */
  readonly multiValue: boolean;
  /**
   * `funcref` and `externref` as values, several tables, `table.get`, `table.set`, typed `select`.
   */
  readonly referenceTypes: boolean;
  /** Also the instantiation rule of 2.0: segments are applied one by one, a failing one traps after the earlier ones. */
  readonly bulkMemory: boolean;
  /** `return_call` and `return_call_indirect`. */
  readonly tailCalls: boolean;
  /** Integer addition, subtraction and multiplication in constant expressions. */
  readonly extendedConstants: boolean;
  /** Several memories in one module. */
  readonly multiMemory: boolean;
  /** A table definition may carry an initial value for its entries. */
  readonly tableInitializers: boolean;
  /** Limits and static offsets are encoded in up to 64 bits, whatever the address type. */
  readonly wideLimits: boolean;
  /** v128 and the vector instructions of 2.0. */
  readonly simd: boolean;
  /** The relaxed vector instructions of 3.0, in their deterministic meaning. */
  readonly relaxedSimd: boolean;
  /** 64-bit memories and tables. */
  readonly memory64: boolean;
  /** Shared memories and atomic instructions of the threads proposal, which engines have beside 3.0, for one thread. */
  readonly threads: boolean;
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
  simd: false,
  relaxedSimd: false,
  memory64: false,
  threads: false,
};

const level2: Features = {
  ...level1,
  signExtension: true,
  saturatingConversions: true,
  multiValue: true,
  referenceTypes: true,
  bulkMemory: true,
  simd: true,
};

const level3: Features = {
  ...level2,
  tailCalls: true,
  extendedConstants: true,
  multiMemory: true,
  tableInitializers: true,
  wideLimits: true,
  relaxedSimd: true,
  memory64: true,
  threads: true,
};

/** WebAssembly 1.0, 2.0 and 3.0, each less what this machine does not have (GC, exceptions, typed references); the newest has the threads proposal beside it. */
export const featureLevels = { "1.0": level1, "2.0": level2, "3.0": level3 } as const;

/**
 * A version of the specification: the set of instructions and forms that decoder and validator accept (spec
 * appendix §7.6).
 */
export type FeatureLevel = keyof typeof featureLevels;
