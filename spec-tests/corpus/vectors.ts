/**
 * Vectors: each instruction that computes, on vectors whose lanes are edge values; constants; vectors in locals, globals,
 * parameters and results, at the edges of leaves, where one value lies in two.
 *
 * Invariant: rows come from the instruction table. Results whose lanes may be NaNs are given lane by lane, so that they can be
 * compared with a host's; what a host may compute otherwise (relaxed instructions) is not compared with it.
 */
import { signatureParts } from "../../src/interpreter/isa/columns.ts";
import type { LaneShape } from "../../src/interpreter/isa/instructionRow.ts";
import { type InstructionRow, instructions } from "../../src/interpreter/isa/table.ts";
import { laneCount } from "../../src/interpreter/isa/vectorTable.ts";
import { assemble, type Code, type Immediate, op } from "./assembler.ts";
import { type Call, type CorpusModule, call } from "./case.ts";
import { edges } from "./grid.ts";

type AnyMnemonic = Parameters<typeof op>[0];

const get = (index: number) => op("local.get", index);
const range = (count: number) => Array.from({ length: count }, (_, n) => n);

function distinctIn(bits: number): bigint[] {
  return [...new Set(edges.I.map((value) => BigInt.asUintN(bits, value)))];
}

const laneEdges: Readonly<Record<LaneShape, readonly bigint[]>> = {
  i8x16: distinctIn(8),
  i16x8: distinctIn(16),
  i32x4: edges.i,
  i64x2: edges.I,
  f32x4: edges.f,
  f64x2: edges.F,
};

/** Operand `index` of call `n`: the edges one after another from lane to lane, each operand in a stride of its own. */
function vectorOf(shape: LaneShape, n: number, index: number): bigint {
  const count = laneCount(shape);
  const values = laneEdges[shape];
  const stride = [1, 7, 11][index];
  return range(count).reduce((vector, lane) => {
    const value = values[(stride * (n * count + lane) + index * (n + 3)) % values.length];
    return vector | (value << BigInt((128 / count) * lane));
  }, 0n);
}

const scalarShapes: Readonly<Record<string, LaneShape>> = {
  i: "i32x4",
  I: "i64x2",
  f: "f32x4",
  F: "f64x2",
};

function operandsOf({ signature, from, lanes }: InstructionRow, n: number): bigint[] {
  const { params } = signatureParts(signature);
  return [...params].map((letter, index) => {
    const scalar = scalarShapes[letter];
    if (scalar === undefined) return vectorOf(from ?? lanes ?? "i8x16", n, index);
    const values = laneEdges[scalar];
    return values[(3 * n + 1) % values.length];
  });
}

const shuffles: readonly (readonly number[])[] = [
  range(16).map((lane) => 31 - lane),
  range(16).map((lane) => (lane * lane + 7) % 32),
];

/** Immediates of the functions that a row has: the first lane and the last, some shuffles. */
function immediatesOf({ immediates, lanes }: InstructionRow): readonly (readonly Immediate[])[] {
  if (immediates === "shuffle") return shuffles.map((lanesOfBoth) => [lanesOfBoth]);
  if (immediates !== "lane" || lanes === undefined) return [[]];
  return [[0], [laneCount(lanes) - 1]];
}

/** What a function gives: the vector, or its lanes where they may be NaNs. */
function resultOf({ signature, lanes, mayMakeNan }: InstructionRow, local: number) {
  const { results } = signatureParts(signature);
  if (!mayMakeNan || (lanes !== "f32x4" && lanes !== "f64x2")) return { results, code: [] };
  const extract = lanes === "f32x4" ? "f32x4.extract_lane" : "f64x2.extract_lane";
  return {
    results: lanes === "f32x4" ? "ffff" : "FF",
    code: [
      op("local.set", local),
      ...range(laneCount(lanes)).flatMap((lane) => [get(local), op(extract, lane)]),
    ],
  };
}

const computing: readonly string[] = [
  "vectorLane",
  "vectorInteger",
  "vectorConversion",
  "vectorFloat",
];

/** One module a row; at most `perRow` calls of each of its functions. */
export function vectorGridModules(perRow: number): CorpusModule[] {
  const rows = (instructions as readonly InstructionRow[]).filter(({ family }) =>
    computing.includes(family),
  );
  return rows.map((row) => {
    const { params } = signatureParts(row.signature);
    const { results, code } = resultOf(row, params.length);
    const functions = immediatesOf(row).map((immediates, index) => ({
      signature: `${params}:${results}`,
      locals: "v",
      body: [
        ...range(params.length).map(get),
        op(row.mnemonic as AnyMnemonic, ...immediates),
        ...code,
      ],
      export: `run${index}`,
    }));
    const calls = functions.flatMap(({ export: name }) =>
      range(perRow).map((n): Call => ({ export: name, args: operandsOf(row, n) })),
    );
    return {
      name: `grid › ${row.mnemonic}`,
      ...(row.feature === "relaxedSimd" ? { machineOnly: true } : {}),
      wasm: assemble({ functions }),
      calls,
    };
  });
}

const patterns = [0x0f0e0d0c0b0a09080706050403020100n, (1n << 128n) - 1n, 1n << 127n, 0n];

/** Twenty constants: their entries lie in three leaves (8 a leaf); two are equal. */
const constants: CorpusModule = {
  name: "vector constants",
  wasm: assemble({
    functions: range(20).map((n) => ({
      signature: ":v",
      body: [op("v128.const", (patterns[n % 4] ^ BigInt(n >> 2)) as bigint)],
      export: `constant${n}`,
    })),
  }),
  calls: range(20).map((n) => call([], "none", `constant${n}`)),
};

/** Everything that holds a vector, with `before` slots under it: odd numbers let vectors lie in two leaves. */
function holders(before: number): CorpusModule {
  const pad = "I".repeat(before);
  const first = before;
  const second = before + 1;
  const code: Code[] = [
    ...[get(first), op("local.tee", second), op("v128.not"), op("local.set", first)],
    ...[get(first), op("global.set", before), op("global.get", before), get(second)],
    ...[get(before + 2), op("select"), get(first), op("drop")],
  ];
  return {
    name: `vectors above ${before} slots`,
    wasm: assemble({
      globals: [
        ...range(before).map(() => ({ type: "I", mutable: true, init: op("i64.const", 7) })),
        { type: "v", mutable: true, init: op("v128.const", patterns[0] as bigint) },
      ],
      functions: [
        // Parameters: padding, the vector, a vector more, what selects.
        { signature: `${pad}vvi:v`, body: code },
        {
          signature: "vi:v",
          body: [
            ...range(before).map((n) => op("i64.const", n + 1)),
            ...[get(0), get(0), get(1), op("call", 0)],
          ],
          export: "run",
        },
      ],
    }),
    calls: [
      call([patterns[0] + 1n, 0n]),
      call([patterns[0] + 1n, 1n]),
      call([patterns[1], 0x100000000n - 1n]),
    ],
  };
}

/** Vectors that a branch, a loop, a block's end, a call through a table and a tail call carry. */
const carried: CorpusModule = {
  name: "vectors that control carries",
  wasm: assemble({
    types: ["vv:v"],
    tables: [{ type: "r", limits: [2] }],
    elements: [{ at: { offset: op("i32.const", 0) }, functions: [0, 0] }],
    functions: [
      { signature: "vv:v", body: [get(0), get(1), op("i64x2.add")] },
      {
        signature: "vi:v",
        body: [
          ...[op("block", "v"), get(0), get(0), get(0), get(1), op("br_if", 0)],
          ...[op("i8x16.add"), op("i16x8.mul"), op("end")],
        ],
        export: "branch",
      },
      {
        signature: "vi:v",
        body: [
          ...[op("block", "v"), op("block", "v"), op("i64.const", 9), get(0), get(1)],
          ...[op("br_table", [0, 1], 0), op("end"), op("v128.not"), op("end")],
        ],
        export: "table",
      },
      {
        signature: "vi:v",
        body: [get(1), op("if", "v"), get(0), op("else"), get(0), op("v128.not"), op("end")],
        export: "choose",
      },
      {
        signature: "vi:v",
        body: [get(0), get(0), get(1), op("call_indirect", 0, 0)],
        export: "indirect",
      },
      {
        signature: "vi:v",
        body: [op("i64.const", 3), get(0), get(0), get(1), op("return_call_indirect", 0, 0)],
        export: "tail",
      },
      {
        signature: "vi:v",
        body: [op("i64.const", 3), get(0), get(0), op("return_call", 0)],
        export: "direct",
      },
    ],
  }),
  calls: ["branch", "table", "choose", "indirect", "tail", "direct"].flatMap((name) =>
    [0n, 1n].map((index) => call([patterns[0], index], "none", name)),
  ),
};

/** Vectors beyond the grid. */
export function vectorModules(): CorpusModule[] {
  return [constants, ...[0, 1, 10, 13, 14, 15].map(holders), carried];
}
