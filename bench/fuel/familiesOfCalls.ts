/**
 * Families of calls: many locals, arguments and results, many targets, deep and tall frames, host calls, and code that
 * is compiled to be run once.
 *
 * Invariant: every program returns; what runs out of a limit is in familiesOfState.ts.
 */
import type { Code, ModuleText } from "../../spec-tests/corpus/assembler.ts";
import { op } from "../../spec-tests/corpus/assembler.ts";
import {
  constant,
  type Family,
  firstLocal,
  gateway,
  get,
  loop,
  type Parameters,
  repeat,
  scramble,
  set,
  tableOf,
  times,
  type Workload,
  working,
} from "./workload.ts";

const x = firstLocal;
type Functions = NonNullable<ModuleText["functions"]>;

/** A callee whose locals no compiler can leave out: one is read, which one the caller says. */
function calling({ locals, values, kind }: Parameters): Workload | undefined {
  const isTail = kind === 2;
  if (isTail && values > 16) return undefined;
  const list = "I".repeat(values);
  const signature = `${list}:${isTail ? "" : list}`;
  const results = isTail ? [] : Array.from({ length: values }, (_, index) => get(index));
  const callee: Functions[number] = {
    signature,
    locals: "i".repeat(locals),
    body: [get(values), op("if", ""), op("unreachable"), op("end"), ...results].slice(
      locals === 0 ? 4 : 0,
    ),
  };
  const pass = repeat(values, [op("i64.const", 3n)]);
  const leave = isTail ? [] : repeat(values, [op("drop")]);
  const leaver = { signature: ":", body: [...pass, op("return_call", 1)] };
  const call: Readonly<Record<number, Code[]>> = {
    0: [...pass, op("call", 1), ...leave],
    1: [...pass, constant(0), op("call_indirect", 0, 0), ...leave],
    2: [op("call", 2)],
  };
  return {
    text: {
      types: [signature],
      tables: [tableOf(1)],
      elements: [{ at: { offset: constant(0) }, functions: [1] }],
      functions: working(call[kind], "", isTail ? [callee, leaver] : [callee]),
    },
  };
}

const calls: Family = {
  name: "calls: locals, arguments and results",
  space: {
    locals: [0, 1, 8, 64, 1000, 10_000, 40_000],
    values: [0, 1, 4, 16, 50, 128],
    kind: [0, 1, 2],
  },
  build: calling,
};

const targets: Family = {
  name: "calls: many targets of an indirect call",
  space: { count: [1, 16, 256, 4096], order: [0, 1] },
  build: ({ count, order }) => ({
    text: {
      types: ["i:i"],
      tables: [tableOf(count)],
      elements: [
        {
          at: { offset: constant(0) },
          functions: Array.from({ length: count }, (_, index) => 1 + index),
        },
      ],
      functions: working(
        [
          ...(order === 0 ? [get(x), constant(1), op("i32.add"), set(x)] : scramble(x)),
          ...[get(x), get(x), constant(8), op("i32.shr_u"), constant(count - 1), op("i32.and")],
          ...[op("call_indirect", 0, 0), op("drop")],
        ],
        "i",
        Array.from({ length: count }, (_, index) => ({
          signature: "i:i",
          body: [get(0), constant(index), op("i32.add")],
        })),
      ),
    },
  }),
};

/** Recursion to a depth, with operands under each call, and a small call on the way back. */
function recursing({ depth, locals, operands, after }: Parameters): Workload | undefined {
  if ((locals + operands + 2) * depth > 120_000) return undefined;
  const again = [
    ...repeat(operands, [get(0)]),
    ...[get(0), constant(1), op("i32.sub"), op("call", 1)],
    ...(after === 1 ? [op("call", 2)] : []),
    ...repeat(operands, [op("drop")]),
  ];
  const body = [get(0), op("if", ""), ...again, op("end")];
  return {
    text: {
      functions: working([constant(depth), op("call", 1)], "", [
        { signature: "i:", locals: "I".repeat(locals), body },
        { signature: ":", locals: "i", body: [constant(1), set(0)] },
      ]),
    },
  };
}

const recursion: Family = {
  name: "calls: recursion",
  space: { depth: [10, 100, 200], locals: [0, 6, 100], operands: [0, 6, 100], after: [0, 1] },
  build: recursing,
};

/** Up to the limits of frames and slots, which a host with 4 MiB of stack holds (docs/fuel.md §3). */
const deepRecursion: Family = {
  name: "calls: recursion to the limits",
  space: {
    depth: [1000, 4000, 5000, 16_000],
    locals: [0, 6, 16, 60, 100],
    operands: [0, 6, 20, 100],
    after: [0, 1],
  },
  build: recursing,
};

/** A call of each host function. */
const hostCallKinds = (length: number): readonly Code[][] => [
  [op("call", 0), op("drop")],
  [op("call", 1), op("drop")],
  [get(0), get(0), constant(length), op("call", 2)],
  [get(0), constant(length), op("call", 3)],
];

const hostCalls: Family = {
  name: "calls of host functions",
  space: {
    kind: [0, 1, 2, 3],
    length: [0, 1, 64, 65, 128, 4096, 16_384, 65_536],
    input: [0, 65_536, 2 ** 22],
  },
  build: ({ kind, length, input }) => ({
    mode: "calls",
    amount: input,
    text: {
      imports: [
        { module: "arbiter", name: "input_size", func: ":i" },
        { module: "arbiter", name: "time_ms", func: ":I" },
        { module: "arbiter", name: "input_read", func: "iii:" },
        { module: "arbiter", name: "output_write", func: "ii:" },
      ],
      memories: [[2, 2]],
      functions: [gateway([...times(3000, hostCallKinds(length)[kind], 0)], "i")],
    },
  }),
};

/** Straight code that runs once, or loops that each run a little, or just enough to be compiled: what is made is not used. */
const compiled: Family = {
  name: "code that runs once",
  floor: "translating and compiling, once for a program in a process",
  space: {
    functions: [1, 64, 2000],
    instructions: [10, 1000, 100_000],
    loops: [0, 1],
    turns: [1, 20, 100, 400, 2000],
  },
  build: ({ functions, instructions, loops, turns }) => {
    if (functions * instructions > 400_000) return undefined;
    const unit = [get(0), constant(1), op("i32.add"), set(0)];
    const inner = [...times(turns, [], 0)];
    const some = repeat(
      Math.ceil(instructions / (loops === 1 ? 7 : 4)),
      loops === 1 ? inner : unit,
    );
    return {
      mode: "cold",
      amount: 70_000,
      text: {
        functions: [
          { signature: "i:", export: "work", body: coldBody(functions) },
          ...Array.from({ length: functions }, () => ({ signature: ":", locals: "i", body: some })),
        ],
      },
    };
  },
};

/** Enough turns that the default executor compiles, then each function once. */
function coldBody(functions: number): Code[] {
  return [
    ...loop([], 0),
    ...Array.from({ length: functions }, (_, index) => op("call", 1 + index)),
  ];
}

export const callFamilies: readonly Family[] = [
  calls,
  targets,
  recursion,
  deepRecursion,
  hostCalls,
  compiled,
];
