/**
 * Mutations of valid modules: bytes flipped, replaced, inserted, deleted, moved, made long LEB128, cut off.
 */
import type { Random } from "./random.ts";

/** Bytes that mean something in many places of a binary. */
const telling = [0x00, 0x01, 0x02, 0x0b, 0x40, 0x41, 0x60, 0x70, 0x7c, 0x7f, 0x80, 0xfc, 0xff];
const header = 8;

type Mutation = (bytes: readonly number[], random: Random) => number[];

function place(bytes: readonly number[], random: Random): number {
  return random.oneIn(50) || bytes.length <= header
    ? random.below(bytes.length)
    : header + random.below(bytes.length - header);
}

const mutations: readonly (readonly [weight: number, Mutation])[] = [
  [4, (bytes, random) => bytes.with(place(bytes, random), random.below(256))],
  [4, (bytes, random) => bytes.with(place(bytes, random), random.pick(telling))],
  [
    4,
    (bytes, random) => {
      const at = place(bytes, random);
      return bytes.with(at, bytes[at] ^ (1 << random.below(8)));
    },
  ],
  [
    3,
    (bytes, random) => {
      const at = place(bytes, random);
      return bytes.with(at, (bytes[at] + (random.oneIn(2) ? 1 : 255)) & 0xff);
    },
  ],
  [1, (bytes, random) => bytes.toSpliced(place(bytes, random), 1)],
  [1, (bytes, random) => bytes.toSpliced(place(bytes, random), 0, random.pick(telling))],
  [1, (bytes, random) => bytes.slice(0, place(bytes, random))],
  [
    1,
    // The same number in one byte more, if it was one.
    (bytes, random) => {
      const at = place(bytes, random);
      return bytes.toSpliced(at, 1, bytes[at] | 0x80, random.oneIn(2) ? 0x00 : 0x7f);
    },
  ],
  [
    1,
    (bytes, random) => {
      const length = 1 + random.below(12);
      const from = place(bytes, random);
      return bytes.toSpliced(place(bytes, random), length, ...bytes.slice(from, from + length));
    },
  ],
];

/** One to three mutations of a module. */
export function mutate(bytes: Uint8Array, random: Random): Uint8Array {
  let mutated: number[] = [...bytes];
  for (let left = 1 + random.below(3); left > 0 && mutated.length > 0; left--) {
    mutated = random.weighted(mutations)(mutated, random);
  }
  return Uint8Array.from(mutated);
}
