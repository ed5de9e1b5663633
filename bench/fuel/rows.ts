/**
 * A family for every row of the instruction table that an instruction can hold: loops of that instruction alone, with as
 * little around it as its type allows, over operands that are slow somewhere: large, subnormal, not a number.
 *
 * Invariant: no row of the table is left out; what needs a setting of its own (memory, tables, calls) has it here.
 */
import type { Code, Immediate, ModuleText } from "../../spec-tests/corpus/assembler.ts";
import { op } from "../../spec-tests/corpus/assembler.ts";
import type { InstructionRow } from "../../src/interpreter/isa/table.ts";
import { instructions } from "../../src/interpreter/isa/table.ts";
import {
  constant,
  type Family,
  firstLocal,
  get,
  type Parameters,
  repeat,
  set,
  type Workload,
  working,
} from "./workload.ts";

type Mnemonic = (typeof instructions)[number]["mnemonic"];

const scalars = "iIfF";
const letters = "iIfFv";
/** Types of the setting of a row: a function with a vector in it would not run as others do. */
const lettersOf = (isVector: boolean): string => (isVector ? letters : scalars);
/** First of the globals that hold left operands; right ones follow. */
const lefts = 0;
const rightsOf = (types: string): number => types.length;
/** A local of each type. */
const localOf = (letter: string): number => firstLocal + letters.indexOf(letter);

/** Operands: ordinary, one, large, small or subnormal, odd bits, not a number. */
const operands: Readonly<Record<string, readonly bigint[]>> = {
  i: [1000n, 1n, 0x7ffffff3n, 3n, 0xdeadbeefn, 0x80000001n],
  I: [1000n, 1n, 0x7ffffffffffffff3n, 3n, 0xdeadbeefcafebaben, 0x8000000000000001n],
  f: [0x3fc00000n, 0x3f800000n, 0x7f000000n, 0x00000123n, 0xc2f6e979n, 0x7fc00001n],
  F: [
    0x3ff8000000000000n,
    0x3ff0000000000000n,
    0x7fe0000000000000n,
    0x0000000000000123n,
    0xc05edd3c07fb4c99n,
    0x7ff8000000000001n,
  ],
  v: [
    0x3fc000003fc000003fc000003fc00000n,
    0x3ff00000000000003f8000003f800000n,
    0x7fe00000000000007f0000007f7fffffn,
    0x00000000000001230000012300000123n,
    0xc05edd3c07fb4c99deadbeefcafebaben,
    0x7ff80000000000017fc000017fc00001n,
  ],
};

const constants: Readonly<Record<string, Mnemonic>> = {
  i: "i32.const",
  I: "i64.const",
  f: "f32.const",
  F: "f64.const",
  v: "v128.const",
};

const literal = (letter: string, bits: bigint): Code => op(constants[letter], bits as Immediate);

/** Globals that hold the operands, so that no compiler knows their values. */
function globals(
  { left = 0, right = 0 }: Parameters,
  types = scalars,
): NonNullable<ModuleText["globals"]> {
  return [left, right].flatMap((choice) =>
    [...types].map((letter) => ({
      type: letter,
      mutable: true,
      init: literal(letter, operands[letter][choice]),
    })),
  );
}

const fromGlobal = (letter: string, first: number): Code =>
  op("global.get", first + letters.indexOf(letter));

/** Brings a result back to the type of the operand that it replaces. */
const conversions: Readonly<Record<string, Mnemonic>> = {
  "I:i": "i64.extend_i32_u",
  "i:I": "i32.wrap_i64",
  "f:i": "f32.reinterpret_i32",
  "F:i": "f64.convert_i32_s",
  "F:I": "f64.reinterpret_i64",
  "f:I": "f32.convert_i64_s",
  "i:f": "i32.reinterpret_f32",
  "i:F": "i32.trunc_sat_f64_s",
  "I:F": "i64.reinterpret_f64",
  "I:f": "i64.trunc_sat_f32_s",
  "f:F": "f32.demote_f64",
  "F:f": "f64.promote_f32",
};

/** Shapes whose first lane is a scalar. */
const shapes = { i: "i32x4", I: "i64x2", f: "f32x4", F: "f64x2" } as const;

function back(to: string, from: string): Code[] {
  if (to === from) return [];
  if (to === "v") return [op(`${shapes[from as keyof typeof shapes]}.splat`)];
  if (from === "v") return [op(`${shapes[to as keyof typeof shapes]}.extract_lane`, 0)];
  return [op(conversions[`${to}:${from}`])];
}

/** A lane that every shape has, or the bytes of two vectors in turns. */
function immediatesOf({ immediates }: InstructionRow): Immediate[] {
  if (immediates === "shuffle") return [Array.from({ length: 16 }, (_, at) => (at * 17) % 32)];
  return immediates === "lane" || immediates === "memargLane" ? [1] : [];
}

/** Instructions whose operands and results the signature tells. */
function numeric(row: InstructionRow, parameters: Parameters): Workload {
  const [inputs, result] = (row.signature as string).split(":");
  const { unroll, form } = parameters;
  const [first] = inputs;
  const types = lettersOf(row.form !== undefined);
  const instruction = op(row.mnemonic as Mnemonic, ...immediatesOf(row));
  const rest = [...inputs].slice(1);
  const others = rest.map((letter) =>
    form === 1 ? get(localOf(letter)) : fromGlobal(letter, rightsOf(types)),
  );
  const unit =
    form === 2
      ? // The first operand stays: results are looked at, but do not feed one another.
        [get(localOf(first)), ...others, instruction, ...back(first, result), set(localOf(first))]
      : [...others, instruction, ...back(first, result)];
  const body =
    form === 2
      ? repeat(unroll, unit)
      : [get(localOf(first)), ...repeat(unroll, unit), set(localOf(first))];
  const before = [...types].flatMap((letter) => [
    ...[fromGlobal(letter, lefts), set(localOf(letter))],
  ]);
  return {
    text: { globals: globals(parameters, types), functions: working(body, types, [], before) },
  };
}

const numericSpace = {
  unroll: [1, 8, 64],
  form: [0, 1, 2],
  left: [0, 1, 2, 3, 4, 5],
  right: [0, 1, 2, 3, 4, 5],
};

const nothing: Code[] = [];
const drops = (count: number): Code[] => repeat(count, [op("drop")]);

/** A place with everything that an instruction may name. */
function setting(
  body: readonly Code[],
  others: NonNullable<ModuleText["functions"]> = [],
  types = scalars,
  isShared = false,
): ModuleText {
  return {
    types: [":", "i:i"],
    imports: [
      { module: "arbiter", name: "input_size", func: ":i" },
      { module: "arbiter", name: "input_read", func: "iii:" },
      { module: "arbiter", name: "time_ms", func: ":I" },
      { module: "arbiter", name: "output_write", func: "ii:" },
    ],
    memories: [isShared ? [64, 64, "shared"] : [64, 64]],
    tables: [{ type: "r", limits: [1000, 100_000] }],
    globals: globals({}, types),
    elements: [
      { at: { offset: constant(0) }, functions: [emptyFunction, emptyFunction] },
      { functions: Array.from({ length: 256 }, () => emptyFunction) },
    ],
    data: [{ bytes: Array.from({ length: 4096 }, (_, index) => index & 0xff) }],
    functions: working(body, types, [
      { signature: ":", body: nothing },
      { signature: "i:i", body: [get(0)] },
      ...others,
    ]),
  };
}

/** Functions behind four imports and `work`. */
const [emptyFunction, identity] = [5, 6];
const [i, I, v] = [localOf("i"), localOf("I"), localOf("v")];
const vectorGlobal = letters.indexOf("v");
const long = (
  mnemonic: Mnemonic,
  middle: Code,
  length: number,
  ...immediates: number[]
): Code[] => [...[constant(256), middle, constant(length), op(mnemonic, ...immediates)]];

/** Control, parametric and other instructions whose operands a signature does not tell. */
const directed: Readonly<Record<string, (length: number) => Code[]>> = {
  nop: () => [op("nop")],
  "atomic.fence": () => [op("atomic.fence")],
  if: () => [get(i), op("if", ""), op("end")],
  else: () => [constant(1), op("if", ""), op("else"), op("end")],
  br: () => [op("block", ""), op("br", 0), op("end")],
  br_if: () => [op("block", ""), get(i), op("br_if", 0), op("end")],
  br_table: () => [op("block", ""), get(i), op("br_table", [0, 0, 0], 0), op("end")],
  return: () => [op("call", emptyFunction)],
  call: () => [get(i), op("call", identity), set(i)],
  call_indirect: () => [constant(0), op("call_indirect", 0, 0)],
  drop: () => [get(i), op("drop")],
  select: () => [get(i), get(i), get(i), op("select"), set(i)],
  "local.get": () => [get(i), op("drop")],
  "local.set": () => [get(i), set(i)],
  "local.tee": () => [get(i), op("local.tee", i), op("drop")],
  "global.get": () => [op("global.get", 0), op("drop")],
  "global.set": () => [get(i), op("global.set", 0)],
  "table.get": () => [constant(7), op("table.get", 0), op("drop")],
  "table.set": () => [constant(7), op("ref.func", emptyFunction), op("table.set", 0)],
  "table.size": () => [op("table.size", 0), op("drop")],
  "table.grow": (length) => [
    ...[op("ref.null", "r"), constant(length > 0 ? 1 : 0), op("table.grow", 0), op("drop")],
  ],
  "table.fill": (length) => long("table.fill", op("ref.func", emptyFunction), length % 700, 0),
  "table.copy": (length) => long("table.copy", constant(0), length % 700, 0, 0),
  "table.init": (length) => long("table.init", constant(0), length % 257, 1, 0),
  "elem.drop": () => [op("elem.drop", 0)],
  "data.drop": () => [op("data.drop", 0)],
  "memory.size": () => [op("memory.size", 0), op("drop")],
  "memory.grow": (length) => [constant(length > 0 ? 1 : 0), op("memory.grow", 0), op("drop")],
  "memory.fill": (length) => long("memory.fill", constant(5), length, 0),
  "memory.copy": (length) => long("memory.copy", constant(100), length, 0, 0),
  "memory.init": (length) => long("memory.init", constant(0), length % 4097, 0, 0),
  "ref.null": () => [op("ref.null", "r"), op("drop")],
  "ref.is_null": () => [op("ref.null", "r"), op("ref.is_null"), op("drop")],
  "ref.func": () => [op("ref.func", emptyFunction), op("drop")],
  "i32.const": () => [constant(7), op("drop")],
  "i64.const": () => [op("i64.const", 0x123456789abcn), set(I)],
  "f32.const": () => [op("f32.const", 7), op("drop")],
  "f64.const": () => [op("f64.const", 7n), op("drop")],
  "v128.const": () => [literal("v", operands.v[4]), op("drop")],
  "drop.v128": () => [get(v), op("drop")],
  "select.v128": () => [get(v), get(v), get(i), op("select"), set(v)],
  "local.get.v128": () => [get(v), op("drop")],
  "local.set.v128": () => [get(v), set(v)],
  "local.tee.v128": () => [get(v), op("local.tee", v), op("drop")],
  "global.get.v128": () => [op("global.get", vectorGlobal), op("drop")],
  "global.set.v128": () => [get(v), op("global.set", vectorGlobal)],
  "host.input_size": () => [op("call", 0), op("drop")],
  "host.input_read": () => [constant(0), constant(0), constant(0), op("call", 1)],
  "host.time_ms": () => [op("call", 2), op("drop")],
  "host.output_write": () => [constant(0), constant(0), op("call", 3)],
};

/** Loads and stores at one address; families.ts has hostile addresses. */
function access(row: InstructionRow): Code[] {
  const [inputs, result] = (row.signature as string).split(":");
  const values = [...inputs].slice(1).map((letter) => get(localOf(letter)));
  const instruction = op(row.mnemonic as Mnemonic, ...immediatesOf(row), 0, 0);
  return [constant(4096), ...values, instruction, ...drops(result.length)];
}

/** Functions that leave by a tail call, and instructions that end a call. */
const ending: Readonly<Record<string, readonly Code[]>> = {
  return_call: [op("return_call", emptyFunction)],
  return_call_indirect: [constant(0), op("return_call_indirect", 0, 0)],
};
const trapping: Readonly<Record<string, readonly Code[]>> = {
  unreachable: [op("unreachable")],
  "host.unknown": [op("call", 0)],
  "host.exit": [constant(0), op("call", 0)],
};

function endingWorkload(body: readonly Code[], unroll: number): Workload {
  const leaver = { signature: ":", body: [...body] };
  return { text: setting(repeat(unroll, [op("call", identity + 1)]), [leaver]) };
}

function trappingWorkload(mnemonic: string): Workload {
  const gateway = { signature: ":", export: "gateway", body: [...trapping[mnemonic]] };
  const isExit = mnemonic === "host.exit";
  const imports = [
    isExit
      ? { module: "arbiter", name: "exit", func: "i:" }
      : { module: "env", name: "missing", func: ":" },
  ];
  return {
    mode: "calls",
    text: { imports, functions: [gateway] },
    options: { unknownImports: "trap" },
  };
}

function familyOf(row: InstructionRow): Family {
  const { mnemonic } = row;
  const name = `row ${mnemonic}`;
  const types = lettersOf(row.form !== undefined);
  if (mnemonic in trapping) return { name, space: {}, build: () => trappingWorkload(mnemonic) };
  if (mnemonic in ending) {
    return {
      name,
      space: { unroll: [1, 8, 64] },
      build: ({ unroll }) => endingWorkload(ending[mnemonic], unroll),
    };
  }
  if (mnemonic in directed) {
    const isLong = directed[mnemonic].length > 0;
    return {
      name,
      space: {
        unroll: [1, 8, 64],
        ...(isLong ? { length: [0, 1, 33, 128, 600, 4096, 65536] } : {}),
      },
      build: ({ unroll, length }) => ({
        text: setting(repeat(unroll, directed[mnemonic](length ?? 0)), [], types),
      }),
    };
  }
  if (row.width !== undefined) {
    return {
      name,
      space: { unroll: [1, 8, 64] },
      // Only a shared memory can be waited on.
      build: ({ unroll }) => ({
        text: setting(repeat(unroll, access(row)), [], types, row.fuel === "wait"),
      }),
    };
  }
  if (row.signature === null) throw new RangeError(`expected a workload for ${mnemonic}`);
  return {
    name,
    space: numericSpace,
    start: { unroll: 64, form: 1, left: 2, right: 0 },
    build: (parameters) => numeric(row, parameters),
  };
}

/** `select_t` becomes `select`; the two are what a 64-bit `table.grow` is lowered to, at its price. */
const withoutFamily: readonly string[] = ["select_t", "table.grow.i64", "table.grow.rest"];

/** One family for each row that an instruction can hold. */
export const rowFamilies: readonly Family[] = (instructions as readonly InstructionRow[])
  .filter(({ family, mnemonic }) => family !== "structure" && !withoutFamily.includes(mnemonic))
  .map(familyOf);
