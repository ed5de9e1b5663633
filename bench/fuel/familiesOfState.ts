/**
 * Families of what is done around an execution: tables and their growth, globals, state hashes, short calls over a large state, calls
 * that trap and are taken back.
 *
 * Invariant: hashes and calls are in the time; their fuel is what the calls themselves spend.
 */
import type { Code, ModuleText } from "../../spec-tests/corpus/assembler.ts";
import { op } from "../../spec-tests/corpus/assembler.ts";
import { touchTable } from "../../src/interpreter/state/tables.ts";
import {
  constant,
  type Family,
  firstLocal,
  gateway,
  get,
  nothing,
  repeat,
  scramble,
  tableOf,
  times,
  working,
  zeros,
} from "./workload.ts";

const x = firstLocal;
const sizes = [10, 1000, 65_536, 1_000_000];

/** Table instructions at random places of a table. */
const tableKinds: readonly ((n: number) => Code[])[] = [
  () => [op("ref.func", 1), op("table.set", 0)],
  () => [op("table.get", 0), op("drop")],
  (n) => [op("ref.func", 1), constant(n), op("table.fill", 0)],
  (n) => [constant(0), constant(n), op("table.copy", 0, 0)],
  (n) => [constant(0), constant(n), op("table.init", 0, 0)],
  () => [op("ref.func", 1), op("table.set", 0), get(x + 1), op("call_indirect", 0, 0)],
];

function tableText(size: number, kind: number, length: number): ModuleText {
  const room = size + length;
  const at = [
    ...scramble(x),
    get(x),
    constant(8),
    op("i32.shr_u"),
    constant(size),
    op("i32.rem_u"),
    op("local.tee", x + 1),
  ];
  return {
    types: [":"],
    tables: [tableOf(room)],
    elements: [{ functions: Array.from({ length }, () => 1) }],
    functions: working([...at, ...tableKinds[kind](length)], "ii", [nothing]),
  };
}

const tables: Family = {
  name: "tables: writes and reads at random places",
  space: { size: sizes, kind: [0, 1, 2, 3, 4, 5], length: [1, 33, 1000, 100_000] },
  build: ({ size, kind, length }) => ({ text: tableText(size, kind, length) }),
};

/** Growth of a table, by functions or null, in calls that trap and are taken back. */
const tableGrowth: Family = {
  name: "tables: growth that is taken back",
  space: {
    size: sizes,
    delta: [0, 1, 33, 100_000, 9_000_000],
    times: [1, 8, 64],
    traps: [0, 1],
    isNull: [0, 1],
  },
  build: ({ size, delta, times: count, traps, isNull }) => ({
    mode: traps === 1 ? "rollBack" : "calls",
    text: {
      tables: [{ type: "r", limits: [size, 10_000_000] }],
      elements: [{ at: "declarative", functions: [0] }],
      functions: [
        gateway([
          ...repeat(count, [
            ...[isNull === 1 ? op("ref.null", "r") : op("ref.func", 0), constant(delta)],
            ...[op("table.grow", 0), op("drop")],
          ]),
          ...(traps === 1 ? [op("unreachable")] : []),
        ]),
      ],
    },
  }),
};

const tableHashes: Family = {
  name: "tables: a write in each chunk, and the state hash",
  space: { size: [1000, 65_536, 1_000_000], every: [32, 512, 1024], flips: [0, 1], full: [0, 1] },
  build: ({ size, every, flips, full }) => ({
    mode: "calls",
    prepare: ({ tables: [table] }) => {
      if (full === 0) return;
      touchTable(table, 0, size);
      table.entries.fill(1);
    },
    text: {
      tables: [tableOf(size)],
      globals: zeros(1, "i"),
      elements: [{ at: "declarative", functions: [1, 2] }],
      functions: [
        gateway(
          [
            ...[op("global.get", 0), constant(flips), op("i32.xor"), op("global.set", 0)],
            ...[op("loop", ""), get(0), op("ref.func", 1), op("ref.func", 2), op("global.get", 0)],
            ...[op("select_t", "r"), op("table.set", 0), get(0), constant(every), op("i32.add")],
            ...[op("local.tee", 0), constant(size), op("i32.lt_u"), op("br_if", 0), op("end")],
          ],
          "ii",
        ),
        nothing,
        nothing,
      ],
    },
  }),
};

/** Sets one global in every chunk of the commitment. */
const globalHashes: Family = {
  name: "globals: a write in each chunk, and the state hash",
  space: { count: [16, 512, 4096, 16_384] },
  build: ({ count }) => ({
    mode: "calls",
    text: {
      globals: zeros(count, "I"),
      functions: [
        gateway(
          Array.from({ length: Math.ceil(count / 512) }, (_, chunk) => [
            ...[op("global.get", chunk * 512), op("i64.const", 1n), op("i64.add")],
            op("global.set", chunk * 512),
          ]).flat(),
        ),
      ],
    },
  }),
};

/** Short calls over a large state, which return or trap, and are taken back or not. */
const shortCalls: Family = {
  name: "calls of the gateway: short ones over a large state",
  space: {
    pages: [0, 16, 1024],
    entries: [0, 1000, 1_000_000],
    globals: [0, 1000, 16_384],
    segments: [0, 10_000],
    input: [0, 4096],
    traps: [0, 1],
    turns: [1, 100, 10_000, 1_000_000],
  },
  build: ({ pages, entries, globals, segments, input, traps, turns }) => ({
    mode: traps === 1 ? "rollBack" : "calls",
    amount: input,
    text: {
      memories: pages === 0 ? [] : [[pages, pages]],
      tables: [tableOf(entries)],
      globals: zeros(globals, "i"),
      data: Array.from({ length: segments }, () => ({ bytes: [1] })),
      functions: [
        gateway([...times(turns, [], 0), ...(traps === 1 ? [op("unreachable")] : [])], "i"),
      ],
    },
  }),
};

/** Frames and slots to their limits, and a trap there. */
const exhaustion: Family = {
  name: "calls of the gateway: recursion until a limit",
  floor: "frames that were spilled go on in the block executor",
  space: { locals: [0, 8, 100, 1000], operands: [0, 8, 100], traps: [0, 1] },
  build: ({ locals, operands, traps }) => ({
    mode: traps === 1 ? "rollBack" : "calls",
    text: {
      functions: [
        gateway(
          [...repeat(operands, [constant(1)]), op("call", 0), ...repeat(operands, [op("drop")])],
          "I".repeat(locals),
        ),
      ],
    },
  }),
};

export const stateFamilies: readonly Family[] = [
  tables,
  tableGrowth,
  tableHashes,
  globalHashes,
  shortCalls,
  exhaustion,
];
