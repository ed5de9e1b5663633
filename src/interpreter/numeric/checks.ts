/**
 * What makes a numeric instruction trap (spec 2.0 §4.3.2, §4.3.4): each check takes the instruction's operands and
 * returns the trap code, 0 for none, in the order of the instruction table's `traps`.
 *
 * Invariant: pure; a row has a check here exactly if it lists a trap (numeric/kernels.ts).
 */
import { trapCodes } from "../isa/trapCodes.ts";

const { none, integerDivideByZero, integerOverflow, invalidConversion } = trapCodes;

export function i32DivS(a: number, b: number): number {
  if (b === 0) return integerDivideByZero;
  return a === -0x80000000 && b === -1 ? integerOverflow : none;
}

export function i32Divisor(_a: number, b: number): number {
  return b === 0 ? integerDivideByZero : none;
}

export function i64DivS(aLow: number, aHigh: number, bLow: number, bHigh: number): number {
  if ((bLow | bHigh) === 0) return integerDivideByZero;
  return aLow === 0 && aHigh === -0x80000000 && (bLow & bHigh) === -1 ? integerOverflow : none;
}

export function i64Divisor(_aLow: number, _aHigh: number, bLow: number, bHigh: number): number {
  return (bLow | bHigh) === 0 ? integerDivideByZero : none;
}

export function truncI32S(a: number): number {
  if (Number.isNaN(a)) return invalidConversion;
  return a > -2147483649 && a < 2147483648 ? none : integerOverflow;
}

export function truncI32U(a: number): number {
  if (Number.isNaN(a)) return invalidConversion;
  return a > -1 && a < 4294967296 ? none : integerOverflow;
}

export function truncI64S(a: number): number {
  if (Number.isNaN(a)) return invalidConversion;
  return a >= -(2 ** 63) && a < 2 ** 63 ? none : integerOverflow;
}

export function truncI64U(a: number): number {
  if (Number.isNaN(a)) return invalidConversion;
  return a > -1 && a < 2 ** 64 ? none : integerOverflow;
}
