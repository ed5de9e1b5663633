/**
 * Control flow: blocks, branches with values, loops, br_table, select, locals, globals, constants.
 * Heights cross the edges of the stack's 16-slot leaves wherever a case moves or drops values.
 */
import { assemble, type Code, type ModuleText, op } from "./assembler.ts";
import { type CorpusModule, call, i32, i64 } from "./case.ts";

const get = (index: number) => op("local.get", index);
const constant = (value: number) => op("i32.const", value);
const numbers = (count: number): Code[] =>
  Array.from({ length: count }, (_, n) => constant(100 + n));
const end = op("end");

function single(signature: string, body: Code[], locals = "", more: ModuleText = {}): Uint8Array {
  const functions = [{ signature, locals, body, export: "run" }, ...(more.functions ?? [])];
  return assemble({ ...more, functions });
}

const range = (count: number) => Array.from({ length: count }, (_, n) => n);

const plain: CorpusModule[] = [
  { name: "nop", wasm: single(":", [op("nop")]), calls: [call([])] },
  {
    name: "unreachable",
    wasm: single(":i", [op("unreachable")]),
    calls: [call([], "unreachable")],
  },
  {
    name: "drop at each height of a leaf",
    wasm: single("i:i", [get(0), ...numbers(17), ...range(17).map(() => op("drop"))]),
    calls: [call([i32(7)])],
  },
  {
    name: "constants",
    wasm: single(":iIfF", [
      constant(-1),
      op("i64.const", -(2n ** 63n)),
      op("f32.const", 0x7fa00001),
      op("f64.const", 0xfff0000000000001n),
    ]),
    calls: [call([])],
  },
  {
    name: "select",
    wasm: single("IIi:I", [get(0), get(1), get(2), op("select")]),
    calls: [call([1n, 2n, 0n]), call([1n, 2n, 1n]), call([1n, 2n, 0x80000000n])],
  },
  {
    name: "select with a type",
    wasm: single("xxi:x", [get(0), get(1), get(2), op("select_t", "x")]),
    calls: [call([5n, 0n, 0n]), call([5n, 0n, 1n])],
  },
  {
    name: "locals across leaves",
    wasm: single(
      "IiF:IiFI",
      [
        ...[get(0), op("local.set", 20), get(20), op("local.tee", 36), op("local.set", 15)],
        ...[get(36), get(1), get(2), get(15)],
      ],
      "I".repeat(35),
    ),
    calls: [call([i64(-5), i32(-6), 0x7ff4000000000000n])],
  },
  {
    name: "dead code",
    wasm: single("i:i", [
      ...[op("block", "i"), get(0), op("br", 0), op("i32.add"), op("drop"), constant(3), end],
      ...[op("return"), op("unreachable"), op("drop")],
    ]),
    calls: [call([4n])],
  },
];

function globalsModule(): CorpusModule {
  const letters = "iIfFrx";
  const zero: Readonly<Record<string, Code>> = {
    i: constant(1),
    I: op("i64.const", -1),
    f: op("f32.const", 0x7fa00001),
    F: op("f64.const", 0x7ff4000000000001n),
    r: op("ref.func", 0),
    x: op("ref.null", "x"),
  };
  // Four rounds of six: 24 globals lie in two leaves.
  const globals = range(24).map((n) => {
    const type = letters[n % 6];
    return { type, mutable: n >= 6, init: zero[type] };
  });
  const set = (n: number) => [op("global.get", n % 6), op("global.set", n)];
  const swap = [op("global.get", 6), op("i32.const", 9), op("global.set", 6), op("global.get", 6)];
  return {
    name: "globals",
    wasm: single(
      ":iiIF",
      [
        ...range(18).flatMap((n) => set(n + 6)),
        ...swap,
        ...[op("global.get", 19), op("global.get", 21)],
      ],
      "",
      { globals },
    ),
    calls: [call([])],
  };
}

const branches: CorpusModule[] = [
  {
    name: "if, with else",
    wasm: single("i:i", [get(0), op("if", "i"), constant(1), op("else"), constant(2), end]),
    calls: [call([0n]), call([1n]), call([0x80000000n])],
  },
  {
    name: "if, without else",
    wasm: single("i:i", [get(0), op("if"), constant(9), op("local.set", 0), end, get(0)]),
    calls: [call([0n]), call([1n])],
  },
  {
    name: "if, with parameters and several results",
    wasm: assemble({
      types: ["ii:ii"],
      functions: [
        {
          signature: "iii:ii",
          body: [
            ...[get(0), get(1), get(2), op("if", 0), op("i32.add"), constant(5)],
            ...[op("else"), op("i32.sub"), constant(6), end],
          ],
          export: "run",
        },
      ],
    }),
    calls: [call([8n, 3n, 0n]), call([8n, 3n, 1n])],
  },
  {
    name: "loop: sum of the numbers to n",
    wasm: single(
      "i:i",
      [
        ...[op("block"), op("loop"), get(0), op("i32.eqz"), op("br_if", 1)],
        ...[get(1), get(0), op("i32.add"), op("local.set", 1)],
        ...[get(0), constant(1), op("i32.sub"), op("local.set", 0), op("br", 0), end, end, get(1)],
      ],
      "i",
    ),
    calls: [call([0n]), call([10n])],
  },
  {
    name: "loop, with parameters",
    wasm: assemble({
      types: ["ii:i"],
      functions: [
        {
          signature: "i:i",
          locals: "ii",
          body: [
            ...[constant(1), get(0), op("loop", 0), op("local.set", 1), op("local.set", 2)],
            ...[
              get(2),
              get(1),
              op("i32.mul"),
              op("local.tee", 2),
              get(1),
              constant(1),
              op("i32.sub"),
            ],
            ...[op("local.tee", 1), get(1), op("br_if", 0), op("drop"), end],
          ],
          export: "run",
        },
      ],
    }),
    calls: [call([5n])],
  },
  {
    name: "br to the function's own label, from a height of one leaf and more",
    wasm: single(":II", [
      ...numbers(20),
      ...[op("block"), op("i64.const", 5), op("i64.const", -6), op("br", 1), end],
      ...[op("unreachable")],
    ]),
    calls: [call([])],
  },
];

/** Branches that carry values down past dropped ones, for heights around the edge of a leaf. */
function carrying(kept: number, dropped: number, arity: number, how: "br" | "br_if" | "br_table") {
  const type = `:${"i".repeat(arity)}`;
  const label = how === "br_table" ? [op("br_table", [0, 0], 0)] : [op(how, 0)];
  // A br_if that is not taken leaves its values; they, and what lies under them, have to go by hand.
  const rest = how === "br_if" ? [op("unreachable")] : [];
  const module = assemble({
    types: [type],
    functions: [
      {
        signature: `i:${"i".repeat(kept + arity)}`,
        body: [
          ...numbers(kept),
          op("block", 0),
          ...numbers(dropped + arity),
          ...(how === "br" ? [] : [get(0)]),
          ...label,
          ...rest,
          end,
        ],
        export: "run",
      },
    ],
  });
  const untaken = how === "br_if" ? [call([0n], "unreachable")] : [call([0n])];
  return {
    name: `${how}: ${arity} values over ${dropped} dropped, at height ${kept + 1}`,
    wasm: module,
    calls: [...untaken, call([1n]), call([i32(-1)])],
  };
}

function carryingModules(): CorpusModule[] {
  const shapes = [
    ...[
      [0, 0, 0],
      [0, 1, 0],
      [3, 0, 2],
      [0, 5, 1],
      [12, 1, 3],
      [13, 2, 3],
      [14, 17, 2],
    ],
    ...[
      [15, 1, 1],
      [15, 40, 0],
      [2, 14, 16],
      [20, 3, 20],
    ],
  ];
  return shapes.flatMap(([kept, dropped, arity]) =>
    (["br", "br_if", "br_table"] as const).map((how) => carrying(kept, dropped, arity, how)),
  );
}

/** br_table with targets of different depths; entries lie in more than one leaf of the program's table. */
function tableModule(labels: number): CorpusModule {
  const targets = range(labels).map((n) => n % 3);
  const indices = new Set([0, 1, 2, labels - 1, labels, labels + 1, -1, 0x7fffffff]);
  return {
    name: `br_table with ${labels} labels`,
    wasm: single("i:i", [
      ...[op("block", "i"), op("block", "i"), op("block", "i"), op("block", "i")],
      ...[constant(1), constant(2), constant(3), get(0), op("br_table", targets, 3), end],
      ...[constant(10), op("i32.add"), end, constant(100), op("i32.add"), end],
      ...[constant(1000), op("i32.add"), end, constant(10000), op("i32.add")],
    ]),
    calls: [...indices].map((n) => call([i32(n)])),
  };
}

export function controlModules(): CorpusModule[] {
  const tables = [0, 1, 3, 40].map(tableModule);
  return [...plain, globalsModule(), ...branches, ...carryingModules(), ...tables];
}
