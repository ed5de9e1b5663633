/**
 * What decoding finds in a function's instructions, as a few words: for those who keep it (merkle/commitment/keptProgram.ts).
 *
 * Invariant: `bodyOf` undoes `factsOf`; a body has fewer than 2^31 instructions, since it has as many bytes, and fewer
 * than 2^16 operands.
 */
import type { FunctionBody } from "./module.ts";

type Found = Pick<
  FunctionBody,
  "lowered" | "branchEntries" | "operands" | "isCounted" | "usesVectors"
>;

/** Words of one body. */
const words = 3;
const usesVectorsBit = 1;
const isCountedBit = 2;
const operandsShift = 2;

/** Facts of bodies, one after another. */
export function factsOf(bodies: readonly FunctionBody[]): Uint32Array {
  const facts = new Uint32Array(bodies.length * words);
  bodies.forEach(({ lowered, branchEntries, operands, isCounted, usesVectors }, index) => {
    const flags = (usesVectors ? usesVectorsBit : 0) | (isCounted ? isCountedBit : 0);
    facts.set([lowered, branchEntries, (operands << operandsShift) | flags], index * words);
  });
  return facts;
}

/** What the facts say of body number `index`. */
export function bodyOf(facts: Uint32Array, index: number): Found {
  const [lowered, branchEntries, rest] = facts.subarray(index * words, (index + 1) * words);
  return {
    ...{ lowered, branchEntries, operands: rest >>> operandsShift },
    isCounted: (rest & isCountedBit) !== 0,
    usesVectors: (rest & usesVectorsBit) !== 0,
  };
}
