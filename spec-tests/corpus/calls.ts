/**
 * Calls: direct, indirect, tail calls, recursion, both stack limits, start functions. Callees have frames around the
 * edges of the stack's 16-slot leaves, recursion goes deeper than one leaf of frames.
 */
import { assemble, type Code, type ModuleText, op } from "./assembler.ts";
import { type CorpusModule, call, i32, i64 } from "./case.ts";

const get = (index: number) => op("local.get", index);
const constant = (value: number) => op("i32.const", value);
const range = (count: number) => Array.from({ length: count }, (_, n) => n);

type Function = NonNullable<ModuleText["functions"]>[number];
const end = op("end");

const recursion: CorpusModule[] = [
  {
    name: "factorial by recursion",
    wasm: assemble({
      functions: [
        {
          signature: "I:I",
          body: [
            ...[get(0), op("i64.eqz"), op("if", "I"), op("i64.const", 1), op("else")],
            ...[
              get(0),
              get(0),
              op("i64.const", 1),
              op("i64.sub"),
              op("call", 0),
              op("i64.mul"),
              end,
            ],
          ],
          export: "run",
        },
      ],
    }),
    calls: [call([0n]), call([1n]), call([20n]), call([40n])],
  },
  {
    name: "even and odd by mutual recursion",
    wasm: assemble({
      functions: [0, 1].map((self): Function => {
        const other = [get(0), constant(1), op("i32.sub"), op("call", 1 - self)];
        const body = [get(0), op("if", "i"), ...other, op("else"), constant(1 - self), end];
        return { signature: "i:i", body, export: self === 0 ? "run" : "odd" };
      }),
    }),
    calls: [call([17n]), call([0n]), call([18n], "none", "odd")],
  },
  {
    name: "endless recursion: frames run out",
    wasm: assemble({ functions: [{ signature: ":", body: [op("call", 0)], export: "run" }] }),
    calls: [call([], "callStackExhausted")],
    machineOnly: true,
  },
  {
    name: "endless recursion: slots run out",
    wasm: assemble({
      functions: [
        { signature: "i:i", locals: "I".repeat(30), body: [get(0), op("call", 0)], export: "run" },
      ],
    }),
    calls: [call([1n], "callStackExhausted")],
    machineOnly: true,
  },
];

/** A callee with `params` and `results` and further locals, which must be zero whatever lies there. */
function frameModule(params: number, locals: number, results: number): CorpusModule {
  const sum = range(params + locals).flatMap((n) => [get(n), op("i64.add")]);
  const callee: Function = {
    signature: `${"I".repeat(params)}:${"I".repeat(results)}`,
    locals: "I".repeat(locals),
    body: range(results).flatMap((n) => [op("i64.const", n), ...sum]),
  };
  const dirty = range(params + locals + results + 3).flatMap((n) => [op("i64.const", -1 - n)]);
  const caller: Function = {
    signature: `:I${"I".repeat(results)}`,
    body: [
      ...[...dirty, ...dirty.map(() => op("drop"))],
      op("i64.const", 77),
      ...range(params).map((n) => op("i64.const", n + 1)),
      op("call", 1),
    ],
    export: "run",
  };
  return {
    name: `call: ${params} parameters, ${locals} locals, ${results} results`,
    wasm: assemble({ functions: [caller, callee] }),
    calls: [call([])],
  };
}

const frameShapes = [
  ...[
    [0, 0, 0],
    [1, 0, 1],
    [2, 3, 1],
    [0, 14, 1],
    [14, 1, 1],
    [15, 1, 2],
    [16, 0, 16],
  ],
  ...[
    [40, 40, 3],
    [3, 20, 33],
  ],
] as const;

/** A return that leaves values above its results, or results that lie in place already. */
const returns: CorpusModule[] = [
  {
    name: "return from within blocks, past other values",
    wasm: assemble({
      functions: [
        {
          signature: "i:iI",
          body: [
            ...range(18).map(constant),
            ...[op("block"), op("loop"), constant(3), op("i64.const", -4), op("return"), end, end],
            op("unreachable"),
          ],
        },
        { signature: "i:iI", body: [get(0), op("call", 0)], export: "run" },
      ],
    }),
    calls: [call([9n])],
  },
  {
    name: "return in place",
    wasm: assemble({
      functions: [
        { signature: ":i", body: [constant(5), op("return")] },
        { signature: ":i", body: [op("call", 0)], export: "run" },
      ],
    }),
    calls: [call([])],
  },
];

const tables: NonNullable<ModuleText["tables"]> = [
  { type: "r", limits: [2, 10] },
  { type: "r", limits: [40, 60] },
];

/** Two tables: in the second a function of the right type, one of another, a null. */
function indirect(mnemonic: "call_indirect" | "return_call_indirect"): CorpusModule {
  const indirectCall = (tableIndex: number): Code[] => [
    get(0),
    get(1),
    op(mnemonic, 0, tableIndex),
  ];
  return {
    name: mnemonic,
    wasm: assemble({
      types: ["I:I", ":i"],
      tables,
      functions: [
        { signature: "Ii:I", body: indirectCall(1), export: "run" },
        { signature: "Ii:I", body: indirectCall(0), export: "first" },
        {
          signature: "I:I",
          locals: "IiF",
          body: [get(0), get(1), op("i64.sub"), op("i64.const", 1), op("i64.add")],
        },
        { signature: ":i", body: [constant(1)] },
      ],
      elements: [
        { at: { offset: constant(0) }, functions: [3, 2] },
        { at: { index: 1, offset: constant(31) }, functions: [2, 3, 2] },
      ],
    }),
    calls: [
      ...[31, 33].map((n) => call([5n, i32(n)])),
      call([5n, 32n], "indirectCallTypeMismatch"),
      call([5n, 34n], "uninitializedElement"),
      call([5n, 40n], "undefinedElement"),
      call([5n, i32(-1)], "undefinedElement"),
      call([i64(-1), 1n], "none", "first"),
      call([5n, 0n], "indirectCallTypeMismatch", "first"),
      call([5n, 2n], "undefinedElement", "first"),
    ],
  };
}

const tailCalls: CorpusModule[] = [
  {
    name: "return_call: a loop in constant space",
    wasm: assemble({
      functions: [
        {
          signature: "Ii:I",
          body: [
            ...[get(1), op("i32.eqz"), op("if"), get(0), op("return"), end],
            ...[get(0), get(1), op("i64.extend_i32_u"), op("i64.add")],
            ...[get(1), constant(1), op("i32.sub"), op("return_call", 0)],
          ],
          export: "run",
        },
      ],
    }),
    calls: [call([0n, 0n]), call([0n, 100n])],
  },
  {
    name: "return_call: more parameters and a larger frame than the caller has",
    wasm: assemble({
      functions: [
        {
          signature: "I:I",
          body: [
            ...range(20).map(constant),
            ...range(18).map((n) => op("i64.const", n)),
            op("return_call", 1),
          ],
          export: "run",
        },
        {
          signature: `${"I".repeat(18)}:I`,
          locals: "I".repeat(20),
          body: [op("i64.const", 0), ...range(38).flatMap((n) => [get(n), op("i64.add")])],
        },
      ],
    }),
    calls: [call([3n])],
  },
  {
    name: "return_call: fewer parameters, from a deeper frame",
    wasm: assemble({
      functions: [
        {
          signature: "i:i",
          body: [get(0), constant(8), op("call", 1), op("i32.add")],
          export: "run",
        },
        {
          signature: "i:i",
          locals: "iiii",
          body: [constant(6), op("local.set", 1), op("return_call", 2)],
        },
        {
          signature: ":i",
          locals: "ii",
          body: [get(0), get(1), op("i32.or"), constant(9), op("i32.add")],
        },
      ],
    }),
    calls: [call([1n])],
  },
  {
    name: "tail calls whose frame does not fit",
    wasm: assemble({
      types: ["I:I"],
      tables: [{ type: "r", limits: [1] }],
      functions: [
        { signature: "I:I", body: [get(0), op("return_call", 2)], export: "run" },
        {
          signature: "I:I",
          body: [get(0), constant(0), op("return_call_indirect", 0)],
          export: "indirect",
        },
        { signature: "I:I", locals: "I".repeat(100), body: [get(0)] },
        { signature: "I:I", body: [get(0), op("call", 2)], export: "direct" },
        {
          signature: "I:I",
          body: [get(0), constant(0), op("call_indirect", 0)],
          export: "viaTable",
        },
      ],
      elements: [{ at: { offset: constant(0) }, functions: [2] }],
    }),
    calls: ["run", "indirect", "direct", "viaTable"].map((name) =>
      call([1n], "callStackExhausted", name),
    ),
    link: { limits: { stackSlots: 64, frames: 64 } },
    machineOnly: true,
  },
];

const starts: CorpusModule[] = [
  {
    name: "start function",
    wasm: assemble({
      memories: [[1]],
      globals: [{ type: "i", mutable: true, init: constant(3) }],
      functions: [
        {
          signature: ":",
          body: [op("global.get", 0), constant(1), op("i32.add"), op("global.set", 0)],
        },
        { signature: ":i", body: [op("global.get", 0)], export: "run" },
      ],
      start: 0,
    }),
    calls: [{ export: "", args: [], trap: "none", boot: true }, call([])],
  },
];

export function callModules(): CorpusModule[] {
  const frames = frameShapes.map(([params, locals, results]) =>
    frameModule(params, locals, results),
  );
  const viaTables = [indirect("call_indirect"), indirect("return_call_indirect")];
  return [...recursion, ...frames, ...returns, ...viaTables, ...tailCalls, ...starts];
}
