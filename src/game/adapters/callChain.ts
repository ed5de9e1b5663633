/**
 * A chain of calls as a party runs it (docs/adapters.md section 1): what a player of another game is given in place of
 * one execution.
 *
 * Invariant: output n is the state after n calls, and call n goes on from output n; so a party that has run the calls
 * knows every output that a game can be about.
 */
import type { Hash } from "../claim.ts";
import type { Execution } from "../execution.ts";

/** The calls that a party knows, by the number of calls before them. */
export interface CallChain {
  /** The call that follows `calls` calls; undefined if there is no input for it yet. */
  execution(calls: number): Promise<Execution | undefined>;
}

/**
 * A chain of executions that one has at hand.
 *
 * @param executions Calls in order, each going on from the one before.
 * @param first Number of calls before the first of them.
 */
export function callChain(executions: readonly Execution[], first = 0): CallChain {
  return { execution: async (calls) => executions[calls - first] };
}

/** Number of steps of a call, `begin` not counted. */
export async function stepsOf(execution: Execution): Promise<number> {
  return Number((await execution.claim()).steps) - execution.startStep;
}

/** State hash after so many steps of a call. */
export async function stateAfter(execution: Execution, steps: number): Promise<Hash> {
  const [hash] = await execution.stateHashes([execution.startStep + steps]);
  return hash;
}
