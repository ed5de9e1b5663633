/**
 * One or more cases for each code of `InvalidError`: code, level, bytes with the byte to blame marked
 * (the opcode of the instruction at fault, the index or limit in a declaration).
 */
import type { Case } from "./malformed.ts";
import { binary, body, raw } from "./notation.ts";

const functionOf = (type: string) => `01 (01 60 ${type}) 03 (01 00)`;
const oneFunction = functionOf("00 00");
const memory = "05 (01 00 01)";
const table = "04 (01 70 00 01)";
const withMemory = (code: string) => binary(`${oneFunction} ${memory} 0a (01 (00 ${code}))`);
const withTable = (code: string) => binary(`${oneFunction} ${table} 0a (01 (00 ${code}))`);
const returning = (type: string, code: string) =>
  binary(`${functionOf(type)} 0a (01 (00 ${code}))`);
const constant = (code: string) => binary(`06 (01 7f 00 ${code})`);

/** Memories and tables 0 have 64-bit addresses, 1 have 32-bit ones. */
const of64 = (code: string) =>
  binary(
    `01 (01 60 00 00) 03 (01 00) 04 (02 70 04 01 70 00 01) 05 (02 04 01 00 01) 0a (01 (00 ${code}))`,
  );

const thousand = "e9 07";

export const typeMismatches: readonly Case[] = [
  ["type-mismatch", "an empty stack", body("^1a 0b")],
  ["type-mismatch", "i64 for i32", body("41 00 42 00 ^6a 1a 0b")],
  ["type-mismatch", "too few operands", body("41 00 ^6a 1a 0b")],
  ["type-mismatch", "a missing result", returning("00 01 7f", "^0b")],
  ["type-mismatch", "a result too many", body("41 00 ^0b")],
  ["type-mismatch", "operands of an outer block", body("41 00 02 40 ^1a 0b 1a 0b")],
  ["type-mismatch", "an if without else that gives a result", body("41 00 04 7f 41 00 ^0b 1a 0b")],
  ["type-mismatch", "a branch without its value", body("02 7f ^0c 00 0b 1a 0b")],
  ["type-mismatch", "br_if of another type", body("02 7f 42 00 41 00 ^0d 00 0b 1a 0b")],
  ["type-mismatch", "br_table with other arities", body("02 7f 41 00 41 00 ^0e 01 00 01 0b 1a 0b")],
  [
    "type-mismatch",
    "br_table with other types",
    body("02 7f 02 7e 42 00 41 00 ^0e 01 01 00 0b 1a 41 00 0b 1a 0b"),
  ],
  [
    "type-mismatch",
    "br_table with other types, unreachable, in 1.0",
    body("02 7f 02 7e 00 ^0e 01 01 00 0b 1a 41 00 0b 1a 0b"),
    "1.0",
  ],
  ["type-mismatch", "select of two types", body("41 00 42 00 41 00 ^1b 1a 0b")],
  ["type-mismatch", "select of references", body("d0 70 d0 70 41 00 ^1b 1a 0b")],
  ["type-mismatch", "typed select of others", body("41 00 41 00 41 00 ^1c 01 7e 1a 0b")],
  ["type-mismatch", "ref.is_null of i32", body("41 00 ^d1 1a 0b")],
  ["type-mismatch", "a call without argument", returning("01 7f 00", "^10 00 0b")],
  ["type-mismatch", "return without value", returning("00 01 7f", "^0f 0b")],
  [
    "type-mismatch",
    "a tail call with other results",
    binary("01 (02 60 00 00 60 00 01 7f) 03 (02 00 01) 0a (02 (00 ^12 01 0b) (00 41 00 0b))"),
  ],
  [
    "type-mismatch",
    "call_indirect through externref",
    binary(`${oneFunction} 04 (01 6f 00 01) 0a (01 (00 41 00 ^11 00 00 0b))`),
  ],
  [
    "type-mismatch",
    "table.copy between types",
    binary(
      `${oneFunction} 04 (02 70 00 01 6f 00 01) 0a (01 (00 41 00 41 00 41 00 ^fc 0e 00 01 0b))`,
    ),
  ],
  [
    "type-mismatch",
    "table.init of another type",
    binary(
      `${oneFunction} 04 (01 70 00 01) 09 (01 05 6f 00) 0a (01 (00 41 00 41 00 41 00 ^fc 0c 00 00 0b))`,
    ),
  ],
  [
    "type-mismatch",
    "an element segment for another table",
    binary("04 (01 6f 00 01) 09 (01 ^00 41 00 0b 00)"),
  ],
  ["type-mismatch", "a global of another type", constant("42 00 ^0b")],
  ["type-mismatch", "a constant with two values", constant("41 00 41 00 ^0b")],
];

export const invalid: readonly Case[] = [
  ...typeMismatches,
  ["unknown-type", "of a function", binary("03 (01 ^00) 0a (01 (00 0b))")],
  ["unknown-type", "of an import", binary('02 (01 "m" "n" 00 ^05)')],
  ["unknown-type", "of a block", body("^02 05 0b 0b")],
  ["unknown-type", "of call_indirect", withTable("41 00 ^11 07 00 0b")],
  ["unknown-function", "call", body("^10 01 0b")],
  ["unknown-function", "ref.func", body("^d2 07 1a 0b")],
  ["unknown-function", "export", binary('07 (01 "f" 00 ^00)')],
  ["unknown-function", "start", binary("08 (^00)")],
  ["unknown-function", "element", binary(`${table} 09 (01 00 41 00 0b 01 ^00)`)],
  ["unknown-table", "table.get", body("41 00 ^25 00 1a 0b")],
  ["unknown-table", "call_indirect", body("41 00 ^11 00 00 0b")],
  ["unknown-table", "an element segment", binary("09 (01 ^00 41 00 0b 00)")],
  ["unknown-table", "an explicit index", binary(`${table} 09 (01 02 ^01 41 00 0b 00 00)`)],
  ["unknown-table", "index 1 in 1.0", binary(`${table} 09 (01 ^01 41 00 0b 00)`), "1.0"],
  ["unknown-memory", "a load", body("41 00 ^28 02 00 1a 0b")],
  ["unknown-memory", "memory.size of memory 1", withMemory("^3f 01 1a 0b")],
  ["unknown-memory", "a data segment", binary("0b (01 ^00 41 00 0b 00)")],
  ["unknown-memory", "an explicit index", binary(`${memory} 0b (01 02 ^01 41 00 0b 00)`)],
  ["unknown-global", "global.get", body("^23 00 1a 0b")],
  ["unknown-global", "a global that comes later", binary("06 (02 7f 00 ^23 01 0b 7f 00 41 00 0b)")],
  [
    "unknown-global",
    "an earlier global in 2.0",
    binary("06 (02 7f 00 41 00 0b 7f 00 ^23 00 0b)"),
    "2.0",
  ],
  ["unknown-local", "local.get", body("^20 00 1a 0b")],
  ["unknown-local", "beyond a long run", body("41 00 ^21 10 0b", "01 10 7f")],
  ["unknown-label", "br", body("^0c 01 0b")],
  ["unknown-label", "br_table", body("41 00 ^0e 01 09 00 0b")],
  ["unknown-elem-segment", "elem.drop", body("^fc 0d 00 0b")],
  ["unknown-data-segment", "data.drop", binary(`${oneFunction} 0c (00) 0a (01 (00 ^fc 09 00 0b))`)],
  ["undeclared-function-reference", "of itself", body("^d2 00 1a 0b")],
  ["constant-expression-required", "nop", constant("^01 41 00 0b")],
  [
    "constant-expression-required",
    "a mutable global",
    binary('02 (01 "m" "n" 03 7f 01) 06 (01 7f 00 ^23 00 0b)'),
  ],
  [
    "constant-expression-required",
    "i32.add in 2.0",
    binary("06 (01 7f 00 41 00 41 00 ^6a 0b)"),
    "2.0",
  ],
  [
    "immutable-global",
    "global.set",
    binary(`${oneFunction} 06 (01 7f 00 41 00 0b) 0a (01 (00 41 00 ^24 00 0b))`),
  ],
  ["invalid-result-arity", "select of two", body("41 00 41 00 41 00 ^1c 02 7f 7f 1a 0b")],
  ["invalid-result-arity", "two results in 1.0", binary("01 (01 ^60 00 02 7f 7f)"), "1.0"],
  ["alignment-too-large", "i32.load with 2**3", withMemory("41 00 ^28 03 00 1a 0b")],
  ["alignment-too-large", "v128.load with 2**5", withMemory("41 00 ^fd 00 05 00 1a 0b")],
  [
    "alignment-too-large",
    "v128.load64_lane with 2**4",
    withMemory("41 00 41 00 fd 0f ^fd 57 04 00 00 1a 0b"),
  ],
  ["invalid-lane-index", "i8x16.extract_lane_s of lane 16", body("41 00 fd 0f ^fd 15 10 1a 0b")],
  ["invalid-lane-index", "i64x2.replace_lane of lane 2", body("41 00 fd 0f 42 00 ^fd 1e 02 1a 0b")],
  [
    "invalid-lane-index",
    "v128.load32_lane of lane 4",
    withMemory("41 00 41 00 fd 0f ^fd 56 02 00 04 1a 0b"),
  ],
  [
    "invalid-lane-index",
    "i8x16.shuffle of byte 32",
    body("41 00 fd 0f 41 00 fd 0f ^fd 0d 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 20 1a 0b"),
  ],
  ["type-mismatch", "i8x16.add of an i32", body("41 00 fd 0f 41 00 ^fd 6e 1a 0b")],
  ["alignment-too-large", "i32.load8_u with 2**1", withMemory("41 00 ^2d 01 00 1a 0b")],
  ["atomic-alignment", "i32.atomic.load with 2**1", withMemory("41 00 ^fe 10 01 00 1a 0b")],
  ["atomic-alignment", "i32.atomic.load with 2**3", withMemory("41 00 ^fe 10 03 00 1a 0b")],
  ["atomic-alignment", "i64.atomic.store8 with 2**1", withMemory("41 00 42 00 ^fe 1b 01 00 0b")],
  ["offset-out-of-range", "2**32", withMemory("41 00 ^28 02 80 80 80 80 10 1a 0b")],
  ["memory-size", "65537 pages", binary("05 (01 ^00 81 80 04)")],
  ["memory-size", "2**48 + 1 pages of 64 bits", binary("05 (01 ^04 81 80 80 80 80 80 40)")],
  ["type-mismatch", "a 32-bit address", of64("41 00 ^28 02 00 1a 0b")],
  ["type-mismatch", "a 32-bit address of an atomic access", of64("41 00 ^fe 10 02 00 1a 0b")],
  ["type-mismatch", "a 32-bit number of pages", of64("41 00 ^40 00 1a 0b")],
  ["type-mismatch", "a 64-bit length between 64 and 32", of64("42 00 41 00 42 00 ^fc 0a 00 01 0b")],
  ["type-mismatch", "a 32-bit source of 64", of64("41 00 41 00 41 00 ^fc 0a 01 00 0b")],
  ["type-mismatch", "a 32-bit index", of64("41 00 ^25 00 1a 0b")],
  ["type-mismatch", "a 64-bit length between tables", of64("42 00 41 00 42 00 ^fc 0e 00 01 0b")],
  ["type-mismatch", "a 32-bit index of an indirect call", of64("41 00 ^11 00 00 0b")],
  ["memory-size", "a maximum of 65537 pages", binary("05 (01 ^01 00 81 80 04)")],
  ["table-size", "2**32 entries", binary("04 (01 70 ^00 80 80 80 80 10)")],
  ["limits-order", "minimum 2, maximum 1", binary("05 (01 ^01 02 01)")],
  ["multiple-tables", "in 1.0", binary("04 (02 70 00 00 ^70 00 00)"), "1.0"],
  ["multiple-memories", "in 2.0", binary("05 (02 00 00 ^00 00)"), "2.0"],
  ["duplicate-export", "the same name", binary(`${memory} 07 (02 "a" 02 00 ^01 61 02 00)`)],
  [
    "start-function",
    "with a parameter",
    binary(`${functionOf("01 7f 00")} 08 (^00) 0a (01 (00 0b))`),
  ],
  ["limit-parameters", "1001", binary(`01 (01 ^60 ${thousand} ${"7f ".repeat(1001)} 00)`)],
  ["limit-results", "1001", binary(`01 (01 ^60 00 ${thousand} ${"7f ".repeat(1001)})`)],
  [
    "limit-frame-slots",
    "4 billion locals in 32 bytes",
    raw(
      "00 61 73 6d 01 00 00 00 01 04 01 60 00 00 03 02 01 00 0a 0a 01 ^08 01 ff ff ff ff 0f 7f 0b",
    ),
  ],
  ["limit-frame-slots", "65536 locals", binary(`${oneFunction} 0a (01 ^06 01 80 80 04 7f 0b)`)],
  ["limit-frame-slots", "an operand over 65535 locals", body("^41 00 1a 0b", "01 ff ff 03 7f")],
  ["shared-memory-maximum", "a shared memory without maximum", binary("05 (01 ^02 01)")],
  ["shared-memory-maximum", "of 64-bit addresses", binary("05 (01 ^06 01)")],
  ["shared-memory-maximum", "an imported one", binary('02 (01 "m" "n" 02 ^02 01)')],
  ["unsupported-exceptions", "a type", binary("01 (01 60 01 ^69 00)")],
  ["unsupported-exceptions", "the type of no exception", binary("01 (01 60 01 ^74 00)")],
  ["unsupported-exceptions", "a null", body("d0 ^69 1a 0b")],
  ["unsupported-exceptions", "a table", binary("04 (01 ^69 00 01)")],
  ["unsupported-stack-switching", "a type", binary("01 (01 60 01 ^68 00)")],
  ["unsupported-stack-switching", "a type definition", binary("01 (01 ^5d 00)")],
  ["unsupported-wide-arithmetic", "an instruction", body("^fc 13 0b")],
  ["unsupported-exceptions", "an instruction", body("^08 00 0b")],
  ["unsupported-exceptions", "a tag section", binary("^0d (01 00 00)")],
  [
    "unsupported-exceptions",
    "an imported tag",
    binary('01 (01 60 00 00) 02 (01 "m" "n" ^04 00 00)'),
  ],
  ["unsupported-gc", "an instruction", body("^fb 00 0b")],
  ["unsupported-gc", "a type definition", binary("01 (01 ^5e 7f 00)")],
  ["unsupported-gc", "a reference type", binary("01 (01 60 01 ^6e 00)")],
  ["unsupported-gc", "a null of such a type", body("d0 ^6e 1a 0b")],
  ["unsupported-typed-function-references", "an instruction", body("^14 00 0b")],
  ["unsupported-typed-function-references", "a type", binary("01 (01 60 01 ^64 70 00)")],
  ["unsupported-typed-function-references", "a null of a defined type", body("d0 ^00 1a 0b")],
];
