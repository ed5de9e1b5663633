/**
 * Executions of liars for other people's games: true up to a step, and another hash for every state from there on.
 */
import { keccak256 } from "ethers";
import type { Claim, Hash } from "../../../src/game/claim/claim.ts";
import type { Execution } from "../../../src/game/trace/execution.ts";

/** What a liar says in place of a hash. */
export const lieOf = (hash: Hash): Hash => keccak256(hash);

/**
 * A liar's view of a call.
 *
 * @param from Steps of the call after which the states are wrong: 0 already after `begin`; Infinity: all states are the
 * true ones, only the result is another.
 */
export function lying(execution: Execution, from: number): Execution {
  const isWrong = (step: number) => step - execution.startStep >= from;
  return {
    call: execution.call,
    startStep: execution.startStep,
    async claim(): Promise<Claim> {
      const claim = await execution.claim();
      return { ...claim, state: lieOf(claim.state) };
    },
    async stateHashes(steps) {
      const hashes = await execution.stateHashes(steps);
      return hashes.map((hash, i) => (isWrong(steps[i]) ? lieOf(hash) : hash));
    },
    witness: (step) => execution.witness(step),
    registerProof: (step) => execution.registerProof(step),
    beginWitness: () => execution.beginWitness(),
    fuelStep: (fuel) => execution.fuelStep(fuel),
  };
}
