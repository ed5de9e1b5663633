/**
 * Families of what makes emitted code stop, or might: calls that it cannot make, instructions that it leaves to the
 * executor, functions that pass a bound of the host's engine, traps; with cheap instructions between, stores to chunks
 * that have to be saved again, frames that have to be rebuilt.
 *
 * Invariant: `others` are instructions between two stops, which run in emitted code only if an entry is worth it.
 */
import type { Code, ModuleText } from "../../spec-tests/corpus/assembler.ts";
import { op } from "../../spec-tests/corpus/assembler.ts";
import {
  constant,
  type Family,
  firstLocal,
  gateway,
  get,
  nothing,
  repeat,
  set,
  tableOf,
  times,
  working,
} from "./workload.ts";

const x = firstLocal;
const others = [0, 8, 64, 400, 2000];

/** So many instructions that cost one fuel each. */
const cheap = (count: number): Code[] =>
  repeat(Math.floor(count / 4), [get(x), constant(1), op("i32.add"), set(x)]);

/** A stub of a host function, and a type that shares its host signature with another: both end emitted code. */
const stubs: Family = {
  name: "stops: calls that emitted code cannot make",
  space: { kind: [0, 1], others },
  build: ({ kind, others: count }) => ({
    text: {
      types: [":i", "x:", "i:"],
      imports: [{ module: "arbiter", name: "input_size", func: ":i" }],
      tables: [tableOf(10)],
      elements: [{ at: { offset: constant(0) }, functions: [0, 2] }],
      functions: working(
        [
          ...cheap(count),
          ...(kind === 0
            ? [constant(0), op("call_indirect", 0, 0), op("drop")]
            : [op("ref.null", "x"), constant(1), op("call_indirect", 1, 0)]),
        ],
        "i",
        [
          { signature: "x:", body: [] },
          { signature: "i:", body: [] },
        ],
      ),
    },
  }),
};

const interruptions: readonly Code[][] = [
  [],
  [constant(1), op("memory.grow", 1), op("drop")],
  [constant(0), op("table.get", 0), op("drop")],
  [constant(3), op("call_indirect", 1, 0)],
  [op("data.drop", 0)],
  [constant(2), op("call_indirect", 1, 0), op("table.size", 0), op("drop")],
  [constant(4), op("call_indirect", 0, 0), op("drop")],
  [constant(0), constant(0), op("call", 1)],
  [constant(0), constant(1), op("i64.const", 0n), op("memory.atomic.wait32", 0, 2), op("drop")],
];

/** An interruption after stores to `chunks` chunks: what was saved before it has to be saved again after it. */
const interrupted: Family = {
  name: "stops: an interruption after stores to many chunks",
  space: {
    interruption: interruptions.map((_, index) => index),
    chunks: [1, 4, 16, 64, 256],
    others,
  },
  build: ({ interruption, chunks, others: count }) => ({
    text: {
      types: [":i", ":"],
      imports: [
        { module: "arbiter", name: "input_size", func: ":i" },
        { module: "arbiter", name: "output_write", func: "ii:" },
      ],
      memories: [
        [64, 64],
        [1, 16384],
        [1, 1, "shared"],
      ],
      tables: [tableOf(10)],
      elements: [{ at: { offset: constant(2) }, functions: [3, 3, 0] }],
      data: [{ bytes: [1] }],
      functions: working(
        [
          ...[constant(chunks * 4096), set(x), op("loop", "")],
          ...[get(x), constant(4096), op("i32.sub"), op("local.tee", x)],
          ...[get(x), op("i32.store", 0, 0), get(x), op("br_if", 0), op("end")],
          ...cheap(count),
          ...interruptions[interruption],
        ],
        "i",
        [nothing],
      ),
    },
    options: { growth: "declared" },
  }),
};

const wide = (value: number): Code => op("i64.const", BigInt(value));

/** Instructions of memories and tables with 64-bit addresses. */
const wideKinds: readonly Code[][] = [
  [wide(64), op("i32.load", 0, 0), op("drop")],
  [wide(64), get(x), op("i32.store", 0, 0)],
  [wide(64), constant(5), wide(0), op("memory.fill", 0)],
  [wide(64), constant(5), wide(100), op("memory.fill", 0)],
  [wide(64), wide(256), wide(0), op("memory.copy", 0, 0)],
  [wide(64), constant(0), constant(0), op("memory.init", 0, 0)],
  [op("memory.size", 0), op("drop")],
  [wide(0), op("memory.grow", 0), op("drop")],
  [wide(1), op("table.get", 0), op("drop")],
  [wide(1), op("ref.func", 1), op("table.set", 0)],
  [op("table.size", 0), op("drop")],
  [op("ref.null", "r"), wide(0), op("table.grow", 0), op("drop")],
  [wide(1), op("ref.func", 1), wide(0), op("table.fill", 0)],
  [wide(1), op("call_indirect", 0, 0)],
];

const wideAddresses: Family = {
  name: "stops: memories and tables with 64-bit addresses",
  space: { kind: wideKinds.map((_, index) => index), others },
  build: ({ kind, others: count }) => ({
    text: {
      types: [":"],
      memories: [[4, 4, "i64"]],
      tables: [{ type: "r", limits: [10, 10, "i64"] }],
      elements: [{ at: { offset: wide(1) }, functions: [1] }],
      data: [{ bytes: [1] }],
      functions: working([...cheap(count), ...wideKinds[kind]], "i", [nothing]),
    },
  }),
};

/** Code that is more than a bound allows; it lies behind a branch that is always taken. */
const unboundedCode: readonly (() => Code[])[] = [
  () => [...repeat(1100, [op("loop", "")]), ...repeat(1100, [op("end")])],
  () => [...repeat(33_000, [op("block", "")]), ...repeat(33_000, [op("end")])],
  tallBlocks,
];

/** Branches over a thousand operands each. */
function tallBlocks(): Code[] {
  const operands = 1000;
  const branch = [op("block", ""), get(0), op("br_if", 0), op("end")];
  return [
    ...repeat(operands, [constant(1)]),
    ...repeat(5000, branch),
    ...repeat(operands, [op("drop")]),
  ];
}

const kept: Family = {
  name: "stops: calls of a function that passes a bound of the host's engine",
  floor: "such functions run on the block executor (docs/fast-path.md §8)",
  space: { bound: unboundedCode.map((_, index) => index), others },
  build: ({ bound, others: count }) => ({
    text: {
      functions: working([...cheap(count), constant(0), op("call", 1)], "i", [
        {
          signature: "i:",
          body: [
            ...[get(0), op("i32.eqz"), op("if", ""), op("return"), op("end")],
            ...unboundedCode[bound](),
          ],
        },
      ]),
    },
  }),
};

const traps: readonly Code[][] = [
  [op("unreachable")],
  [constant(-1), op("i32.load", 0, 0), op("drop")],
  [constant(-1), constant(1), op("i32.store", 0, 0)],
  [constant(1), get(0), op("i32.div_u"), op("drop")],
  [constant(9), op("call_indirect", 0, 0)],
  [constant(1), op("call_indirect", 1, 0), op("drop")],
  [op("f32.const", 0x7fc00000), op("i32.trunc_f32_s"), op("drop")],
  [constant(-1), constant(0), constant(2), op("memory.fill", 0)],
];

/** Calls that trap after a while, in some frames, with chunks that they have written; all is taken back. */
const trapping: Family = {
  name: "stops: a trap after some turns, and the call is taken back",
  floor: "the entry that traps is run again to find the place, once for a call",
  space: {
    trap: traps.map((_, index) => index),
    turns: [1, 100, 10_000, 1_000_000],
    depth: [0, 100, 4000],
    chunks: [0, 16],
  },
  build: ({ trap, turns, depth, chunks }) => {
    const stores = Array.from({ length: chunks }, (_, chunk) => [
      ...[constant(chunk * 4096), constant(7), op("i32.store", 0, 0)],
    ]).flat();
    const text: ModuleText = {
      types: [":", ":I"],
      memories: [[1, 1]],
      tables: [tableOf(10)],
      elements: [{ at: { offset: constant(1) }, functions: [0] }],
      functions: [
        gateway([...stores, ...times(turns, [], 0), constant(depth), op("call", 1)], "i"),
        {
          signature: "i:",
          locals: "i",
          body: [
            ...[get(0), op("if", ""), get(0), constant(1), op("i32.sub"), op("call", 1)],
            ...[op("else"), ...traps[trap], op("end")],
          ],
        },
      ],
    };
    return { mode: "rollBack", text };
  },
};

export const stopFamilies: readonly Family[] = [stubs, interrupted, wideAddresses, kept, trapping];
