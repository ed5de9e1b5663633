/**
 * Trap codes: fixed numbers, part of the committed machine state (docs/machine.md §6).
 * A trap is a machine state, never an exception. Messages are those of the official test suite.
 *
 * Invariant: a number once given is never given again.
 */
export const trapCodes = {
  none: 0,
  unreachable: 1,
  integerDivideByZero: 2,
  integerOverflow: 3,
  invalidConversion: 4,
  outOfBoundsMemory: 5,
  undefinedElement: 6,
  uninitializedElement: 7,
  indirectCallTypeMismatch: 8,
  outOfBoundsTable: 9,
  callStackExhausted: 10,
  outOfFuel: 11,
  outOfBoundsInput: 12,
  unknownHostFunction: 13,
  outOfBoundsOutput: 14,
  nullReference: 15,
  castFailure: 16,
  outOfBoundsArray: 17,
  heapExhausted: 18,
  uncaughtException: 19,
  unaligned: 20,
  deadlock: 21,
  notShared: 22,
} as const;

/** Name of a trap, or `none`. */
export type TrapName = keyof typeof trapCodes;
/** Number of a trap in the committed state; 0 is `none`. */
export type TrapCode = (typeof trapCodes)[TrapName];

/** Traps that no instruction ends in yet; the format has room for the ones that will (docs/machine.md §6). */
export const reservedTraps: ReadonlySet<TrapName> = new Set<TrapName>([
  "nullReference",
  "castFailure",
  "outOfBoundsArray",
  "heapExhausted",
  "uncaughtException",
]);

/** What the official test suite calls each trap. */
export const trapMessages: Readonly<Record<TrapName, string>> = {
  none: "none",
  unreachable: "unreachable",
  integerDivideByZero: "integer divide by zero",
  integerOverflow: "integer overflow",
  invalidConversion: "invalid conversion to integer",
  outOfBoundsMemory: "out of bounds memory access",
  undefinedElement: "undefined element",
  uninitializedElement: "uninitialized element",
  indirectCallTypeMismatch: "indirect call type mismatch",
  outOfBoundsTable: "out of bounds table access",
  callStackExhausted: "call stack exhausted",
  outOfFuel: "out of fuel",
  outOfBoundsInput: "out of bounds input access",
  unknownHostFunction: "unknown host function",
  outOfBoundsOutput: "out of bounds output access",
  nullReference: "null reference",
  castFailure: "cast failure",
  outOfBoundsArray: "out of bounds array access",
  heapExhausted: "heap exhausted",
  uncaughtException: "unhandled exception",
  unaligned: "unaligned atomic",
  deadlock: "deadlock",
  notShared: "expected shared memory",
};

const names = Object.keys(trapCodes) as TrapName[];

/** Name of a trap code; throws RangeError for a number that is no trap code. */
export function trapName(code: number): TrapName {
  const name = names.find((key) => trapCodes[key] === code);
  if (name === undefined) throw new RangeError(`expected a trap code, got ${code}`);
  return name;
}
