/**
 * Looks into all replicas of a call at once: each hashes the same bytes of memory after the same step, and who differs
 * is named. For the operator who wants to know where states part before, or without, a dispute.
 *
 * Invariant: it proves nothing to anybody else; what a replica answers is its word. A dispute is what convicts.
 */
import type { ConsensusNode } from "../consensus.ts";
import type { WorkerQuery } from "../worker/queries.ts";

/** What each replica is asked. */
export type Probe = Omit<Extract<WorkerQuery, { kind: "probe" }>, "kind">;

/** What was found. */
export interface ProbeFinding {
  /** Hash that most replicas gave; undefined if no hash has more than half of those that answered. */
  readonly hash: string | undefined;
  /** Positions of the replicas that gave another one. */
  readonly odd: readonly number[];
  /** Positions of those that did not answer. */
  readonly silent: readonly number[];
}

/** Asks all replicas the same. */
export async function probeReplicas(
  replicas: readonly ConsensusNode[],
  probe: Probe,
): Promise<ProbeFinding> {
  const answers = await Promise.all(
    replicas.map((node) =>
      node.query({ kind: "probe", ...probe }).then(
        ({ hash }) => hash,
        () => undefined,
      ),
    ),
  );
  const counts = new Map<string, number>();
  for (const hash of answers) {
    if (hash !== undefined) counts.set(hash, (counts.get(hash) ?? 0) + 1);
  }
  const answered = answers.filter((hash) => hash !== undefined).length;
  const most = [...counts].find(([, count]) => 2 * count > answered)?.[0];
  const positions = (holds: (hash: string | undefined) => boolean) =>
    answers.flatMap((hash, index) => (holds(hash) ? [index] : []));
  return {
    hash: most,
    odd: positions((hash) => hash !== undefined && hash !== most),
    silent: positions((hash) => hash === undefined),
  };
}

/** The first step of a call after which the replicas' bytes differ, by halving; undefined if they never do. */
export async function firstDifference(
  replicas: readonly ConsensusNode[],
  probe: Omit<Probe, "step">,
  steps: number,
): Promise<{ readonly step: number; readonly odd: readonly number[] } | undefined> {
  const at = async (step: number) => (await probeReplicas(replicas, { ...probe, step })).odd;
  let odd = await at(steps);
  if (odd.length === 0) return undefined;
  let [same, other] = [-1, steps];
  while (other - same > 1) {
    const middle = Math.floor((same + other) / 2);
    const found = await at(middle);
    if (found.length === 0) same = middle;
    else [other, odd] = [middle, found];
  }
  return { step: other, odd };
}
