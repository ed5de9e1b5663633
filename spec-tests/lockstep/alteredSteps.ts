/**
 * Steps of altered states of the corpus in lockstep: chosen instructions of its calls, each from some of the states that
 * alteredStates.ts makes of the one at hand, by reference, replay and judge; and the steps behind by the block executor.
 *
 * Invariant: the choice follows from the seed alone; a state is altered anew each time, never one that was altered.
 */
import { runBlockwise } from "../../src/interpreter/blocks/runBlockwise.ts";
import { runExactly } from "../../src/interpreter/blocks/runSteps.ts";
import type { MachineState } from "../../src/interpreter/state/machineState.ts";
import { restore, snapshot } from "../../src/interpreter/state/snapshot.ts";
import { Random } from "../../test/differential/random.ts";
import { differences } from "../agreement.ts";
import { type CorpusCase, stateOf } from "../corpus/index.ts";
import { StepSampler } from "../sample.ts";
import { type AlteredState, alteredState, placeOf } from "./alteredStates.ts";
import type { Lockstep } from "./lockstep.ts";

export interface AlteredOptions {
  readonly seed: number;
  /** States made at an opcode's first visit; at the n-th one, the n-th part. */
  readonly states: number;
  /** Visits of each opcode before back-off begins, and its factor (sample.ts), in each hand-made module and in the grid. */
  readonly first: number;
  readonly factor: number;
}

/** Enough for whole blocks to be run between the beginning and the last step. */
const stepsBehind = 40;

/** Where block executor and reference part within some steps of a state; undefined if they do not. */
function blocksDisagree(state: MachineState): string | undefined {
  const copies = [0, 1].map(() => restore(state.program, snapshot(state)));
  runBlockwise(copies[0], stepsBehind);
  runExactly(copies[1], stepsBehind);
  const [blocks, reference] = copies.map(snapshot);
  const found = differences(blocks, reference);
  return found.length === 0 ? undefined : found.join("; ");
}

/** Cases whose opcodes are counted together: those of a hand-made module, and the whole grid. */
const countedAs = ({ module, trap }: CorpusCase) => (trap === undefined ? "grid" : module.name);

/** Judges altered states of these cases; what the block executor does differently, one line each. */
export async function judgeAltered(
  lockstep: Lockstep,
  cases: readonly CorpusCase[],
  { seed, states, ...backOff }: AlteredOptions,
): Promise<string[]> {
  const random = new Random(seed);
  const parted: string[] = [];
  const visits = new Map<string, number>();
  let chosen: AlteredState[] = [];
  const visit = (state: MachineState) => {
    const place = placeOf(state);
    if (place === undefined) return undefined;
    const { mnemonic } = place.row;
    const number = (visits.get(mnemonic) ?? 0) + 1;
    visits.set(mnemonic, number);
    // Many of what is rare, few of what every module does, and of what only computes: its operands are the grid's matter.
    const most = place.row.signature !== null && place.row.opens.length === 1 ? 1 : states;
    for (let n = 0; n < most / number; n++) chosen.push(alteredState(state, place, random));
    return undefined;
  };
  const samplers = new Map<string, StepSampler>();
  for (const item of cases) {
    const name = countedAs(item);
    const sampler = samplers.get(name) ?? new StepSampler(visit, backOff);
    samplers.set(name, sampler);
    sampler.execute(stateOf(item));
    for (const [number, { state, isRunnable }] of chosen.entries()) {
      const label = `${item.name}, state ${number} of seed ${seed}`;
      const found = isRunnable ? blocksDisagree(state) : undefined;
      if (found !== undefined) parted.push(`${label} at pc ${state.pc}: ${found}`);
      await lockstep.run(state, 1, label);
    }
    chosen = [];
  }
  return parted;
}
