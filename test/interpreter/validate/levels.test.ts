import { describe, expect, it } from "vitest";
import { decodeModule } from "../../../src/interpreter/binary/decode.ts";
import type { FeatureLevel } from "../../../src/interpreter/isa/features.ts";
import { featureLevels } from "../../../src/interpreter/isa/features.ts";
import type { Marked } from "../binary/notation.ts";
import { binary, body } from "../binary/notation.ts";

const oneFunction = "01 (01 60 00 00) 03 (01 00)";
const order = Object.keys(featureLevels) as FeatureLevel[];

/** What is valid from a level on. Opcodes in hex, as in the specification. */
const cases: readonly (readonly [from: FeatureLevel, what: string, module: Marked])[] = [
  ["1.0", "an empty module", binary("")],
  ["1.0", "unreachable code of any type", body("00 6a 1a 1b 1a 0b")],
  ["1.0", "a custom section anywhere", binary('00 ("x") 01 (00) 00 ("x")')],
  [
    "1.0",
    "an immutable imported global in a constant",
    binary('02 (01 "m" "n" 03 7f 00) 06 (01 7f 00 23 00 0b)'),
  ],
  ["1.0", "an imported mutable global", binary('02 (01 "m" "n" 03 7f 01)')],
  [
    "1.0",
    "an active segment in the form with explicit index",
    binary("05 (01 00 01) 0b (01 02 00 41 00 0b 01 61)"),
  ],
  ["1.0", "zero locals of a run", body("0b", "01 00 7e")],
  ["1.0", "numbers in more bytes than needed", body("41 80 80 80 80 00 1a 0b")],
  ["2.0", "i32.extend8_s", body("41 00 c0 1a 0b")],
  ["2.0", "i32.trunc_sat_f32_s", body("43 00 00 00 00 fc 00 1a 0b")],
  ["2.0", "a prefixed code in more bytes than needed", body("43 00 00 00 00 fc 80 00 1a 0b")],
  ["2.0", "two results", binary("01 (01 60 00 02 7f 7f)")],
  ["2.0", "a block type by index", body("02 00 0b 0b")],
  [
    "2.0",
    "a loop with a parameter",
    binary("01 (02 60 00 00 60 01 7f 00) 03 (01 00) 0a (01 (00 41 00 03 01 1a 0b 0b))"),
  ],
  ["2.0", "ref.null", body("d0 70 d1 1a 0b")],
  ["2.0", "typed select", body("d0 6f d0 6f 41 00 1c 01 6f 1a 0b")],
  ["2.0", "two tables", binary("04 (02 70 00 00 6f 00 00)")],
  ["2.0", "a passive data segment", binary("0c (01) 0b (01 01 01 61)")],
  [
    "2.0",
    "ref.func of an exported function",
    binary(`${oneFunction} 07 (01 "f" 00 00) 0a (01 (00 d2 00 1a 0b))`),
  ],
  [
    "2.0",
    "ref.func of a declared function",
    binary(`${oneFunction} 09 (01 03 00 01 00) 0a (01 (00 d2 00 1a 0b))`),
  ],
  [
    "2.0",
    "element expressions",
    binary(`${oneFunction} 09 (01 05 70 02 d2 00 0b d0 70 0b) 0a (01 (00 0b))`),
  ],
  [
    "2.0",
    "labels of other types in unreachable code",
    body("02 7f 02 7e 00 0e 01 01 00 0b 1a 41 00 0b 1a 0b"),
  ],
  ["3.0", "return_call", body("12 00 0b")],
  [
    "3.0",
    "return_call_indirect",
    binary(`${oneFunction} 04 (01 70 00 01) 0a (01 (00 41 00 13 00 00 0b))`),
  ],
  ["3.0", "i32.add in a constant", binary("06 (01 7f 00 41 01 41 02 6a 0b)")],
  ["3.0", "an earlier global in a constant", binary("06 (02 7f 00 41 00 0b 7f 00 23 00 0b)")],
  ["3.0", "two memories", binary("05 (02 00 00 00 00)")],
  [
    "3.0",
    "a load from memory 1",
    binary(`${oneFunction} 05 (02 00 01 00 01) 0a (01 (00 41 00 28 42 01 00 1a 0b))`),
  ],
  [
    "3.0",
    "a table with initial value",
    binary(`${oneFunction} 04 (01 40 00 70 00 01 d2 00 0b) 0a (01 (00 0b))`),
  ],
  ["3.0", "limits of more than five bytes", binary("05 (01 00 81 80 80 80 80 00)")],
];

function isValid(bytes: Uint8Array, level: FeatureLevel): boolean {
  try {
    decodeModule(bytes, featureLevels[level]);
    return true;
  } catch {
    return false;
  }
}

describe("feature levels", () => {
  for (const [from, what, { bytes }] of cases) {
    it(`${from} › ${what}`, () => {
      const expected = order.map((level) => order.indexOf(level) >= order.indexOf(from));
      expect(order.map((level) => isValid(bytes, level))).toEqual(expected);
    });
  }

  it("3.0 is what V8 has, but for limits of more than five bytes", () => {
    const refused = cases.filter(([, , { bytes }]) => !WebAssembly.validate(bytes as BufferSource));
    expect(refused.map(([, what]) => what)).toEqual(["limits of more than five bytes"]);
  });
});
