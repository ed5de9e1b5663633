/**
 * The recording access: executes the next step of a live machine over multiproofs of its state tree and writes down
 * what was asked for, which is the witness (docs/proof-format.md §4). The machine itself does not move.
 *
 * Invariant: the same state gives the same bytes, and every one of them is read by `replayStep`.
 */

import { ProgramTree } from "../commitment/programTree.ts";
import { controlWord, countersWord, type Registers, registersOf } from "../commitment/registers.ts";
import type { StateTree } from "../commitment/stateTree.ts";
import { type ArrayName, isProgramArray } from "../tree/arrays.ts";
import { concatenate } from "../tree/byteReader.ts";
import type { Multiproof } from "../tree/multiproof.ts";
import { executeOpened } from "./executeOpened.ts";
import { type Instruction, type MultiproofSource, readInstruction } from "./multiproofSource.ts";
import { namedArrays } from "./replayStep.ts";

class RecordingAccess implements MultiproofSource {
  readonly registers: Registers;
  readonly instruction: Instruction;
  /** What the step has asked for so far, as witness bytes. */
  readonly parts: Uint8Array[] = [];
  /** Arrays of which it has asked for leaves: their roots follow from the multiproofs. */
  readonly opened = new Set<string>();
  readonly #tree: StateTree;
  readonly #program: ProgramTree;

  constructor(tree: StateTree, program: ProgramTree, instruction: Instruction) {
    this.#tree = tree;
    this.#program = program;
    this.registers = registersOf(tree.state);
    this.instruction = instruction;
  }

  open(array: ArrayName, leaves: readonly number[]): Multiproof {
    const multiproof = isProgramArray(array)
      ? this.#program.open(array, leaves)
      : this.#tree.open(array, leaves);
    if (leaves.length > 0) this.opened.add(array);
    this.parts.push(multiproof.encode());
    return multiproof;
  }

  claimLabel(slot: number, labels: number): number {
    const label = Math.min(this.#tree.state.stack[slot * 2] >>> 0, labels);
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setUint32(0, label);
    this.parts.push(bytes);
    return label;
  }
}

/** The witness of the next step of a running machine whose tree is in sync. */
export function recordStep(tree: StateTree): Uint8Array {
  const program = ProgramTree.of(tree.program);
  const registers = registersOf(tree.state);
  const codeMultiproof = program.open("code", [Math.floor(registers.pc / 8)]);
  const instruction = readInstruction(codeMultiproof, registers.pc);
  const access = new RecordingAccess(tree, program, instruction);
  const outcome = executeOpened(access);
  const named = namedArrays(access.opened, outcome);
  return concatenate([
    controlWord(registers),
    countersWord(registers),
    codeMultiproof.encode(),
    ...access.parts,
    program.partialRest(named).encode(access.opened),
    access.opened.has("stack") ? new Uint8Array(0) : tree.root("stack"),
    tree.partialCold(named).encode(access.opened),
  ]);
}
