/**
 * What decoding finds in a function's instructions, as one number: for those who keep it (program/loweredCode.ts).
 *
 * Invariant: `bodyOf` undoes `factsOf`; a body has fewer than 2^31 instructions, since it has as many bytes.
 */
import type { FunctionBody } from "./module.ts";

export function factsOf({ lowered, usesVectors }: FunctionBody): number {
  return lowered * 2 + (usesVectors ? 1 : 0);
}

export function bodyOf(facts: number): Pick<FunctionBody, "lowered" | "usesVectors"> {
  return { lowered: facts >>> 1, usesVectors: (facts & 1) === 1 };
}
