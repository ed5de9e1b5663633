/**
 * Tables and references: get, set, size, grow, fill, copy, init, elem.drop, ref.null, ref.is_null, ref.func. Pieces begin and
 * end on and beside the edges of leaves (32 entries).
 */
import { assemble, type Code, type ModuleText, op } from "./assembler.ts";
import { type Call, type CorpusModule, call, i32 } from "./case.ts";

const get = (index: number) => op("local.get", index);
const constant = (value: number) => op("i32.const", value);
const threeParams = [get(0), get(1), get(2)];
const triple = (a: number, b: number, c: number) => [i32(a), i32(b), i32(c)];
const size = 200;
const oob = "outOfBoundsTable";

/** Seven functions that return their own number, seen through `probe`: which of them lies at an entry of table 0. */
const functions: NonNullable<ModuleText["functions"]> = [
  ...Array.from({ length: 7 }, (_, n) => ({ signature: ":i", body: [constant(n)] })),
  { signature: "i:i", body: [get(0), op("call_indirect", 0, 0)], export: "probe" },
];
const segment = Array.from({ length: 100 }, (_, n) => n % 7);

function tableModule(
  name: string,
  signature: string,
  body: readonly Code[],
  calls: readonly Call[],
) {
  return {
    name,
    wasm: assemble({
      types: [":i"],
      tables: [
        { type: "r", limits: [size, 260] },
        { type: "r", limits: [size] },
        { type: "x", limits: [size, 300] },
      ],
      functions: [
        ...functions,
        { signature, body, export: "run" },
        {
          signature,
          body: [op("elem.drop", 2), op("elem.drop", 0), ...body],
          export: "dropped",
        },
      ],
      elements: [
        { at: { offset: constant(0) }, functions: segment },
        { at: { index: 1, offset: constant(50) }, functions: segment.slice().reverse() },
        { functions: segment },
        { type: "r", expressions: [op("ref.func", 3), op("ref.null", "r"), op("ref.func", 4)] },
      ],
    }),
    calls,
  } satisfies CorpusModule;
}

const copies = [
  ...[
    [10, 0, 90],
    [0, 10, 90],
    [5, 5, 40],
    [100, 10, 64],
    [32, 0, 32],
    [0, 32, 32],
    [1, 0, 1],
  ],
  ...[
    [31, 30, 34],
    [30, 31, 34],
    [3, 1, 0],
    [size - 10, 0, 10],
    [0, size - 10, 10],
    [size, size, 0],
  ],
] as const;
const badCopies = [
  ...[
    [size - 9, 0, 10],
    [0, size - 9, 10],
    [size + 1, 0, 0],
    [0, size + 1, 0],
    [-1, 0, 1],
  ],
  ...[
    [0, -1, 1],
    [0, 1, -1],
  ],
] as const;

const goodAndBad = (good: readonly (readonly number[])[], bad: readonly (readonly number[])[]) => [
  ...good.map(([d, s, n]) => call(triple(d, s, n))),
  ...bad.map(([d, s, n]) => call(triple(d, s, n), oob)),
];

function bulkTables(): CorpusModule[] {
  const inits = [
    [0, 0, 0],
    [0, 0, 100],
    [120, 5, 70],
    [31, 99, 1],
    [32, 32, 32],
    [size, 100, 0],
    [1, 0, 33],
  ];
  const badInits = [
    [0, 0, 101],
    [0, 100, 1],
    [0, 101, 0],
    [size - 1, 0, 2],
    [0, -1, 1],
    [-1, 0, 1],
    [0, 0, -1],
  ];
  const probe = call([3n], "none", "probe");
  return [
    tableModule(
      "table.copy within a table",
      "iii:",
      [...threeParams, op("table.copy", 0, 0)],
      [...goodAndBad(copies, badCopies), probe],
    ),
    tableModule(
      "table.copy to another table",
      "iii:",
      [...threeParams, op("table.copy", 0, 1)],
      [...goodAndBad(copies, badCopies), probe],
    ),
    tableModule(
      "table.init",
      "iii:",
      [...threeParams, op("table.init", 2, 0)],
      [
        ...goodAndBad(inits, badInits),
        call(triple(0, 0, 0), "none", "dropped"),
        call(triple(0, 0, 1), oob, "dropped"),
      ],
    ),
    tableModule(
      "table.init of expressions",
      "iii:",
      [...threeParams, op("table.init", 3, 1)],
      [
        ...goodAndBad(
          [
            [0, 0, 3],
            [62, 1, 2],
          ],
          [[0, 0, 4]],
        ),
      ],
    ),
    tableModule(
      "table.fill",
      "ixi:x",
      [get(0), get(1), get(2), op("table.fill", 2), constant(40), op("table.get", 2)],
      [
        ...[
          [0, 9, 0],
          [0, 9, 200],
          [31, 9, 2],
          [40, 0, 32],
          [33, 9, 70],
          [size, 9, 0],
        ].map(([d, value, n]) => call(triple(d, value, n))),
        ...[
          [size, 9, 1],
          [size + 1, 9, 0],
          [-1, 9, 1],
          [0, 9, -1],
        ].map(([d, value, n]) => call(triple(d, value, n), oob)),
      ],
    ),
  ];
}

function growTables(): CorpusModule[] {
  const grow = (table: number) => [
    get(0),
    get(1),
    op("table.grow", table),
    op("table.size", table),
  ];
  const lastEntry = [op("table.size", 2), constant(1), op("i32.sub"), op("table.get", 2)];
  return [
    tableModule(
      "table.grow of references",
      "xi:iix",
      [...grow(2), ...lastEntry],
      [
        ...[
          [0, 0],
          [0, 5],
          [0, 100],
          [9, 0],
          [9, 1],
          [9, 24],
          [9, 25],
          [9, 100],
          [9, 101],
          [0, 101],
          [9, -1],
        ].map(([value, n]) => call([i32(value), i32(n)])),
      ],
    ),
    tableModule(
      "table.grow of functions",
      "i:iii",
      [
        ...[op("ref.func", 5), get(0), op("table.grow", 0), op("table.size", 0)],
        ...[op("table.size", 0), constant(1), op("i32.sub"), op("table.get", 0), op("ref.is_null")],
      ],
      [0, 1, 33, 60, 61].map((n) => call([i32(n)])),
    ),
  ];
}

function references(): CorpusModule[] {
  return [
    tableModule(
      "table.get and table.set",
      "iix:x",
      [...[get(0), get(2), op("table.set", 2), get(1), op("table.get", 2)]],
      [
        ...[
          [0, 0],
          [31, 31],
          [32, 31],
          [199, 199],
        ].map(([a, b]) => call([i32(a), i32(b), 7n])),
        call([5n, 5n, 0n]),
        ...[
          [200, 0],
          [0, 200],
          [-1, 0],
          [0, -1],
        ].map(([a, b]) => call([i32(a), i32(b), 7n], oob)),
      ],
    ),
    tableModule(
      "ref.func, ref.null, ref.is_null",
      "x:iiii",
      [
        ...[op("ref.func", 6), op("ref.is_null"), op("ref.null", "r"), op("ref.is_null")],
        ...[get(0), op("ref.is_null")],
        ...[
          constant(150),
          op("ref.func", 6),
          op("table.set", 0),
          constant(150),
          op("call_indirect", 0, 0),
        ],
      ],
      [call([0n]), call([1n])],
    ),
  ];
}

export function tableModules(): CorpusModule[] {
  return [...bulkTables(), ...growTables(), ...references()];
}
