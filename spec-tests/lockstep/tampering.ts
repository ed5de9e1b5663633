/**
 * Steps of every opcode from the corpus, and the judge's refusal of what was made of them.
 */
import { Interface, type InterfaceAbi } from "ethers";
import hre from "hardhat";
import { judgeFamilies } from "../../src/game/chain/deploy.ts";
import { step } from "../../src/interpreter/blocks/runSteps.ts";
import { executedRow } from "../../src/interpreter/isa/table.ts";
import { instructionBytes } from "../../src/interpreter/program/program.ts";
import { type MachineState, statusCodes } from "../../src/interpreter/state/machineState.ts";
import { StateTree } from "../../src/merkle/index.ts";
import { corpusCases, stateOf } from "../corpus/index.ts";
import type { JudgedBatch, JudgedStep } from "./judgedBatch.ts";
import { tampered } from "./mutations.ts";

const stepsACall = 60;

/** The first steps of each opcode of the cases that return, `perOutcome` of them, those that trap, and halted states. */
export function stepsOfEveryOpcode(
  perOutcome: number,
  cases = corpusCases({ perRow: 4 }),
): JudgedStep[] {
  const steps: JudgedStep[] = [];
  const seen = new Map<string, number>();
  for (const item of cases) {
    const wanted = newOutcomes(stateOf(item), seen, perOutcome);
    if (wanted.size === 0) continue;
    // A second run has the witnesses: few steps are wanted, and how one ends is known after it.
    const state = stateOf(item);
    const tree = new StateTree(state);
    for (let index = 0, left = wanted.size; left > 0; index++) {
      const label = wanted.get(index);
      if (label === undefined) {
        step(state);
        continue;
      }
      const preState = tree.stateHash();
      const witness = tree.witness();
      step(state);
      steps.push({ label, preState, witness, postState: tree.stateHash() });
      left--;
    }
  }
  return steps;
}

/** Steps of a run that are among the first of their opcode and outcome, by their numbers; counts them in `seen`. */
function newOutcomes(
  state: MachineState,
  seen: Map<string, number>,
  perOutcome: number,
): Map<number, string> {
  const found = new Map<number, string>();
  let halted = false;
  for (let index = 0; !halted; index++) {
    halted = state.status !== statusCodes.running;
    const { code } = state.program;
    const at = state.pc * instructionBytes;
    const row = halted ? undefined : executedRow((code[at] << 8) | code[at + 1]);
    step(state);
    const outcome = `${row?.mnemonic ?? "halted"} ${state.status}`;
    const count = seen.get(outcome) ?? 0;
    if (count >= perOutcome) continue;
    seen.set(outcome, count + 1);
    found.set(index, outcome);
  }
  return found;
}

/** Custom errors of the judge by selector. */
async function errorNames(): Promise<Map<string, string>> {
  const names = new Map<string, string>([
    ["4e487b71", "Panic"],
    ["", "no data"],
  ]);
  for (const contract of [...Object.values(judgeFamilies), "StepJudge"]) {
    const { abi } = await hre.artifacts.readArtifact(contract);
    new Interface(abi as InterfaceAbi).forEachError((error) => {
      names.set(error.selector.slice(2), error.name);
    });
  }
  return names;
}

export interface Refusals {
  readonly tried: number;
  /** Errors with their counts, for a report. */
  readonly errors: string;
}

/** Lets the judge look at what `mutate` makes of each step; throws an Error that names one that it accepts. */
export async function refuseAll(
  batch: JudgedBatch,
  steps: readonly JudgedStep[],
  mutate: (step: JudgedStep, index: number) => readonly Uint8Array[],
): Promise<Refusals> {
  const names = await errorNames();
  const counts = new Map<string, number>();
  let tried = 0;
  for (const [index, original] of steps.entries()) {
    const all = tampered(original, mutate(original, index));
    for (let from = 0; from < all.length; from += stepsACall) {
      const part = all.slice(from, from + stepsACall);
      const { refused, errors } = await batch.refuse(part);
      if (refused < part.length) {
        const witness = Buffer.from(part[refused].witness).toString("hex");
        throw new Error(`${original.label}: expected a refusal of ${witness}`);
      }
      for (const selector of errors) {
        const name = names.get(selector) ?? selector;
        counts.set(name, (counts.get(name) ?? 0) + 1);
      }
      tried += part.length;
    }
  }
  const sorted = [...counts].sort(([, a], [, b]) => b - a);
  return { tried, errors: sorted.map(([name, count]) => `${name} ${count}`).join(", ") };
}
