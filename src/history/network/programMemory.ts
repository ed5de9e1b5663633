/**
 * Memory that a program declares (docs/validation.md §7, paper 2.2: ω), and how it is shown to the contract ProgramMemory: what
 * a state keeps from one call to the next, as large as the program lets it become.
 *
 * Invariant: `declaredBytes` is what the contract computes of `programMemoryArguments`, and no state of the program has more.
 */
import { opOf } from "../../interpreter/isa/table.ts";
import { readU16, readU32 } from "../../interpreter/program/bigEndian.ts";
import {
  instructionBytes,
  leafBytes,
  type Program,
  pageBytes,
} from "../../interpreter/program/program.ts";
import { openGenesisSizes } from "../../merkle/commitment/genesisCommitment.ts";
import { ProgramTree } from "../../merkle/commitment/programTree.ts";
import { genesisWitness } from "../../merkle/index.ts";
import { arrayDepths, firstTableSize, zeroHash } from "../../merkle/tree/arrays.ts";
import { hexOf } from "./calldata.ts";

/** Bytes of a table's entry, and of a global's slot. */
const slotBytes = 8;
/** Field b of a growth that never succeeds (docs/machine.md §9). */
const never = 0xffffffff;
const growsMemory = opOf("memory.grow");
const growsTable: readonly number[] = [opOf("table.grow"), opOf("table.grow.i64")];

/** An instruction that lets an entry of the array `sizes` grow. */
interface Growth {
  readonly pc: number;
  readonly entry: number;
  readonly most: number;
}

/** One for each memory and table that can grow, by its entry in `sizes`, ascending. */
function growthsOf({ code }: Program): Growth[] {
  const found = new Map<number, Growth>();
  for (let pc = 0; pc * instructionBytes < code.length; pc++) {
    const at = pc * instructionBytes;
    const op = readU16(code, at);
    if (op !== growsMemory && !growsTable.includes(op)) continue;
    const most = readU32(code, at + 8);
    if (op === growsMemory && most === never) continue;
    const entry = readU32(code, at + 4) + (op === growsMemory ? 0 : firstTableSize);
    if (!found.has(entry)) found.set(entry, { pc, entry, most });
  }
  return [...found.values()].sort((one, other) => one.entry - other.entry);
}

/** Bytes of all memories, tables and globals of a state, as large as they can become. */
export function declaredBytes(program: Program): bigint {
  const most = new Map(growthsOf(program).map((growth) => [growth.entry, growth.most]));
  let total = program.globals * slotBytes;
  program.memories.forEach(({ pages }, memory) => {
    total += Math.max(pages, most.get(memory) ?? 0) * pageBytes;
  });
  program.tables.forEach(({ size }, table) => {
    total += Math.max(size, most.get(firstTableSize + table) ?? 0) * slotBytes;
  });
  return BigInt(total);
}

/** The arguments of `ProgramMemory.show`. */
export function programMemoryArguments(program: Program): readonly unknown[] {
  const { sizes, memories, written, rest } = openGenesisSizes(program);
  const genesis = {
    memories: hexOf(memories),
    written: hexOf(written),
    rest: hexOf(rest),
    sizes: hexOf(sizes),
  };
  const tree = ProgramTree.of(program);
  const growths = growthsOf(program).map(({ pc }) => ({ pc, ...leafOf(tree, pc) }));
  return [hexOf(genesisWitness(program)), genesis, growths];
}

/** The leaf of `code` in which an instruction lies, with all of its siblings. */
function leafOf(tree: ProgramTree, pc: number) {
  const bytes = tree.open("code", [Math.floor((pc * instructionBytes) / leafBytes)]).encode();
  // A multiproof of one leaf: the leaf, which of the siblings are not zero, and those (docs/proof-format.md §3).
  const present = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(leafBytes);
  let next = leafBytes + 8;
  const siblings = Array.from({ length: arrayDepths.code }, (_, level) => {
    if (((present >> BigInt(level)) & 1n) === 0n) return hexOf(zeroHash);
    next += zeroHash.length;
    return hexOf(bytes.subarray(next - zeroHash.length, next));
  });
  return { leaf: hexOf(bytes.subarray(0, leafBytes)), siblings };
}
