/** What a party computes for the searches of any number of disputes about one call, without a chain. */

import { points } from "../../src/game/search/search.ts";
import type { MachineExecution } from "../../src/game/trace/machineExecution.ts";

/** A search for the step at `target`, in a claim that ends at `end`. */
export interface Searched {
  readonly target: bigint;
  readonly end: bigint;
}

/** All that a party computes while one search closes in on its target. */
export async function searchFor(
  execution: MachineExecution,
  { target, end }: Searched,
  k: number,
): Promise<void> {
  let [from, to] = [BigInt(execution.startStep), end];
  while (to - from > 1n) {
    const inner = points(from, to, k);
    await execution.stateHashes(inner.map(Number));
    const cuts = [from, ...inner, to];
    const part = cuts.findLastIndex((cut) => cut <= target);
    [from, to] = [cuts[part], cuts[part + 1]];
  }
  await execution.witness(Number(from));
}

/** Places spread over a call of `end` steps, so that no two disputes share more than they must. */
export function spreadTargets(end: bigint, count: number): Searched[] {
  return Array.from({ length: count }, (_, i) => ({
    target: (end * BigInt(2 * i + 1)) / BigInt(2 * count) + BigInt(i % 7),
    end,
  }));
}

/** Runs of the call that `count` disputes at a time cost in all, beyond the one that made the claim. */
export async function runsOfDisputes(
  execution: MachineExecution,
  count: number,
  k: number,
): Promise<number> {
  const end = (await execution.claim()).steps;
  const before = execution.stepsRun;
  await Promise.all(spreadTargets(end, count).map((each) => searchFor(execution, each, k)));
  return (execution.stepsRun - before) / (Number(end) - execution.startStep);
}
