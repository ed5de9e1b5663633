/**
 * Families of memory: addresses that miss every cache, first touches of chunks, undo logs, pieces of long
 * instructions, growth.
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
  nothing,
  type Parameters,
  repeat,
  scramble,
  set,
  tableOf,
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
  space: { pages: [1, 16, 64, 256, 1024], offset: [0, 1, 4095], width: [0, 1, 2] },
  build: storing,
};

/** Stores to the first byte of every chunk, and the state hash that has to follow. */
const firstTouches: Family = {
  name: "memory: some leaves of every chunk, and the state hash",
  space: { pages: [64, 256, 1024, 4096], leaves: [1, 8, 16] },
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
    ...[get(0), get(0), op("i32.load", leaf * 256, 0), constant(1), op("i32.add")],
    op("i32.store", leaf * 256, 0),
  ]).flat();
}

/** What makes emitted code stop, or might. */
const interruptions: readonly Code[][] = [
  [],
  [constant(1), op("memory.grow", 1), op("drop")],
  [constant(0), op("table.get", 0), op("drop")],
  [constant(3), op("call_indirect", 1, 0)],
  [op("data.drop", 0)],
  [constant(2), op("call_indirect", 1, 0), op("table.size", 0), op("drop")],
];

/** An interruption after stores to `chunks` chunks: what was saved before it has to be saved again after it. */
const interrupted: Family = {
  name: "stops: an interruption after stores to many chunks",
  space: { interruption: interruptions.map((_, index) => index), chunks: [1, 4, 16, 64, 256] },
  build: ({ interruption, chunks }) => ({
    text: {
      types: ["i:i", ":"],
      imports: [{ module: "arbiter", name: "input_size", func: ":i" }],
      memories: [
        [64, 64],
        [1, 16384],
      ],
      tables: [tableOf(10)],
      elements: [{ at: { offset: constant(2) }, functions: [2, 2] }],
      data: [{ bytes: [1] }],
      functions: working(
        [
          ...[constant(chunks * 4096), set(x), op("loop", "")],
          ...[get(x), constant(4096), op("i32.sub"), op("local.tee", x)],
          ...[get(x), op("i32.store", 0, 0), get(x), op("br_if", 0), op("end")],
          ...interruptions[interruption],
        ],
        "i",
        [nothing],
      ),
    },
    options: { growth: "declared" },
  }),
};

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
  space: { pages: [1, 64, 1024, 8192], delta: [1, 16, 4096], times: [1, 8] },
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
  interrupted,
  longInstructions,
  growth,
  growthTakenBack,
];
