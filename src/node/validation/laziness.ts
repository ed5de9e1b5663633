/**
 * Proofs of who has not executed, for demonstrations and tests of those who check.
 *
 * Invariant: the list fits the turn, so that the contract takes it; only its states are not the fragment's.
 */
import { id } from "ethers";
import type { Hash } from "../../game/index.ts";
import { type Fragment, SampleWalk, sampleHashes } from "../../history/index.ts";

/** A list under a turn's seed: another proof's hashes as far as there are any, then hashes of nothing. */
export function inventedList(
  { seed, period, steps }: Pick<Fragment, "seed" | "period" | "steps">,
  from: readonly Hash[] = [],
): Hash[] {
  const walk = new SampleWalk({ seed, period });
  while (walk.next <= steps) {
    const index = walk.samples.length;
    walk.take(from[index] ?? (id(`${seed} ${index}`) as Hash));
  }
  return sampleHashes(walk.samples);
}
