import { describe, expect, it } from "vitest";
import { decodeModule } from "../../../src/interpreter/binary/decode.ts";
import { InvalidError, MalformedError } from "../../../src/interpreter/errors.ts";
import { featureLevels } from "../../../src/interpreter/isa/features.ts";
import { invalid } from "./invalid.ts";
import type { Case } from "./malformed.ts";
import { malformed } from "./malformed.ts";
import { binary, body } from "./notation.ts";

function errorOf(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  return undefined;
}

function testCases(cases: readonly Case[], kind: typeof MalformedError | typeof InvalidError) {
  for (const [code, what, { bytes, offset }, level = "3.0"] of cases) {
    it(`${code} › ${what}`, () => {
      const error = errorOf(() => decodeModule(bytes, featureLevels[level]));
      expect(error).toBeInstanceOf(kind);
      expect(error).toMatchObject({ code, offset });
      if (isForV8(code, level)) expect(WebAssembly.validate(bytes.slice())).toBe(false);
    });
  }
}

/** V8 has all of 3.0 and threads, and other limits; older levels are stricter than it. */
function isForV8(code: string, level: string): boolean {
  return level === "3.0" && !/^(unsupported|limit)-|^malformed-limits-flags/.test(code);
}

describe("decodeModule › MalformedError", () => testCases(malformed, MalformedError));
describe("decodeModule › InvalidError", () => testCases(invalid, InvalidError));

describe("decodeModule › which error comes first", () => {
  it("malformed bytes outweigh an invalid body before them", () => {
    const { bytes } = binary("01 (01 60 00 00) 03 (02 00 00) 0a (02 (00 1a 0b) (00 ff 0b))");
    expect(errorOf(() => decodeModule(bytes))).toMatchObject({ code: "illegal-opcode" });
  });

  it("the first of two invalid bodies is reported", () => {
    const { bytes, offset } = binary(
      "01 (01 60 00 00) 03 (02 00 00) 0a (02 (00 ^1a 0b) (00 10 09 0b))",
    );
    expect(errorOf(() => decodeModule(bytes))).toMatchObject({ code: "type-mismatch", offset });
  });

  it("the offset is part of the text", () => {
    const { bytes, offset } = body("^1a 0b");
    expect(errorOf(() => decodeModule(bytes))).toMatchObject({
      message: `type mismatch: expected an operand, the stack is empty, in drop of function 0 (byte ${offset})`,
    });
  });
});
