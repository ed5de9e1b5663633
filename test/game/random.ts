/** Seeded random numbers for tests (mulberry32), so that a failing case can be run again. */
import type { Pick } from "./dishonest.ts";

export function seededPick(seed: number): Pick {
  let state = (seed * 0x9e3779b9) >>> 0;
  return (from, to) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return from + Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * (to - from + 1));
  };
}
