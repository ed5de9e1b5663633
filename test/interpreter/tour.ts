/**
 * A program that goes through every kind of instruction: arithmetic, branches with values, calls of all kinds, memory in
 * several chunks, long instructions, tables, host instructions. What stop, fuel and snapshot tests run.
 */
import { type Code, type ModuleText, op } from "../../spec-tests/corpus/assembler.ts";

const i32 = (value: number): Code => op("i32.const", value);
const get = (index: number): Code => op("local.get", index);

/** Sum of 1 … n by recursion. */
const recursive = [
  get(0),
  op("i32.eqz"),
  op("if", "i"),
  i32(0),
  op("else"),
  get(0),
  get(0),
  i32(1),
  op("i32.sub"),
  op("call", 5),
  op("i32.add"),
  op("end"),
];

/** Loop with a value-carrying exit, stores at chunk borders, f64 and i64 on the way. */
const loops = [
  op("block", "i"),
  op("loop", ""),
  get(0),
  op("local.tee", 1),
  i32(1500),
  op("i32.mul"),
  get(0),
  op("i64.extend_i32_s"),
  op("i64.const", 0x123456789abcdefn),
  op("i64.mul"),
  op("i64.store", 4090),
  get(1),
  op("f64.convert_i32_s"),
  op("f64.sqrt"),
  op("local.set", 2),
  get(0),
  get(0),
  i32(1),
  op("i32.add"),
  op("local.tee", 0),
  i32(9),
  op("i32.ge_s"),
  op("br_if", 1),
  op("drop"),
  get(2),
  op("f64.const", 2n ** 62n),
  op("f64.lt"),
  op("br_if", 0),
  op("end"),
  i32(-1),
  op("end"),
];

/** br_table over four labels, the outermost carrying a value. */
const switches = [
  op("block", ""),
  op("block", ""),
  op("block", ""),
  get(0),
  op("br_table", [0, 1, 2], 2),
  op("end"),
  i32(11),
  op("return"),
  op("end"),
  i32(22),
  get(0),
  op("br", 1),
  op("end"),
  i32(33),
];

const long = [
  ...[i32(100), i32(0xaa), i32(400), op("memory.fill")],
  ...[i32(4000), i32(100), i32(300), op("memory.copy")],
  ...[i32(4100), i32(4000), i32(290), op("memory.copy")],
  ...[i32(8100), i32(1), i32(200), op("memory.init", 0)],
  op("data.drop", 0),
  ...[i32(12280), i32(0), op("call", 0), op("call", 1)],
  ...[op("ref.func", 5), i32(70), op("table.grow", 0), op("drop")],
  ...[i32(4), op("ref.func", 6), i32(40), op("table.fill", 0)],
  ...[i32(8), i32(4), i32(50), op("table.copy", 0, 0)],
  ...[i32(40), i32(0), i32(2), op("table.init", 0, 0)],
  op("elem.drop", 0),
];

const main = [
  ...[i32(20), op("call", 5)],
  ...[i32(0), op("call", 6), op("i32.add")],
  ...[i32(1), op("call", 7), op("i32.add")],
  ...[op("call", 8), op("i32.add")],
  ...[i32(1), i32(2), op("call_indirect", 0, 0), op("i32.add")],
  ...[op("global.get", 0), op("i64.const", 5n), op("i64.add"), op("global.set", 0)],
  ...[i32(1), op("memory.grow", 0), op("i32.add"), op("memory.size", 0), op("i32.add")],
  ...[i32(65_600), op("i32.load8_s"), op("i32.add")],
  ...[op("call", 2), op("i32.wrap_i64"), op("i32.add"), i32(3), op("call", 9), op("i32.add")],
];

export const tour: ModuleText = {
  types: ["i:i"],
  imports: [
    { module: "arbiter", name: "input_size", func: ":i" },
    { module: "arbiter", name: "input_read", func: "iii:" },
    { module: "arbiter", name: "time_ms", func: ":I" },
    { module: "arbiter", name: "input_size", func: ":i" },
    { module: "arbiter", name: "input_size", func: ":i" },
  ],
  functions: [
    { signature: "i:i", body: recursive },
    { signature: "i:i", locals: "iF", body: loops },
    { signature: "i:i", body: switches },
    { signature: ":i", body: [...long, i32(7)] },
    { signature: "i:i", body: [get(0), i32(0), op("return_call_indirect", 0, 0)] },
    { signature: ":i", body: main, export: "gateway" },
    { signature: "i:", body: [get(0), op("drop")] },
  ],
  tables: [{ type: "r", limits: [4, 200] }],
  memories: [[2, 4]],
  globals: [{ type: "I", mutable: true, init: op("i64.const", 0x100000000n) }],
  elements: [{ functions: [6, 7] }, { at: { offset: i32(0) }, functions: [5, 6, 7] }],
  data: [{ bytes: Array.from({ length: 250 }, (_, index) => index) }],
};
