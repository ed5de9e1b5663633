/**
 * Families of branches: values that they carry, conditions and tables that no processor foresees, ways out of deep
 * blocks, code that is larger than any cache.
 *
 * Invariant: a branch goes to one of several places that are alike in their fuel.
 */
import type { Code } from "../../spec-tests/corpus/assembler.ts";
import { op } from "../../spec-tests/corpus/assembler.ts";
import {
  constant,
  type Family,
  firstLocal,
  get,
  repeat,
  scramble,
  set,
  type Workload,
  working,
} from "./workload.ts";

const x = firstLocal;
const y = firstLocal + 1;

const carrying: Family = {
  name: "branches that carry values",
  space: { values: [0, 1, 8, 64], kind: [0, 1], under: [0, 1, 20] },
  build: ({ values, kind, under }) => {
    const list = "I".repeat(values);
    const carried = repeat(values, [op("i64.const", 3n)]);
    const branch = kind === 0 ? [op("br", 0)] : [get(x), op("br_table", [0, 0, 0, 0], 0)];
    const body = [
      ...[op("block", 0), ...repeat(under, [get(x)]), ...carried, ...branch, op("end")],
      ...repeat(values, [op("drop")]),
    ];
    return { text: { types: [`:${list}`], functions: working(body, "i") } };
  },
};

/** A branch by a bit of a local, to one side or the other of something that no compiler turns into a select. */
function byBit(bit: number, kind: number): Code[] {
  const test = [get(x), constant(2 ** bit), op("i32.and")];
  const work = [get(y), op("global.set", 0)];
  if (kind === 0) return [op("block", ""), ...test, op("br_if", 0), ...work, op("end")];
  if (kind === 1) return [...test, op("if", ""), ...work, op("end")];
  const sides = [op("if", ""), ...work, op("else"), get(x), op("global.set", 1), op("end")];
  return [...test, ...sides];
}

const unforeseen: Family = {
  name: "branches by bits that nobody foresees",
  space: { kind: [0, 1, 2], branches: [1, 2, 4, 8, 16] },
  build: ({ kind, branches }) => ({
    text: {
      globals: [0, 1].map(() => ({ type: "i", mutable: true, init: constant(0) })),
      functions: working(
        [
          ...scramble(x),
          ...Array.from({ length: branches }, (_, index) => byBit(30 - index, kind)).flat(),
        ],
        "ii",
      ),
    },
  }),
};

/** Targets of a branch table's arms, all of which go on behind the last. */
const mostTargets = 256;

/** `arm`: instructions, in fours, of each of the targets; `order` 1: nobody foresees the next one. */
function branchTable({ labels, order, arm }: Readonly<Record<string, number>>): Workload {
  const targets = Math.min(labels, mostTargets);
  const list = Array.from({ length: labels }, (_, label) => label % targets);
  const arms = Array.from({ length: targets }, (_, index) => [
    op("end"),
    ...repeat(arm, [get(y), constant(index), op("i32.add"), set(y)]),
    op("br", targets - 1 - index),
  ]).flat();
  const index = [get(x), constant(7), op("i32.shr_u"), constant(labels - 1), op("i32.and")];
  const next = [get(x), constant(128), op("i32.add"), set(x)];
  return {
    text: {
      functions: working(
        [
          ...(order === 0 ? next : scramble(x)),
          ...repeat(targets + 1, [op("block", "")]),
          ...[...index, op("br_table", list, 0), ...arms, op("end")],
        ],
        "ii",
      ),
    },
  };
}

const deepBlocks: Family = {
  name: "branches out of deep blocks",
  space: { depth: [1, 64, 1024, 10_000], kind: [0, 1, 2] },
  build: ({ depth, kind }) => {
    const ways = [
      [op("br", depth - 1)],
      [get(x), op("i32.eqz"), op("br_if", depth - 1)],
      [get(x), op("br_table", [0, depth - 1], depth - 1)],
    ];
    const blocks = repeat(depth, [op("block", "")]);
    return {
      text: { functions: working([...blocks, ...ways[kind], ...repeat(depth, [op("end")])], "i") },
    };
  },
};

/** Straight code in a loop, with a store that keeps it where it is now and then. */
function largeCode({ instructions, kind }: Readonly<Record<string, number>>): Workload {
  const units = Array.from({ length: Math.ceil(instructions / 4) }, (_, index) =>
    kind === 0
      ? [get(x), constant(index * 40_503), op("i32.xor"), set(x)]
      : [...[get(x), constant(index), op("i32.add")], op("global.set", index % 2)],
  ).flat();
  return {
    text: {
      globals: [0, 1].map(() => ({ type: "i", mutable: true, init: constant(0) })),
      functions: working(units, "i"),
    },
  };
}

export const branchFamilies: readonly Family[] = [
  carrying,
  unforeseen,
  {
    name: "branch tables",
    space: { labels: [4, 64, 1024, 8192], order: [0, 1], arm: [1, 10, 40] },
    build: branchTable,
  },
  {
    name: "a branch table that the host takes seconds to optimise",
    floor: "translating and compiling, once for a program in a process",
    space: { labels: [32_768], order: [0, 1], arm: [1, 10, 40] },
    build: branchTable,
  },
  deepBlocks,
  {
    name: "code that is larger than a cache",
    space: { instructions: [1000, 10_000, 40_000], kind: [0, 1] },
    build: largeCode,
  },
  {
    name: "a function that the host takes seconds to optimise",
    floor: "translating and compiling, once for a program in a process",
    space: { instructions: [100_000, 400_000], kind: [0, 1] },
    build: largeCode,
  },
];
