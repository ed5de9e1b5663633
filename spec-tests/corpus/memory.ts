/**
 * Loads, stores, memory.size and memory.grow: every row of the table, at the edges of leaves (128 bytes), chunks (4 KiB) and
 * pages, straddling and not, in and out of bounds, with static offsets, in a first and in a second memory.
 */

import { signatureParts } from "../../src/interpreter/isa/columns.ts";
import { type InstructionRow, instructions } from "../../src/interpreter/isa/table.ts";
import { assemble, type Code, op } from "./assembler.ts";
import { type Call, type CorpusModule, call, i32 } from "./case.ts";

const get = (index: number) => op("local.get", index);
const constant = (value: number) => op("i32.const", value);

const memoryBytes = 2 * 65536;
/** Edges of a leaf, of a chunk, of a page, and the end of memory; each is approached from both sides. */
const edges = [128, 4096, 65536];

/** Bytes with and without high bit, no two neighbours equal. */
const pattern = (at: number) =>
  Uint8Array.from({ length: 24 }, (_, n) => (at + n * 37 + 0x71) & 0xff);

const data = [0, ...edges.map((edge) => edge - 12), memoryBytes - 24].map((at) => ({
  at: { offset: constant(at) },
  bytes: pattern(at),
}));

/** Where an access of `width` bytes ends before, at and after an edge, begins at it, and straddles it. */
function addresses(width: number): number[] {
  const around = edges.flatMap((edge) => [edge - width, edge - width + 1, edge - 1, edge]);
  const last = memoryBytes - width;
  return [...new Set([0, 1, ...around, last, last + 1, memoryBytes, -1, -width, -(2 ** 31)])];
}

const stored: Readonly<Record<string, bigint>> = {
  i: 0x81828384n,
  I: 0x8182838485868788n,
  f: 0x7fa00001n,
  F: 0xfff4000000000001n,
  v: 0x8f8e8d8c8b8a89888786858483828180n,
};

function memoryModule(row: InstructionRow, memory: number): CorpusModule {
  const { mnemonic, signature, width = 0, immediates } = row;
  const { params, results } = signatureParts(signature);
  // The last lane: the one that a mistake about lanes takes for another.
  const lane = immediates === "memargLane" ? [16 / width - 1] : [];
  const access = (offset: number): Code[] => [
    ...[...params].map((_, index) => get(index)),
    op(mnemonic as Parameters<typeof op>[0], ...lane, offset, memory),
  ];
  const value = params.length === 2 ? [stored[params[1]]] : [];
  const callAt = (address: number, offset: number, name: string): Call => {
    const outside = (address >>> 0) + offset + width > memoryBytes;
    return call([i32(address), ...value], outside ? "outOfBoundsMemory" : "none", name);
  };
  const far = 0xffffffff;
  const offsets = [0, 5, far];
  return {
    name: `${mnemonic} in memory ${memory}`,
    wasm: assemble({
      memories:
        memory === 0
          ? [[2, 2]]
          : [
              [1, 1],
              [2, 2],
            ],
      data: data.map(({ at, bytes }) => ({ at: { ...at, index: memory }, bytes })),
      functions: offsets.map((offset) => ({
        signature: `${params}:${results}`,
        body: access(offset),
        export: `at${offset}`,
      })),
      exports: [{ name: "memory", kind: "memory", index: memory }],
    }),
    calls: [
      ...addresses(width).map((address) => callAt(address, 0, "at0")),
      ...[0, 123 - width, 4091 - width, memoryBytes - 5 - width, memoryBytes - 4 - width, -5].map(
        (address) => callAt(address, 5, "at5"),
      ),
      ...[0, 1, -1].map((address) => callAt(address, far, `at${far}`)),
    ],
  };
}

function accessModules(): CorpusModule[] {
  const rows: readonly InstructionRow[] = instructions;
  const accesses = rows.filter(({ width, family }) => width !== undefined && family !== "atomic");
  const second = accesses.filter(
    ({ width = 0, signature }) =>
      width === 1 || width === 16 || (width === 8 && !signature?.includes("F")),
  );
  return [
    ...accesses.map((row) => memoryModule(row, 0)),
    ...second.map((row) => memoryModule(row, 1)),
  ];
}

const growth: CorpusModule = {
  name: "memory.size and memory.grow",
  wasm: assemble({
    memories: [[1, 3], [0]],
    functions: [
      {
        signature: "i:iii",
        body: [get(0), op("memory.grow", 0), op("memory.size", 0), op("memory.size", 1)],
        export: "run",
      },
      {
        signature: "i:ii",
        body: [get(0), op("memory.grow", 1), op("memory.size", 1)],
        export: "second",
      },
      {
        // A grown page is zero, can be written, and a store beyond it traps as before.
        signature: "i:iI",
        body: [
          ...[
            constant(1),
            op("memory.grow", 0),
            get(0),
            op("i64.const", -1),
            op("i64.store", 0, 0),
          ],
          ...[get(0), op("i64.load", 0, 0)],
        ],
        export: "use",
      },
    ],
  }),
  calls: [
    ...[0, 1, 2, 3, 65535, 65536, -1].map((pages) => call([i32(pages)])),
    ...[0, 1, 16].map((pages) => call([i32(pages)], "none", "second")),
    call([65536n], "none", "use"),
    call([i32(2 * 65536 - 8)], "none", "use"),
    call([i32(2 * 65536 - 7)], "outOfBoundsMemory", "use"),
  ],
};

const beyondLimit: CorpusModule = {
  ...growth,
  name: "memory.grow beyond this machine's limit",
  calls: [call([17n], "none", "second")],
  machineOnly: true,
};

const fixedGrowth: CorpusModule = {
  ...growth,
  name: "memory.grow under the policy fixed",
  calls: [0, 1].map((pages) => call([i32(pages)])),
  link: { growth: "fixed" },
  machineOnly: true,
};

export function memoryModules(): CorpusModule[] {
  return [...accessModules(), growth, beyondLimit, fixedGrowth];
}
