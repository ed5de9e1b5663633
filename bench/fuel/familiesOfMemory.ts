/**
 * Families of memory: addresses that miss every cache or lie over an edge, first touches of chunks, pieces of long
 * instructions, many memories, growth.
 *
 * Invariant: `prepare` writes only what an earlier call of the program could have written.
 */
import type { Code, ModuleText } from "../../spec-tests/corpus/assembler.ts";
import { op } from "../../spec-tests/corpus/assembler.ts";
import type { MachineState } from "../../src/interpreter/state/machineState.ts";
import { markStale } from "../../src/interpreter/state/memories.ts";
import { Random } from "../../test/differential/random.ts";
import {
  constant,
  type Family,
  firstLocal,
  gateway,
  get,
  type Parameters,
  repeat,
  scramble,
  set,
  type Workload,
  working,
} from "./workload.ts";

const pageBytes = 65536;
const x = firstLocal;
const y = firstLocal + 1;

/** Of memories that a cache of every common processor holds, and of larger ones. */
const cachedPages = [1, 16];
const largePages = [64, 256, 1024, 4096, 16384];

/** Links the places of a memory, `stride` bytes apart, into one cycle in random order. */
function linkPlaces(state: MachineState, stride: number): void {
  const [memory] = state.memories;
  const count = Math.min(memory.bytes.length / stride, 2 ** 21);
  const order = Uint32Array.from({ length: count }, (_, place) => place);
  const random = new Random(count);
  for (let place = count - 1; place > 0; place--) {
    const other = random.below(place);
    [order[place], order[other]] = [order[other], order[place]];
  }
  const spread = Math.floor(memory.bytes.length / count / stride) * stride;
  const view = new DataView(memory.bytes.buffer, memory.bytes.byteOffset, memory.bytes.length);
  for (let place = 0; place < count; place++) {
    view.setUint32(order[place] * spread, order[(place + 1) % count] * spread, true);
  }
  markStale(memory, 0, memory.bytes.length);
}

/** Each load's result is the next one's address. */
function chasing({ pages, stride, unroll }: Parameters): Workload {
  return {
    text: {
      memories: [[pages, pages]],
      functions: working([get(x), ...repeat(unroll, [op("i32.load", 0, 0)]), set(x)], "i"),
    },
    prepare: (state) => linkPlaces(state, stride),
  };
}

export const chases: readonly Family[] = [
  {
    name: "memory: loads that follow pointers in a cache",
    floor:
      "a load that waits for the one before takes 4 to 10 ns; all loads would pay for it (docs/decisions/0018-fuel-stands-for-time.md)",
    space: { pages: cachedPages, stride: [64, 256, 4096, 4160], unroll: [1, 16] },
    build: chasing,
  },
  {
    name: "memory: loads that miss every cache",
    space: { pages: largePages, stride: [64, 256], unroll: [1, 16] },
    floor: "a load that misses takes 30 to 200 ns",
    build: chasing,
  },
];

/** An address in [0, size) from a pseudo-random local. */
const randomAddress = (size: number, align: number): Code[] => [
  ...[...scramble(x), get(x), constant((size - 1) & -align), op("i32.and")],
];

const stores = ["i32.store8", "i32.store", "i64.store"] as const;

function storing({ pages: size, offset, width }: Parameters): Workload {
  const value = width === 2 ? op("i64.const", 7n) : get(x);
  const bytes = size * pageBytes;
  const functions = working([...randomAddress(bytes, 8), value, op(stores[width], offset, 0)], "i");
  return { text: { memories: [[size + 1, size + 1]], functions }, options: { chunkFuel: 20_000 } };
}

const randomStores: Family = {
  name: "memory: stores at random addresses",
  space: { pages: [1, 16, 64, 256, 1024, 8192], offset: [0, 1, 4095], width: [0, 1, 2] },
  build: storing,
};

/** Stores to the first byte of every chunk, and the state hash that has to follow. */
const firstTouches: Family = {
  name: "memory: some leaves of every chunk, and the state hash",
  space: { pages: [64, 256, 1024, 4096], leaves: [1, 8, 16, 32] },
  build: ({ pages: size, leaves }) => ({
    mode: "calls",
    text: {
      memories: [[size, size]],
      functions: [
        gateway(
          [
            ...[constant(size * pageBytes), set(0), op("loop", "")],
            ...[get(0), constant(4096), op("i32.sub"), op("local.tee", 0)],
            ...touch(leaves),
            ...[op("br_if", 0), op("end")],
          ],
          "i",
        ),
      ],
    },
  }),
};

/** Changes `count` leaves of the chunk at local 0. */
function touch(count: number): Code[] {
  return Array.from({ length: count }, (_, leaf) => [
    ...[get(0), get(0), op("i32.load", leaf * 128, 0), constant(1), op("i32.add")],
    op("i32.store", leaf * 128, 0),
  ]).flat();
}

const longMnemonics = ["memory.fill", "memory.copy", "memory.init"] as const;

/** Long instructions at changing places, with tiny and with huge pieces. */
const longInstructions: Family = {
  name: "memory: long instructions",
  space: {
    kind: [0, 1, 2],
    length: [0, 1, 2, 17, 127, 128, 129, 512, 4096, 65536],
    pages: [1, 16, 256, 1024],
    shift: [0, 1, 127],
  },
  build: ({ kind, length, pages: size, shift }) => {
    const middle = kind === 1 ? [get(y)] : [constant(0)];
    const body = [
      ...[...randomAddress(size * pageBytes, 128), constant(shift), op("i32.add"), set(y)],
      ...[get(y), ...middle, constant(length), op(longMnemonics[kind], 0, 0)],
    ];
    return {
      text: {
        memories: [[size + 2, size + 2]],
        data: [{ bytes: new Uint8Array(65536) }],
        functions: working(body, "ii"),
      },
    };
  },
};

/** How a value that lies over an edge of a cache line, a chunk or a page is come by: the next address is what was read. */
const edgeKinds: readonly ((at: number) => Code[])[] = [
  (at) => [get(x), op("i32.load", at, 0), set(x)],
  (at) => [get(y), get(x), op("i32.store", at, 0)],
  (at) => [get(y), get(x), op("i32.store", at, 0), get(x), op("i32.load", at, 0), set(x)],
  // Narrow stores and a wide load: the value does not go from one to the other on its way.
  (at) => [
    ...[get(x), get(x), op("i32.store8", at + 1, 0)],
    ...[get(x), get(x), op("i32.store8", at + 2, 0), get(x), op("i32.load", at, 0), set(x)],
  ],
  (at) => [get(x), op("i64.load", at, 0), op("i32.wrap_i64"), set(x)],
  (at) => [get(y), op("i64.const", 7n), op("i64.store", at, 0)],
];

const overEdge = (kind: number, edge: number, before: number, unroll: number): Workload => ({
  text: {
    memories: [[3, 3]],
    functions: working(repeat(unroll, edgeKinds[kind](131_072 + edge - before)), "ii"),
  },
});

const isStore = (kind: number): boolean => kind !== 0 && kind !== 4;
const smallestPage = 4096;

const edges: Family = {
  name: "memory: accesses over an edge",
  space: {
    kind: edgeKinds.map((_, index) => index),
    edge: [0, 64, 4096, 65_536],
    before: [0, 1, 2, 7],
    unroll: [1, 16],
  },
  build: ({ kind, edge, before, unroll }) => {
    const isOverPage = isStore(kind) && edge !== 64 && before > 0;
    return isOverPage ? undefined : overEdge(kind, edge, before, unroll);
  },
};

/** A store over the edge of a page of the host takes 9 ns in bare code as in emitted. */
const storesOverPages: Family = {
  name: "memory: stores over the edge of a page",
  floor: "the processor does it twice; a price for it would be ten times that of every store",
  start: { kind: 1, edge: smallestPage, before: 2, unroll: 16 },
  space: {
    kind: edgeKinds.map((_, index) => index).filter(isStore),
    edge: [smallestPage, 65_536],
    before: [1, 2, 7],
    unroll: [1, 16],
  },
  build: ({ kind, edge, before, unroll }) => overEdge(kind, edge, before, unroll),
};

/**
 * A store to each of many memories, in turn. Engines place memories at multiples of gigabytes, and a processor of the
 * Zen 3 family takes 17 ns for each of eight such stores, in bare code as in emitted.
 */
const manyMemories: Family = {
  name: "memory: stores to many memories",
  floor: "lines of memories at multiples of gigabytes evict each other",
  start: { count: 8, chunks: 1 },
  space: { count: [1, 8, 64], chunks: [1, 16] },
  build: ({ count, chunks }) => ({
    text: {
      memories: Array.from({ length: count }, () => [1, 1] as const),
      functions: working(
        Array.from({ length: count * chunks }, (_, index) => [
          ...[get(x), get(x), op("i32.store", Math.floor(index / count) * 4096, index % count)],
        ]).flat(),
        "i",
      ),
    },
  }),
};

const mostPages = 16_384;

/** Growth from small to large that stays, and a store to what is new. */
const growthThatStays: Family = {
  name: "memory: growth that stays",
  start: { delta: 256, touch: 0 },
  space: { delta: [1, 16, 64, 256, 257, 1024, 4096], touch: [0, 1] },
  build: ({ delta, touch }) => {
    const store = [op("memory.size", 0), constant(1), op("i32.sub"), constant(16), op("i32.shl")];
    const body = [
      ...[constant(delta), op("memory.grow", 0), op("drop")],
      ...(touch === 1 ? [...store, constant(7), op("i32.store", 0, 0)] : []),
    ];
    return {
      mode: "fresh",
      // One turn comes before those that are timed.
      amount: Math.floor((mostPages - 1) / delta) - 1,
      text: { memories: [[1, mostPages]], functions: working(body) },
      options: { growth: "declared" },
    };
  },
};

/** A load from every chunk of a memory that was just grown and never written. */
const firstReads: Family = {
  name: "memory: loads from chunks that were never touched",
  floor: "the host gives a page of its own when it is first touched",
  space: { pages: [16, 256, 4096, 16_000] },
  build: ({ pages }) => ({
    mode: "fresh",
    amount: (pages - 1) * 16,
    text: {
      memories: [[1, 16_384]],
      functions: working(
        [
          ...[get(x), constant(4096), op("i32.add"), op("local.tee", x)],
          ...[op("i32.load", 0, 0), op("drop")],
        ],
        "i",
        [],
        [...[constant(pages), op("memory.grow", 0), op("drop")]],
      ),
    },
    options: { growth: "declared" },
  }),
};

const growth: Family = {
  name: "memory: growth",
  space: { delta: [0, 1, 16], most: [2, 1024, 16384] },
  build: ({ delta, most }) => {
    const text: ModuleText = {
      memories: [[1, most]],
      functions: working([constant(delta), op("memory.grow", 0), op("drop")]),
    };
    return { text, options: { growth: "declared" } };
  },
};

/** Grows a memory that is in use, and traps: the call is taken back. */
const growthTakenBack: Family = {
  name: "memory: growth that is taken back",
  space: { pages: [1, 64, 1024, 8192], delta: [1, 16, 256, 4096], times: [1, 8, 64] },
  build: ({ pages, delta, times }) => ({
    mode: "rollBack",
    text: {
      memories: [[pages, 16384]],
      functions: [
        gateway([
          ...repeat(times, [constant(delta), op("memory.grow", 0), op("drop")]),
          op("unreachable"),
        ]),
      ],
    },
    options: { growth: "declared" },
    prepare: ({ memories: [memory] }) => {
      memory.bytes.fill(1);
      markStale(memory, 0, memory.bytes.length);
    },
  }),
};

export const memoryFamilies: readonly Family[] = [
  ...chases,
  randomStores,
  firstTouches,
  longInstructions,
  edges,
  storesOverPages,
  manyMemories,
  growth,
  growthThatStays,
  firstReads,
  growthTakenBack,
];
