/**
 * Proofs of parts of a state or a program for whoever holds only its hash (docs/proof-format.md §8): a range of
 * memory against H_VM, an instruction against H_Ψ. Verifying needs neither machine nor program.
 *
 * Invariant: a proof is one canonical byte string for what it is asked to prove; the verifier says what that is.
 */
import { executedRow } from "../../interpreter/isa/table.ts";
import { checkBytes } from "../../interpreter/optionNames.ts";
import { leafBytes, type Program, pageBytes } from "../../interpreter/program/program.ts";
import { arrayDepths, coldShape, leavesOfBytes, memoryStride, sameBytes } from "../tree/arrays.ts";
import { ByteReader, concatenate } from "../tree/byteReader.ts";
import { batchLeaves, tags } from "../tree/keccak/kernel.ts";
import { Multiproof } from "../tree/multiproof.ts";
import { PartialTree } from "../tree/partialTree.ts";
import { type Instruction, readInstruction } from "../witness/multiproofSource.ts";
import { WitnessError } from "../witnessError.ts";
import { ProgramTree, programNode } from "./programTree.ts";
import { controlWord, countersWord, registersOf, stateNode } from "./registers.ts";
import type { StateTree } from "./stateTree.ts";

/** Bytes [address, address + length) of a memory, by its program-wide number. */
export interface MemoryRange {
  readonly memory: number;
  readonly address: number;
  readonly length: number;
}

/** Longest range that one proof covers. */
export const maxProvenBytes = (batchLeaves - 1) * leafBytes;

const provenArrays: ReadonlySet<string> = new Set(["memory", "sizes"]);
const maxMemories = 256;

function checkRange({ memory, address, length }: MemoryRange): void {
  const whole = [memory, address, length].every((value) => Number.isSafeInteger(value));
  const valid = memory >= 0 && memory < maxMemories && address >= 0 && length > 0;
  if (!whole || !valid || length > maxProvenBytes || address + length > memoryStride) {
    throw new RangeError(`expected 1 to ${maxProvenBytes} bytes within a memory`);
  }
}

const sizeLeaves = ({ memory }: MemoryRange): number[] => leavesOfBytes(memory * 4, 4);
const memoryLeaves = ({ memory, address, length }: MemoryRange): number[] =>
  leavesOfBytes(memory * memoryStride + address, length);

/** Proves the bytes of a range that lies within its memory as the state is now. */
export function proveMemory(tree: StateTree, range: MemoryRange): Uint8Array {
  checkRange(range);
  const size = (tree.state.memories[range.memory]?.pages ?? 0) * pageBytes;
  if (range.address + range.length > size) {
    throw new RangeError(`expected a range within the memory's ${size} bytes`);
  }
  tree.sync();
  const registers = registersOf(tree.state);
  const words = stateNode(controlWord(registers), countersWord(registers));
  return concatenate([
    stateNode(words, tree.programAndStack()),
    tree.open("sizes", sizeLeaves(range)).encode(),
    tree.open("memory", memoryLeaves(range)).encode(),
    tree.partialCold(provenArrays).encode(provenArrays),
  ]);
}

/** The bytes that a proof shows of a state hash; WitnessError if it shows nothing of it, TypeError for what is no bytes. */
export function verifyMemory(
  stateHash: Uint8Array,
  range: MemoryRange,
  proof: Uint8Array,
): Uint8Array {
  checkRange(range);
  checkBytes("the state hash", stateHash);
  checkBytes("the proof", proof);
  const reader = new ByteReader(proof);
  const hot = reader.hash();
  const sizes = Multiproof.read(reader, arrayDepths.sizes, sizeLeaves(range));
  const multiproof = Multiproof.read(reader, arrayDepths.memory, memoryLeaves(range));
  const roots = new Map<unknown, Uint8Array>([
    ["sizes", sizes.root()],
    ["memory", multiproof.root()],
  ]);
  const rootOf = (part: unknown) => roots.get(part) ?? reader.hash();
  const cold = new PartialTree(coldShape, provenArrays, tags.state, rootOf);
  reader.end();
  if (!sameBytes(stateNode(hot, cold.hash()), stateHash)) {
    throw new WitnessError("pre-state-mismatch");
  }
  if (range.address + range.length > sizes.word(range.memory * 4) * pageBytes) {
    throw new WitnessError("value-mismatch", "the range does not lie within the memory");
  }
  const start = range.address % leafBytes;
  return multiproof.leaves.slice(start, start + range.length);
}

/** An instruction of a program, with its name. */
export interface ProvenInstruction extends Instruction {
  readonly mnemonic: string;
}

/** Proves the instruction at a pc against the program root. */
export function proveInstruction(program: Program, pc: number): Uint8Array {
  const count = program.code.length / 16;
  if (!Number.isInteger(pc) || pc < 0 || pc >= count) {
    throw new RangeError(`expected a pc below ${count}, got ${pc}`);
  }
  const tree = ProgramTree.of(program);
  return concatenate([tree.open("code", [Math.floor(pc / 8)]).encode(), tree.rest()]);
}

/** The instruction that a proof shows at a pc of a program root; WitnessError if it shows nothing of it. */
export function verifyInstruction(
  programRoot: Uint8Array,
  pc: number,
  proof: Uint8Array,
): ProvenInstruction {
  if (!Number.isSafeInteger(pc) || pc < 0) {
    throw new RangeError(`expected a pc, got ${pc}`);
  }
  const reader = new ByteReader(proof);
  const code = Multiproof.read(reader, arrayDepths.code, [Math.floor(pc / 8)]);
  const rest = reader.hash();
  reader.end();
  if (!sameBytes(programNode(code.root(), rest), programRoot)) {
    throw new WitnessError("root-mismatch", "another program");
  }
  const instruction = readInstruction(code, pc);
  const row = executedRow(instruction.op);
  if (row === undefined || row.family === "structure") {
    throw new WitnessError("unknown-instruction", String(instruction.op));
  }
  return { ...instruction, mnemonic: row.mnemonic };
}
