/**
 * Accesses that open more than one leaf of a committed array, or a leaf that is not the first: sizes of far memories and tables,
 * dirty bits on both sides of a byte and of a leaf, many segments, functions, globals, data that begin anywhere.
 * Nothing here is special to WebAssembly; it is special to docs/proof-format.md §1.
 */
import { assemble, op } from "./assembler.ts";
import { type CorpusModule, call, i32, i64 } from "./case.ts";

const get = (index: number) => op("local.get", index);
const constant = (value: number) => op("i32.const", value);
const range = (count: number) => Array.from({ length: count }, (_, n) => n);
const threeParams = [get(0), get(1), get(2)];

/** 40 memories and 40 tables: their sizes lie in two leaves each (32 numbers a leaf). */
const many: CorpusModule = {
  name: "sizes in several leaves",
  wasm: assemble({
    memories: range(40).map((n) => (n === 3 || n === 39 ? [1, 2] : [0, 1])),
    tables: range(40).map(() => ({ type: "r", limits: [5, 9] as const })),
    data: [{ at: { index: 39, offset: constant(100) }, bytes: range(60) }],
    elements: [
      { at: { index: 39, offset: constant(0) }, functions: [0, 1, 2] },
      { functions: [0, 1] },
    ],
    functions: [
      { signature: "iii:", body: [...threeParams, op("memory.copy", 3, 39)], export: "far" },
      { signature: "iii:", body: [...threeParams, op("memory.copy", 39, 3)], export: "back" },
      { signature: "iii:", body: [...threeParams, op("memory.copy", 39, 39)], export: "within" },
      { signature: "iii:", body: [...threeParams, op("table.copy", 1, 39)], export: "farTable" },
      { signature: "iii:", body: [...threeParams, op("table.copy", 39, 1)], export: "backTable" },
      { signature: "iii:", body: [...threeParams, op("table.init", 1, 35)], export: "init" },
      {
        signature: "i:iii",
        body: [get(0), op("memory.grow", 35), op("memory.size", 35), op("memory.size", 0)],
        export: "grow",
      },
      {
        signature: "i:ii",
        body: [op("ref.null", "r"), get(0), op("table.grow", 33), op("table.size", 33)],
        export: "growTable",
      },
      {
        signature: "iI:I",
        body: [get(0), get(1), op("i64.store", 0, 39), get(0), op("i64.load", 0, 39)],
        export: "store",
      },
    ],
    exports: [{ name: "memory", kind: "memory", index: 3 }],
  }),
  calls: [
    ...["far", "back", "within"].flatMap((name) => [
      call([200n, 100n, 60n], "none", name),
      call([0n, 65536n, 0n], "none", name),
      call([65536n, 0n, 1n], "outOfBoundsMemory", name),
      call([0n, 65536n, 1n], "outOfBoundsMemory", name),
    ]),
    ...["farTable", "backTable"].flatMap((name) => [
      call([0n, 1n, 3n], "none", name),
      call([5n, 0n, 1n], "outOfBoundsTable", name),
      call([0n, 5n, 1n], "outOfBoundsTable", name),
    ]),
    call([1n, 0n, 2n], "none", "init"),
    call([4n, 0n, 2n], "outOfBoundsTable", "init"),
    ...[0n, 1n, 2n].map((pages) => call([pages], "none", "grow")),
    ...[0n, 4n, 5n].map((entries) => call([entries], "none", "growTable")),
    call([i32(65528), i64(-3)], "none", "store"),
    call([i32(65529), i64(-3)], "outOfBoundsMemory", "store"),
  ],
};

const mebibyte = 2 ** 20;

/** Chunks 7 and 8 share no byte of the dirty map, chunks 1023 and 1024 no leaf. */
const dirtyMap: CorpusModule = {
  name: "dirty bits in two bytes and in two leaves",
  wasm: assemble({
    memories: [[66, 66]],
    data: [{ at: { offset: constant(4 * mebibyte - 40) }, bytes: range(80) }],
    functions: [
      {
        signature: "iI:I",
        body: [get(0), get(1), op("i64.store"), get(0), op("i64.load")],
        export: "store",
      },
      { signature: "iii:", body: [...threeParams, op("memory.copy", 0, 0)], export: "copy" },
      { signature: "iii:", body: [...threeParams, op("memory.fill", 0)], export: "fill" },
      {
        signature: "iI:",
        body: [
          ...[get(0), get(1), op("i64.store"), get(0), get(1), op("i64.store", 1)],
          ...[get(0), get(1), op("i64.store", 4096)],
        ],
        export: "again",
      },
    ],
  }),
  calls: [
    ...[32768, 4 * mebibyte].flatMap((edge) => [
      ...[edge - 8, edge - 4, edge].map((at) => call([i32(at), i64(-2)], "none", "store")),
      call([i32(edge - 1), i64(-2)], "none", "again"),
      call([i32(edge - 100), 7n, 200n], "none", "fill"),
      call([i32(edge - 30), i32(edge - 40), 80n], "none", "copy"),
      call([i32(edge - 40), i32(edge - 30), 80n], "none", "copy"),
    ]),
  ],
  link: { limits: { stackSlots: 64, frames: 16, memoryPages: 66 } },
};

/** 150 data segments: their flags lie in two leaves, their bytes begin anywhere. */
const segments: CorpusModule = {
  name: "segments in several leaves",
  wasm: assemble({
    memories: [[1]],
    data: range(150).map((n) => ({ bytes: range((n * 13) % 61) })),
    functions: [5, 127, 128, 149].flatMap((n) => [
      { signature: "iii:", body: [...threeParams, op("memory.init", n)], export: `init${n}` },
      {
        signature: "iii:",
        body: [op("data.drop", n), ...threeParams, op("memory.init", n)],
        export: `drop${n}`,
      },
    ]),
    exports: [{ name: "memory", kind: "memory", index: 0 }],
  }),
  calls: [5, 127, 128, 149].flatMap((n) => {
    const length = BigInt((n * 13) % 61);
    return [
      call([120n, 0n, length], "none", `init${n}`),
      call([120n, 1n, length], "outOfBoundsMemory", `init${n}`),
      call([120n, 0n, 0n], "none", `drop${n}`),
      call([120n, 0n, length], "outOfBoundsMemory", `drop${n}`),
    ];
  }),
};

/** 40 functions of 8 instructions a leaf, 40 globals, called and read one by one. */
const functions: CorpusModule = {
  name: "functions and globals in several leaves",
  wasm: assemble({
    types: ["I:I"],
    tables: [{ type: "r", limits: [80] }],
    globals: range(40).map((n) => ({ type: "I", mutable: true, init: op("i64.const", n * 1000) })),
    functions: [
      ...range(40).map((n) => ({
        signature: "I:I",
        locals: "I".repeat(n),
        body: [
          op("global.get", n),
          get(0),
          op("i64.add"),
          op("global.set", n),
          op("global.get", n),
        ],
      })),
      { signature: "Ii:I", body: [get(0), get(1), op("call_indirect", 0, 0)], export: "run" },
      {
        signature: "Ii:I",
        body: [get(0), get(1), op("return_call_indirect", 0, 0)],
        export: "tail",
      },
    ],
    elements: [{ at: { offset: constant(20) }, functions: range(40) }],
  }),
  calls: [20, 27, 28, 43, 44, 59].flatMap((n) => [
    call([5n, BigInt(n)]),
    call([i64(-5), BigInt(n)], "none", "tail"),
  ]),
};

/** Locals far below the operands, and a frame as large as the stack. */
const farLocals: CorpusModule = {
  name: "locals far below the operands",
  wasm: assemble({
    functions: [
      {
        signature: "I:I",
        locals: "I".repeat(600),
        body: [
          ...range(100).map((n) => op("i64.const", n)),
          ...[
            get(0),
            op("i64.const", 3),
            op("i64.mul"),
            op("local.set", 300),
            get(300),
            op("local.set", 0),
          ],
          ...range(100).map(() => op("drop")),
          get(0),
        ],
        export: "run",
      },
    ],
  }),
  calls: [call([14n])],
};

export function layoutModules(): CorpusModule[] {
  return [many, dirtyMap, segments, functions, farLocals];
}
