/**
 * Ways to tamper with a witness. None may be accepted: every byte counts, and every witness has one encoding.
 */
import type { Random } from "../../test/judge/operands.ts";
import type { JudgedStep } from "./judgedBatch.ts";

/** Where the multiproof of `code` begins: behind control, counters and codeRoot. */
const codeMultiproof = 96;
const leafBytes = 128;
const groupBytes = 8;

function splice(
  bytes: Uint8Array,
  start: number,
  removed: number,
  ...added: readonly number[]
): Uint8Array {
  return Uint8Array.from([
    ...bytes.subarray(0, start),
    ...added,
    ...bytes.subarray(start + removed),
  ]);
}

function flip(bytes: Uint8Array, position: number, bit: number): Uint8Array {
  const copy = bytes.slice();
  copy[position] ^= 1 << bit;
  return copy;
}

/** One bit of one byte changed, for every position. */
export function everyByte(witness: Uint8Array, random: Random): Uint8Array[] {
  return Array.from(witness, (_, position) => flip(witness, position, random.below(8)));
}

/** Bits changed, bytes lost and found, words exchanged: `count` of them. */
export function randomMutations(witness: Uint8Array, random: Random, count: number): Uint8Array[] {
  return Array.from({ length: count }, () => {
    const position = random.below(witness.length);
    switch (random.below(8)) {
      case 0:
        return splice(witness, position, 1);
      case 1:
        return splice(witness, position, 0, random.below(256));
      case 2:
        return splice(witness, position, 32);
      default:
        return flip(witness, position, random.below(8));
    }
  });
}

/** The same statement in another encoding: trailing bytes, an empty sibling sent, marks beyond the last sibling. */
export function otherEncodings(witness: Uint8Array): Uint8Array[] {
  const all = [
    splice(witness, witness.length, 0, 0),
    splice(witness, witness.length, 0, ...new Array<number>(32).fill(0)),
    witness.subarray(0, witness.length - 1),
    witness.subarray(0, witness.length - 32),
    new Uint8Array(0),
  ];
  // A register proof, the witness of a halted state, has no multiproof.
  const group = codeMultiproof + leafBytes;
  if (witness[0] !== 0) return all;
  let siblings = 0;
  for (let bit = 0; bit < 8 * groupBytes; bit++) {
    const place = group + groupBytes - 1 - (bit >> 3);
    if (((witness[place] >> (bit & 7)) & 1) === 1) {
      siblings += 1;
      continue;
    }
    const marked = flip(witness, place, bit & 7);
    all.push(marked);
    const next = group + groupBytes + 32 * siblings;
    all.push(splice(marked, next, 0, ...new Array<number>(32).fill(0)));
  }
  return all;
}

/** The tampered witnesses that differ from the true one, as steps of the same pre-state. */
export function tampered(step: JudgedStep, witnesses: readonly Uint8Array[]): JudgedStep[] {
  const original = Buffer.from(step.witness);
  return witnesses
    .filter((witness) => !original.equals(witness))
    .map((witness) => ({ ...step, witness }));
}
