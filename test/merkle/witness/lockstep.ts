/**
 * Holds witness and replay against the reference: after every step the replayed hash must be the machine's.
 *
 * Invariant: a step that was counted was replayed; the first that differs throws.
 */
import { executedRow, instructions } from "../../../src/interpreter/isa/table.ts";
import { step } from "../../../src/interpreter/reference/step.ts";
import type { MachineState } from "../../../src/interpreter/state/machineState.ts";
import { replayStep, StateTree } from "../../../src/merkle/index.ts";
import { hex } from "../reference.ts";

export interface Lockstep {
  readonly steps: number;
  readonly stateHash: Uint8Array;
}

/** Mnemonic of the instruction that a running machine executes next. */
export function nextMnemonic({ program, pc }: MachineState): string {
  const code = (program.code[pc * 16] << 8) | program.code[pc * 16 + 1];
  return executedRow(code)?.mnemonic ?? `unknown code ${code}`;
}

/** Mnemonics that an instruction can hold. */
export const executedMnemonics: readonly string[] = instructions.flatMap((row) =>
  row.family === "structure" ? [] : [row.mnemonic],
);

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
    const where = `${nextMnemonic(state)} at pc ${state.pc}, step ${state.stepCounter}`;
    const witness = tree.witness();
    const replayed = replayStep(hash, witness);
    step(state);
    const next = tree.stateHash();
    if (hex(next) !== hex(replayed)) throw new Error(`replay differs: ${where}`);
    see(witness, hash, next);
    hash = next;
  }
  return { steps, stateHash: hash };
}

/** A visitor for `sampleSuite` that replays the visited steps, and what it has seen. */
export class ReplayVisitor {
  readonly mnemonics = new Map<string, number>();
  readonly #trees = new WeakMap<MachineState, StateTree>();

  readonly visit = (state: MachineState): ((after: MachineState) => void) => {
    const mnemonic = nextMnemonic(state);
    const where = `${mnemonic} at pc ${state.pc}, step ${state.stepCounter}`;
    const tree = this.#treeOf(state);
    const replayed = replayStep(tree.stateHash(), tree.witness());
    return (after) => {
      const next = this.#treeOf(after).stateHash();
      if (hex(next) !== hex(replayed)) throw new Error(`replay differs: ${where}`);
      this.mnemonics.set(mnemonic, (this.mnemonics.get(mnemonic) ?? 0) + 1);
    };
  };

  #treeOf(state: MachineState): StateTree {
    let tree = this.#trees.get(state);
    if (tree === undefined) {
      tree = new StateTree(state);
      this.#trees.set(state, tree);
    }
    return tree;
  }
}
