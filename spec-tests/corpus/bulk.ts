/**
 * Bulk memory: fill, copy, init, data.drop. Pieces begin and end on and beside the edges of leaves and chunks; copies
 * overlap in both directions, go between memories, and stop at every kind of bound.
 */
import { assemble, op } from "./assembler.ts";
import { type Call, type CorpusModule, call, i32 } from "./case.ts";

const get = (index: number) => op("local.get", index);
const constant = (value: number) => op("i32.const", value);
const threeParams = [get(0), get(1), get(2)];
const size = 65536;
const text = Uint8Array.from({ length: 700 }, (_, n) => (n * 7 + 1) & 0xff);

/** (first, length) pairs whose pieces meet edges of leaves and chunks in every way. */
const spans = [
  ...[
    [0, 0],
    [0, 1],
    [127, 1],
    [127, 2],
    [128, 128],
    [100, 28],
    [100, 29],
    [1, 300],
  ],
  ...[
    [4095, 2],
    [4000, 300],
    [size, 0],
    [size - 1, 1],
    [size - 130, 130],
  ],
] as const;
const badSpans = [
  [size, 1],
  [size + 1, 0],
  [-1, 0],
  [-1, -1],
  [0, -1],
  [size - 1, 2],
] as const;

const triple = (a: number, b: number, c: number) => [i32(a), i32(b), i32(c)];
const memoryExport = { name: "memory", kind: "memory", index: 0 } as const;

function bulkModule(
  name: string,
  body: ReturnType<typeof op>,
  calls: readonly Call[],
): CorpusModule {
  return {
    name,
    wasm: assemble({
      memories: [
        [1, 1],
        [1, 1],
      ],
      data: [
        { at: { offset: constant(0) }, bytes: text },
        { at: { offset: constant(size - text.length) }, bytes: text },
        { at: { index: 1, offset: constant(3000) }, bytes: text.slice().reverse() },
        { bytes: text.subarray(0, 300) },
      ],
      functions: [
        { signature: "iii:", body: [...threeParams, body], export: "run" },
        {
          signature: "iii:",
          body: [op("data.drop", 3), op("data.drop", 0), ...threeParams, body],
          export: "dropped",
        },
      ],
      exports: [memoryExport],
    }),
    calls,
  };
}

const oob = "outOfBoundsMemory";

function copyCalls(): Call[] {
  const same = [
    // destination, source, length: forward, backward, in place, apart, touching.
    ...[
      [10, 0, 300],
      [0, 10, 300],
      [5, 5, 200],
      [300, 10, 250],
      [128, 0, 128],
      [0, 128, 128],
    ],
    ...[
      [1, 0, 1],
      [127, 126, 130],
      [126, 127, 130],
      [4090, 100, 500],
      [100, 4090, 20],
      [3, 1, 0],
    ],
    ...[
      [200, 199, 257],
      [199, 200, 257],
      [size - 100, 0, 100],
      [0, size - 100, 100],
      [size, size, 0],
    ],
  ];
  const bad = [
    ...[
      [size - 99, 0, 100],
      [0, size - 99, 100],
      [size + 1, 0, 0],
      [0, size + 1, 0],
    ],
    ...[
      [-1, 0, 1],
      [0, -1, 1],
      [0, 1, -1],
      [10, 0, size],
    ],
  ];
  return [
    ...same.map(([d, s, n]) => call(triple(d, s, n))),
    ...bad.map(([d, s, n]) => call(triple(d, s, n), oob)),
  ];
}

function initCalls(): Call[] {
  const good = [
    ...[
      [0, 0, 0],
      [0, 0, 300],
      [4000, 5, 200],
      [127, 299, 1],
      [128, 128, 128],
      [size, 300, 0],
    ],
    ...[
      [size - 300, 0, 300],
      [1, 0, 129],
    ],
  ];
  const bad = [
    [0, 0, 301],
    [0, 300, 1],
    [0, 301, 0],
    [size - 1, 0, 2],
    [0, -1, 1],
    [-1, 0, 1],
    [0, 0, -1],
  ];
  return [
    ...good.map(([d, s, n]) => call(triple(d, s, n))),
    ...bad.map(([d, s, n]) => call(triple(d, s, n), oob)),
    call(triple(0, 0, 0), "none", "dropped"),
    call(triple(0, 0, 1), oob, "dropped"),
    call(triple(0, 1, 0), oob, "dropped"),
  ];
}

export function bulkModules(): CorpusModule[] {
  const fills = [
    ...spans.flatMap(([d, n]) => [0xab, 0x1ff].map((value) => call(triple(d, value, n)))),
    ...badSpans.map(([d, n]) => call(triple(d, 1, n), oob)),
  ];
  const between = copyCalls().filter(({ args }) => args[2] > 0n);
  return [
    bulkModule("memory.fill", op("memory.fill", 0), fills),
    bulkModule("memory.copy within a memory", op("memory.copy", 0, 0), copyCalls()),
    bulkModule("memory.copy to another memory", op("memory.copy", 0, 1), between),
    bulkModule("memory.init", op("memory.init", 3, 0), initCalls()),
  ];
}
