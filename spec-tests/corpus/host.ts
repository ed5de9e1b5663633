/**
 * What only this machine has: its host functions on an input, and imports that nobody gives.
 */
import type { TrapName } from "../../src/interpreter/isa/trapCodes.ts";
import { assemble, type ModuleText, op } from "./assembler.ts";
import { type Call, type CorpusModule, call } from "./case.ts";

const get = (index: number) => op("local.get", index);
const constant = (value: number) => op("i32.const", value);
const input = Uint8Array.from({ length: 500 }, (_, n) => (n * 11 + 3) & 0xff);
const size = 65536;

const imports: NonNullable<ModuleText["imports"]> = [
  { module: "arbiter", name: "input_size", func: ":i" },
  { module: "arbiter", name: "input_read", func: "iii:" },
  { module: "arbiter", name: "time_ms", func: ":I" },
  { module: "arbiter", name: "output_write", func: "ii:" },
  { module: "arbiter", name: "exit", func: "i:" },
];

/** A gateway reads (destination, offset, length) of the input. */
function readModule(
  name: string,
  memories: ModuleText["memories"],
  reads: readonly [number[], TrapName][],
) {
  const functions = reads.map(([operands], index) => ({
    signature: ":i",
    body: [...operands.map(constant), op("call", 1), op("call", 0)],
    export: `read${index}`,
  }));
  const wasm = assemble({ imports, functions, ...(memories === undefined ? {} : { memories }) });
  const calls = reads.map(
    ([, trap], index): Call => ({ export: `read${index}`, args: [], trap, input }),
  );
  return { name, wasm, calls, machineOnly: true } satisfies CorpusModule;
}

const reading: CorpusModule[] = [
  readModule(
    "input_read",
    [[1, 1]],
    [
      [[0, 0, 500], "none"],
      [[100, 3, 29], "none"],
      [[4000, 130, 300], "none"],
      [[127, 499, 1], "none"],
      [[5, 500, 0], "none"],
      [[size, 0, 0], "none"],
      [[0, 0, 501], "outOfBoundsInput"],
      [[0, 501, 0], "outOfBoundsInput"],
      [[0, -1, 2], "outOfBoundsInput"],
      [[-1, 0, -1], "outOfBoundsInput"],
      [[size - 1, 0, 2], "outOfBoundsMemory"],
      [[-1, 0, 1], "outOfBoundsMemory"],
    ],
  ),
  readModule("input_read without memory", undefined, [
    [[0, 0, 0], "none"],
    [[0, 0, 1], "outOfBoundsMemory"],
    [[0, 0, 501], "outOfBoundsInput"],
  ]),
  {
    name: "input_size and time_ms",
    wasm: assemble({
      imports,
      functions: [{ signature: ":iI", body: [op("call", 0), op("call", 2)], export: "run" }],
    }),
    calls: [
      { export: "run", args: [], trap: "none", input },
      { export: "run", args: [], trap: "none", input: new Uint8Array(0) },
      call([]),
    ],
    machineOnly: true,
  },
  {
    name: "time_ms after millions of fuel, rounded down, its own cost not counted",
    wasm: assemble({
      imports,
      memories: [[1]],
      functions: [
        {
          signature: ":III",
          body: [
            ...[op("call", 2), constant(0), constant(1), op("i32.store"), op("call", 2)],
            ...[constant(4094), constant(1), op("i32.store"), op("call", 2)],
          ],
          export: "run",
        },
      ],
    }),
    calls: [call([])],
    link: { chunkFuel: 1_999_996 },
    machineOnly: true,
  },
  {
    name: "host functions through a table",
    wasm: assemble({
      types: [":i"],
      imports,
      tables: [{ type: "r", limits: [2] }],
      elements: [{ at: { offset: constant(0) }, functions: [0, 2] }],
      functions: [
        { signature: ":i", body: [constant(0), op("call_indirect", 0, 0)], export: "run" },
        { signature: ":i", body: [constant(1), op("call_indirect", 0, 0)], export: "wrong" },
      ],
    }),
    calls: [
      { export: "run", args: [], trap: "none", input },
      call([], "indirectCallTypeMismatch", "wrong"),
    ],
    machineOnly: true,
  },
  {
    name: "an import that nobody gives",
    wasm: assemble({
      imports: [{ module: "env", name: "missing", func: "i:I" }],
      functions: [{ signature: "i:I", body: [get(0), op("call", 0)], export: "run" }],
    }),
    calls: [call([1n], "unknownHostFunction")],
    link: { unknownImports: "trap" },
    machineOnly: true,
  },
];

/** A gateway writes ranges (source, length) of its memory, whose bytes are not zero. */
function writeModule(
  name: string,
  writes: readonly [readonly (readonly number[])[], TrapName][],
  more: Partial<ModuleText> = { memories: [[1]] },
) {
  const functions = writes.map(([ranges], index) => ({
    signature: ":",
    body: ranges.flatMap((range) => [...range.map(constant), op("call", 3)]),
    export: `write${index}`,
  }));
  const data =
    more.memories === undefined ? {} : { data: [{ at: { offset: constant(0) }, bytes: input }] };
  const calls = writes.map(
    ([, trap], index): Call => ({ export: `write${index}`, args: [], trap, input }),
  );
  const wasm = assemble({ imports, functions, ...data, ...more });
  return {
    name,
    wasm,
    calls,
    link: { limits: { stackSlots: 64, frames: 4, outputBytes: 300 } },
    machineOnly: true,
  } satisfies CorpusModule;
}

const writing: CorpusModule[] = [
  writeModule("output_write", [
    [[[0, 0]], "none"],
    [[[size, 0]], "none"],
    [
      [
        [7, 1],
        [100, 127],
        [300, 100],
      ],
      "none",
    ],
    [
      [
        [3, 128],
        [3, 128],
      ],
      "none",
    ],
    [
      [
        [0, 300],
        [0, 0],
      ],
      "none",
    ],
    [[[0, 301]], "outOfBoundsOutput"],
    [
      [
        [0, 300],
        [0, 1],
      ],
      "outOfBoundsOutput",
    ],
    [[[0, -1]], "outOfBoundsOutput"],
    [[[size - 1, 2]], "outOfBoundsMemory"],
    [[[-1, 2]], "outOfBoundsMemory"],
    [[[size + 1, 0]], "outOfBoundsMemory"],
    [
      [
        [100, 200],
        [size, 1],
      ],
      "outOfBoundsMemory",
    ],
  ]),
  writeModule(
    "output_write without memory",
    [
      [[[0, 0]], "none"],
      [[[0, 1]], "outOfBoundsMemory"],
      [[[0, 301]], "outOfBoundsOutput"],
    ],
    {},
  ),
  {
    name: "exit from nested calls with operands below, after output",
    wasm: assemble({
      imports,
      memories: [[1]],
      data: [{ at: { offset: constant(0) }, bytes: input }],
      functions: [
        {
          signature: ":i",
          body: [constant(1), constant(2), op("call", 6), op("i32.add"), op("i32.add")],
          export: "run",
        },
        {
          signature: ":i",
          locals: "I",
          body: [
            constant(5),
            constant(9),
            op("call", 3),
            ...Array.from({ length: 40 }, () => constant(7)),
            constant(-3),
            op("call", 4),
            op("unreachable"),
          ],
        },
        { signature: ":", body: [constant(0), op("call", 4)], export: "zero" },
      ],
    }),
    calls: [
      { export: "run", args: [], trap: "none", input },
      { export: "zero", args: [], trap: "none" },
    ],
    machineOnly: true,
  },
  {
    name: "output_write and exit through a table",
    wasm: assemble({
      types: ["ii:", "i:"],
      imports,
      memories: [[1]],
      tables: [{ type: "r", limits: [2] }],
      elements: [{ at: { offset: constant(0) }, functions: [3, 4] }],
      functions: [
        {
          signature: ":",
          body: [
            constant(10),
            constant(200),
            constant(0),
            op("call_indirect", 0, 0),
            constant(1),
            constant(1),
            op("call_indirect", 1, 0),
          ],
          export: "run",
        },
      ],
    }),
    calls: [call([])],
    machineOnly: true,
  },
];

export function hostModules(): CorpusModule[] {
  return [...reading, ...writing];
}
