/**
 * The cold root of a program's genesis state (docs/proof-format.md §5), from the program alone: active segments are
 * laid out by the chunks that they touch, so memory that genesis leaves zero costs nothing.
 *
 * Invariant: equal to `cold` of the tree over `genesis(program)`, for every program that `link` makes. Segments of a
 * store's program that do not fit its declared sizes are left out: such a program has no genesis of its own.
 */
import type { ActiveSegment, Program } from "../../interpreter/program/program.ts";
import { chunkBytes, pageBytes } from "../../interpreter/program/program.ts";
import {
  arrayDepths,
  type ColdName,
  coldRestShape,
  coldShape,
  firstTableSize,
  memoryStride,
  type Shape,
  tableStride,
  writtenShape,
  zeroHash,
} from "../tree/arrays.ts";
import { tags } from "../tree/keccak/kernel.ts";
import { MerkleArray } from "../tree/merkleArray.ts";
import { hashShape } from "../tree/partialTree.ts";

/** Content of one Merkle array by its chunks; what is not there is zero. */
class SparseBytes {
  readonly #chunks = new Map<number, Uint8Array>();

  write(offset: number, bytes: Uint8Array): void {
    let done = 0;
    while (done < bytes.length) {
      const position = offset + done;
      const number = Math.floor(position / chunkBytes);
      const within = position % chunkBytes;
      const part = bytes.subarray(done, done + chunkBytes - within);
      let chunk = this.#chunks.get(number);
      if (chunk === undefined) {
        chunk = new Uint8Array(chunkBytes);
        this.#chunks.set(number, chunk);
      }
      chunk.set(part, within);
      done += part.length;
    }
  }

  root(depth: number): Uint8Array {
    const array = new MerkleArray(depth, (offset, target) => {
      const chunk = this.#chunks.get(Math.floor(offset / chunkBytes));
      const start = offset % chunkBytes;
      target.fill(0);
      if (chunk !== undefined) target.set(chunk.subarray(start, start + target.length));
    });
    for (const number of this.#chunks.keys()) array.invalidate(number);
    return array.root();
  }
}

/** Words, little-endian, as machine arrays hold them. */
function littleEndian(words: Iterable<number | bigint>, bytesEach: 4 | 8): Uint8Array {
  const list = [...words];
  const bytes = new Uint8Array(list.length * bytesEach);
  const view = new DataView(bytes.buffer);
  list.forEach((word, i) => {
    if (bytesEach === 8) view.setBigUint64(i * 8, BigInt(word), true);
    else view.setUint32(i * 4, Number(word), true);
  });
  return bytes;
}

function fits(program: Program, segment: ActiveSegment): boolean {
  if (segment.kind === "data") {
    const size = program.memories[segment.memory].pages * pageBytes;
    return segment.offset + segment.length <= size;
  }
  return segment.offset + segment.references.length <= program.tables[segment.table].size;
}

function memoryRoot(program: Program): Uint8Array {
  const memory = new SparseBytes();
  for (const segment of program.genesis.segments) {
    if (segment.kind !== "data" || !fits(program, segment)) continue;
    memory.write(segment.memory * memoryStride + segment.offset, segment.bytes);
  }
  return memory.root(arrayDepths.memory);
}

function tablesRoot(program: Program): Uint8Array {
  const { tableValues, segments } = program.genesis;
  const entries = program.tables.map(({ size }, t) => new Uint32Array(size).fill(tableValues[t]));
  for (const segment of segments) {
    if (segment.kind !== "elements" || !fits(program, segment)) continue;
    entries[segment.table].set(segment.references, segment.offset);
  }
  const tables = new SparseBytes();
  entries.forEach((words, t) => {
    if (words.some((word) => word !== 0)) tables.write(t * tableStride, littleEndian(words, 8));
  });
  return tables.root(arrayDepths.tables);
}

/** The array `sizes` at genesis, whole. */
function sizesBytes(program: Program): Uint8Array {
  const words = new Uint32Array(2 * firstTableSize);
  program.memories.forEach(({ pages }, m) => {
    words[m] = pages;
  });
  program.tables.forEach(({ size }, t) => {
    words[firstTableSize + t] = size;
  });
  return littleEndian(words, 4);
}

function rootOf(name: ColdName, bytes: Uint8Array): Uint8Array {
  const array = new SparseBytes();
  array.write(0, bytes);
  return array.root(arrayDepths[name]);
}

/** Hash of a part of the cold tree at genesis. */
function coldNode(program: Program, part: Shape<ColdName>): Uint8Array {
  const { globals, dropped } = program.genesis;
  const roots: Partial<Record<ColdName, () => Uint8Array>> = {
    memory: () => memoryRoot(program),
    sizes: () => rootOf("sizes", sizesBytes(program)),
    globals: () => rootOf("globals", littleEndian(globals, 8)),
    tables: () => tablesRoot(program),
    dropped: () => rootOf("dropped", dropped),
  };
  return hashShape(part, (name) => roots[name]?.() ?? zeroHash, tags.state);
}

/** `cold` of the genesis state: 32 bytes. */
export const genesisCold = (program: Program): Uint8Array => coldNode(program, coldShape);

/** The array `sizes` at genesis, and what leads from its root to `cold`. */
export interface GenesisSizes {
  /** Without the zeros at its end. */
  readonly sizes: Uint8Array;
  /** Root of the memories, s(dirty, globals), and the right half of the cold tree. */
  readonly memories: Uint8Array;
  readonly written: Uint8Array;
  readonly rest: Uint8Array;
}

/** Opens `sizes` in the genesis state's cold root. */
export function openGenesisSizes(program: Program): GenesisSizes {
  const bytes = sizesBytes(program);
  return {
    sizes: bytes.subarray(0, bytes.findLastIndex((byte) => byte !== 0) + 1),
    memories: coldNode(program, "memory"),
    written: coldNode(program, writtenShape),
    rest: coldNode(program, coldRestShape),
  };
}
