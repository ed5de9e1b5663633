/**
 * Beginning a gateway call (docs/proof-format.md §6): the post state is a function of the pre state, the input's
 * root and its length, so a contract computes it itself.
 */
import { noEntry } from "../../interpreter/program/program.ts";
import { eraOfCall } from "../../interpreter/state/invocation.ts";
import { configBytes, configHash, ProgramTree, programNode } from "../commitment/programTree.ts";
import {
  controlWord,
  countersWord,
  type Registers,
  readRegisters,
  registersOf,
  stateHashOf,
  stateNode,
} from "../commitment/registers.ts";
import type { StateTree } from "../commitment/stateTree.ts";
import {
  arraysShape,
  type ColdName,
  coldShape,
  isZeroHash,
  leavesOf,
  type Shape,
  sameBytes,
  zeroHash,
} from "../tree/arrays.ts";
import { ByteReader, concatenate } from "../tree/byteReader.ts";
import { WitnessError } from "../witnessError.ts";

/** What beginning a call shows: the state at its first step, and the program that both states commit to. */
export interface BegunCall {
  readonly postState: Uint8Array;
  readonly programRoot: Uint8Array;
}

/** What a begin witness shows of the cold tree after s(memory, sizes), in its order. */
const partNames = leavesOf(coldShape).slice(2);
type PartName = (typeof partNames)[number];

/** The begin witness of a state; the tree is in sync. */
export function recordBegin(tree: StateTree): Uint8Array {
  const registers = registersOf(tree.state);
  const program = ProgramTree.of(tree.program);
  const words = [controlWord(registers), countersWord(registers)];
  if (registers.status === 0) {
    return concatenate([...words, program.root(), tree.root("stack"), tree.cold()]);
  }
  return concatenate([
    ...words,
    program.arrayRoot("code"),
    program.restNode(arraysShape),
    program.config,
    tree.root("stack"),
    tree.coldNode(["memory", "sizes"]),
    ...partNames.map((name) => tree.root(name)),
  ]);
}

const mostInputBytes = 2 ** 32 - 1;

/**
 * The state at the first step of a call on an input. Throws WitnessError if the call cannot begin, RangeError for a
 * length that is no u32.
 */
export function replayBegin(
  preState: Uint8Array,
  inputRoot: Uint8Array,
  inputLength: number,
  witness: Uint8Array,
): BegunCall {
  if (!Number.isInteger(inputLength) || inputLength < 0 || inputLength > mostInputBytes) {
    throw new RangeError(`expected a length in bytes, got ${inputLength}`);
  }
  const reader = new ByteReader(witness);
  const registers = readRegisters(reader);
  return registers.status === 0
    ? beginRunning(reader, registers, preState, inputRoot, inputLength)
    : beginHalted(reader, registers, preState, inputRoot, inputLength);
}

/** A running genesis is its own beginning. */
function beginRunning(
  reader: ByteReader,
  registers: Registers,
  preState: Uint8Array,
  inputRoot: Uint8Array,
  inputLength: number,
): BegunCall {
  const programRoot = reader.hash();
  const stack = reader.hash();
  const cold = reader.hash();
  reader.end();
  if (!sameBytes(stateHashOf(registers, stateNode(programRoot, stack), cold), preState)) {
    throw new WitnessError("pre-state-mismatch");
  }
  if (registers.stepCounter !== 0n || !isZeroHash(inputRoot) || inputLength !== 0) {
    throw new WitnessError("not-at-start");
  }
  return { postState: preState, programRoot: programRoot.slice() };
}

function beginHalted(
  reader: ByteReader,
  registers: Registers,
  preState: Uint8Array,
  inputRoot: Uint8Array,
  inputLength: number,
): BegunCall {
  const [code, arrays] = [reader.hash(), reader.hash()];
  const config = reader.take(configBytes);
  const programRoot = programNode(code, programNode(arrays, configHash(config)));
  const stack = reader.hash();
  const memoryAndSizes = reader.hash();
  const parts = new Map(partNames.map((name) => [name, reader.hash()] as const));
  reader.end();
  const coldOf = (shape: Shape<ColdName>): Uint8Array => {
    if (typeof shape === "string") return parts.get(shape as PartName) as Uint8Array;
    if (shape[0] === "memory") return memoryAndSizes;
    return stateNode(coldOf(shape[0]), coldOf(shape[1]));
  };
  const before = stateHashOf(registers, stateNode(programRoot, stack), coldOf(coldShape));
  if (!sameBytes(before, preState)) throw new WitnessError("pre-state-mismatch");
  const begun = begin(registers, config, inputLength);
  for (const name of ["dirty", "frames", "output"] as const) parts.set(name, zeroHash);
  parts.set("input", inputRoot);
  const postState = stateHashOf(begun, stateNode(programRoot, zeroHash), coldOf(coldShape));
  return { postState, programRoot };
}

/** The registers at the first step of a call (docs/machine.md §10). */
function begin(registers: Registers, config: Uint8Array, inputLength: number): Registers {
  const view = new DataView(config.buffer, config.byteOffset, config.length);
  const entry = view.getUint32(4);
  if (entry === noEntry) throw new WitnessError("no-gateway");
  if (inputLength > view.getUint32(36)) throw new WitnessError("input-too-long");
  const callFuel = view.getBigUint64(16);
  const era = eraOfCall(registers.era, registers.fuelCounter, callFuel);
  const { stepCounter, fuelCounter } =
    era === registers.era ? registers : { stepCounter: 0n, fuelCounter: 0n };
  return {
    ...registers,
    era,
    stepCounter,
    fuelCounter,
    status: 0,
    trap: 0,
    pc: entry,
    sp: view.getUint32(8),
    fp: 0,
    depth: 0,
    fuelLimit: fuelCounter + callFuel,
    inputLength,
    outputLength: 0,
  };
}
