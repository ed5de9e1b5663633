/**
 * Replay: a step executed from its witness alone (docs/proof-format.md §4); the judge's twin. Runs anywhere, no
 * machine and no program needed.
 *
 * Invariant: for a state hash and a witness there is one answer, the next state hash, or a WitnessError; every byte of
 * the witness is checked against the state hash or by the execution.
 */

import { checkBytes } from "../../interpreter/optionNames.ts";
import { programNode } from "../commitment/programTree.ts";
import {
  type Registers,
  readRegisters,
  stateHashOf,
  stateNode,
  verifyRegisterProof,
} from "../commitment/registers.ts";
import {
  type ArrayName,
  arrayDepths,
  type ColdName,
  coldShape,
  isColdArray,
  restShape,
  sameBytes,
  zeroHash,
} from "../tree/arrays.ts";
import { ByteReader } from "../tree/byteReader.ts";
import { tags } from "../tree/keccak/kernel.ts";
import { Multiproof } from "../tree/multiproof.ts";
import { PartialTree } from "../tree/partialTree.ts";
import { WitnessError } from "../witnessError.ts";
import { executeOpened } from "./executeOpened.ts";
import { type Instruction, type MultiproofSource, readInstruction } from "./multiproofSource.ts";
import { type StepOutcome, stops } from "./openedAccess.ts";

class ReplayingAccess implements MultiproofSource {
  readonly registers: Registers;
  readonly codeRoot: Uint8Array;
  readonly instruction: Instruction;
  /** Roots before the step of the arrays that it has opened. */
  readonly roots = new Map<ArrayName, Uint8Array>();
  readonly #reader: ByteReader;

  constructor(reader: ByteReader) {
    this.#reader = reader;
    this.registers = readRegisters(reader);
    const { pc } = this.registers;
    const code = Multiproof.read(reader, arrayDepths.code, [Math.floor(pc / 8)]);
    this.codeRoot = code.root();
    this.instruction = readInstruction(code, pc);
  }

  open(array: ArrayName, leaves: readonly number[]): Multiproof {
    const multiproof = Multiproof.read(this.#reader, arrayDepths[array], leaves);
    if (leaves.length > 0) this.roots.set(array, multiproof.root());
    return multiproof;
  }

  claimLabel(_slot: number, labels: number): number {
    const label = this.#reader.u32();
    if (label > labels) throw new WitnessError("label-claim", `${label} of ${labels}`);
    return label;
  }
}

/** What a running state's witness has shown once it is read to its end; nothing is proven yet. */
export interface ReadStep {
  readonly registers: Registers;
  readonly instruction: Instruction;
  /** Arrays of which the witness shows leaves beside `code`, in the order in which the step asks for them. */
  readonly opened: readonly ArrayName[];
  readonly programRoot: Uint8Array;
  /** The state hash that the witness belongs to, and the one after the step. */
  readonly preState: Uint8Array;
  readonly postState: Uint8Array;
}

/** Reads the witness of a running state, executing its step on the way. */
export function readStep(witness: Uint8Array): ReadStep {
  const reader = new ByteReader(witness);
  const access = new ReplayingAccess(reader);
  const { registers, instruction, codeRoot, roots } = access;
  const outcome = executeOpened(access);
  const named = namedArrays(roots.keys(), outcome);
  const rootOf = (part: unknown) => roots.get(part as ArrayName) ?? reader.hash();
  const rest = new PartialTree(restShape, named, tags.program, rootOf);
  const programRoot = programNode(codeRoot, rest.hash());
  const stack = rootOf("stack");
  const cold = new PartialTree(coldShape, named, tags.state, rootOf);
  reader.end();
  const preState = stateHashOf(registers, stateNode(programRoot, stack), cold.hash());
  const stackNow = outcome.opened.get("stack")?.rootOr(stack) ?? stack;
  for (const name of named) {
    const multiproof = isColdArray(name) ? outcome.opened.get(name) : undefined;
    if (multiproof !== undefined) cold.set(name as ColdName, multiproof.root());
  }
  if (stops(outcome.registers)) cold.set("frames", zeroHash);
  const after = outcome.registers.sp === 0 ? zeroHash : stackNow;
  const postState = stateHashOf(outcome.registers, stateNode(programRoot, after), cold.hash());
  const opened = [...roots.keys()];
  return { registers, instruction, opened, programRoot, preState, postState };
}

/** Arrays whose roots stand in the clear: those that the step opened, and frames where it stops the machine. */
export function namedArrays(opened: Iterable<string>, outcome: StepOutcome): ReadonlySet<string> {
  const named = new Set(opened);
  if (stops(outcome.registers)) named.add("frames");
  return named;
}

/**
 * The state hash after the one step that follows `preState`; `preState` itself if the machine had halted.
 * Throws WitnessError for anything but the canonical witness of that step, TypeError for what is no bytes.
 */
export function replayStep(preState: Uint8Array, witness: Uint8Array): Uint8Array {
  checkBytes("the state hash before", preState);
  checkBytes("the witness", witness);
  if (witness.length === 0) throw new WitnessError("witness-truncated", "no bytes");
  const running = witness[0] === 0;
  if (!running) {
    verifyRegisterProof(preState, witness);
    return preState;
  }
  const step = readStep(witness);
  if (!sameBytes(step.preState, preState)) throw new WitnessError("pre-state-mismatch");
  return step.postState;
}
