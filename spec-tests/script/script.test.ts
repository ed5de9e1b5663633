/** The reader of scripts, its literals and patterns, where a mistake could turn a failure into a pass. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isEngineAssertion, readCommands } from "./commands.ts";
import { floatBits, integerBits, isNan } from "./literal.ts";
import { bytesOf, type List, readScript, type Text } from "./sexpr.ts";
import { matches, readPattern, readValue } from "./value.ts";

const nodeOf = (text: string) => readScript(text)[0];
const view = new DataView(new ArrayBuffer(8));
const bits64 = (value: number) => {
  view.setFloat64(0, value);
  return view.getBigUint64(0);
};
const bits32 = (value: number) => {
  view.setFloat32(0, value);
  return BigInt(view.getUint32(0));
};

describe("s-expressions", () => {
  it("keeps spans, skips comments and annotations", () => {
    const source = ';; a\n(a (; ( (; b ;) ;) "x\\")" (@note "(" (d)) (c))';
    const [list] = readScript(source) as [List];
    expect(list.items.map(({ kind }) => kind)).toEqual(["atom", "string", "list"]);
    expect(list.items.map(({ start, end }) => source.slice(start, end))).toEqual([
      "a",
      '"x\\")"',
      "(c)",
    ]);
  });

  it.each(["(", ")", '("', "(; (; ;)"])("refuses %j", (source) => {
    expect(() => readScript(source)).toThrow(/expected/);
  });

  it("resolves escapes to bytes", () => {
    const node = nodeOf('"\\00\\ffa\\t\\u{20ac}\\"\\\\é"') as Text;
    expect([...bytesOf(node)]).toEqual([0, 255, 97, 9, 0xe2, 0x82, 0xac, 34, 92, 0xc3, 0xa9]);
  });
});

describe("literals", () => {
  it("rounds decimal floats as JavaScript does", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true }), (value) => {
        const literal = Object.is(value, -0) ? "-0" : String(value).replace("Infinity", "inf");
        expect(floatBits(literal, 64)).toBe(bits64(value));
      }),
      { seed: 1, numRuns: 2000 },
    );
  });

  it("rounds to single precision once", () => {
    fc.assert(
      fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const literal = Object.is(value, -0) ? "-0" : String(value);
        expect(floatBits(literal, 32)).toBe(bits32(value));
      }),
      { seed: 2, numRuns: 2000 },
    );
  });

  it.each([
    ["0x1p-1074", 1n],
    ["0x0.8p-1074", 0n],
    ["0x1.8p-1074", 2n],
    ["0x1.fffffffffffff8p+1023", 0x7ff0000000000000n],
    ["0x1.fffffffffffff7p+1023", 0x7fefffffffffffffn],
    ["0x1.00000000000008p+0", 0x3ff0000000000000n],
    ["0x1.00000000000018p+0", 0x3ff0000000000002n],
    ["1_000.5", bits64(1000.5)],
    ["-inf", 0xfff0000000000000n],
    ["nan", 0x7ff8000000000000n],
    ["-nan:0x1", 0xfff0000000000001n],
    ["2.2250738585072011e-308", 0x000fffffffffffffn],
  ])("%s", (literal, bits) => {
    expect(floatBits(literal, 64)).toBe(bits);
  });

  it("reads integers of both signs", () => {
    expect(integerBits("-1", 32)).toBe(0xffffffffn);
    expect(integerBits("+0xffff_ffff", 32)).toBe(0xffffffffn);
    expect(integerBits("-0x8000000000000000", 64)).toBe(0x8000000000000000n);
  });
});

describe("patterns", () => {
  const canonical = readPattern(nodeOf("(f32.const nan:canonical)"));
  const f32 = (bits: bigint) => ({ type: "f32", bits }) as const;

  it("canonical NaNs have either sign and no payload", () => {
    expect(matches(canonical, f32(0x7fc00000n))).toBe(true);
    expect(matches(canonical, f32(0xffc00000n))).toBe(true);
    expect(matches(canonical, f32(0x7fc00001n))).toBe(false);
    expect(matches(canonical, f32(0x7fa00000n))).toBe(false);
    expect(matches(canonical, f32(0x7f800000n))).toBe(false);
    expect(matches(canonical, { type: "f64", bits: 0x7ff8000000000000n })).toBe(false);
  });

  it("arithmetic NaNs are quiet", () => {
    expect(isNan(0x7fc00001n, 32, "arithmetic")).toBe(true);
    expect(isNan(0x7fa00000n, 32, "arithmetic")).toBe(false);
    expect(isNan(0x7f400000n, 32, "arithmetic")).toBe(false);
    expect(isNan(0xfff8000000000001n, 64, "arithmetic")).toBe(true);
    expect(isNan(0x3ff8000000000000n, 64, "arithmetic")).toBe(false);
  });

  it("numbers match by bits and type", () => {
    const pattern = readPattern(nodeOf("(i32.const -1)"));
    expect(matches(pattern, { type: "i32", bits: 0xffffffffn })).toBe(true);
    expect(matches(pattern, { type: "i64", bits: 0xffffffffn })).toBe(false);
    expect(matches(readPattern(nodeOf("(f32.const -0)")), f32(0n))).toBe(false);
  });

  it("references", () => {
    expect(readValue(nodeOf("(ref.extern 0)"))).toEqual({ type: "externref", bits: 1n });
    const any = readPattern(nodeOf("(ref.func)"));
    expect(matches(any, { type: "funcref", bits: 3n })).toBe(true);
    expect(matches(any, { type: "funcref", bits: 0n })).toBe(false);
    expect(matches(any, { type: "externref", bits: 3n })).toBe(false);
    expect(matches(readPattern(nodeOf("(ref.null)")), { type: "externref", bits: 0n })).toBe(true);
    expect(matches(readPattern(nodeOf("(ref.null)")), { type: "i32", bits: 0n })).toBe(false);
    expect(() => readPattern(nodeOf("(ref.null any)"))).toThrow(/heap type/);
  });

  it("either", () => {
    const pattern = readPattern(nodeOf("(either (i32.const 1) (i32.const 2))"));
    expect(matches(pattern, { type: "i32", bits: 2n })).toBe(true);
    expect(matches(pattern, { type: "i32", bits: 3n })).toBe(false);
  });
});

describe("commands", () => {
  it("hands a module's text over verbatim", () => {
    const source = ' (module $m ;; c\n (func (export "f")) )\n(invoke "f")';
    const [module, action] = readCommands(source);
    expect(module).toMatchObject({
      line: 1,
      kind: "module",
      id: "$m",
      source: { form: "text", text: '(module $m ;; c\n (func (export "f")) )' },
    });
    expect(action).toMatchObject({
      line: 3,
      kind: "action",
      action: { kind: "invoke", field: "f" },
    });
  });

  it("does not count malformed text, nor anything that asserts nothing", () => {
    const commands = readCommands(
      '(module) (assert_malformed (module quote "x") "m") (assert_malformed (module binary "x") "m")' +
        '(register "a") (invoke "f") (assert_trap (module) "t") (assert_trap (invoke "f") "t")',
    );
    expect(commands.filter(isEngineAssertion).map(({ kind }) => kind)).toEqual([
      "malformed",
      "uninstantiable",
      "trap",
    ]);
  });

  it("refuses a command that it does not know", () => {
    expect(() => readCommands("(assert_something)")).toThrow(/assert_something/);
  });
});
