/**
 * Holds witness and replay against the stepper: after every step the replayed hash must be the machine's.
 */
import type { MachineState } from "../../src/interpreter/machine/state.ts";
import { step } from "../../src/interpreter/machine/step.ts";
import { replayStep, StateTree } from "../../src/merkle/index.ts";
import { hex } from "./reference.ts";

export interface Lockstep {
  readonly steps: number;
  readonly stateHash: Uint8Array;
}

/** Steps a running machine until it halts, or `limit` times; `see` gets each witness with its pre state. */
export function lockstep(
  state: MachineState,
  limit: number,
  see: (witness: Uint8Array, preState: Uint8Array, postState: Uint8Array) => void = () => {},
): Lockstep {
  const tree = new StateTree(state);
  let hash = tree.stateHash();
  let steps = 0;
  for (; state.status === 0 && steps < limit; steps++) {
    const { pc, eic } = state;
    const witness = tree.witness();
    const replayed = replayStep(hash, witness);
    step(state);
    const next = tree.stateHash();
    if (hex(next) !== hex(replayed)) throw new Error(`replay differs at pc ${pc}, step ${eic}`);
    see(witness, hash, next);
    hash = next;
  }
  return { steps, stateHash: hash };
}
