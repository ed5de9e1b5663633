/** A toy cluster whose first generation runs, and what is said and done about the results of its blocks. */
import type { ApplicationState, ClusterGeneration } from "../../src/history/index.ts";
import { accusationsOf, blockPlayer, stateBehind, toyBefore, toyExecution } from "./disputes.ts";
import { accountOfKey, fromOneState, keysOf, runningCluster, type TestNetwork } from "./network.ts";

/** Reasons of verdicts. */
export const reasons = { timeout: 0, length: 1, fuel: 2, step: 3, forfeit: 4, same: 5 };
/** Masks of sides. */
export const accused = 1;
export const challenger = 2;
export const keys = keysOf("worker");

export const begin = fromOneState(() => runningCluster(keys));

/** What tests do with the network at hand. */
export function handsOn(
  at: () => { readonly network: TestNetwork; readonly generation: ClusterGeneration },
) {
  const truth = () => toyExecution(at().generation);
  return {
    truth,
    stateOf: async (execution = truth()) => stateBehind(toyBefore, await execution.claim()),
    statusOf: async (index: number) =>
      (await at().network.reader.worker(accountOfKey(keys[index])))?.status,
    /** A block whose result somebody has voted for. */
    blockWith: (after: ApplicationState, change = {}) =>
      accusationsOf({ generation: at().generation, keys, before: toyBefore, after, ...change }),
    /** The challenger: account 6, which owns no worker, with one stake. */
    honestOne: (execution = truth()) =>
      blockPlayer(at().network, { signer: 6, execution, stakes: 1n }),
  };
}
