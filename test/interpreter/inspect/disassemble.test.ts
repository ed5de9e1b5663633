import fc from "fast-check";
import { describe, expect, it } from "vitest";
import loadWabt from "wabt";
import { assemble, op } from "../../../spec-tests/corpus/assembler.ts";
import { decodeModule } from "../../../src/interpreter/binary/decode.ts";
import type { Module } from "../../../src/interpreter/binary/module.ts";
import {
  disassembleFunction,
  functionName,
  instructionText,
  listFunction,
  typeText,
} from "../../../src/interpreter/inspect/disassemble.ts";
import { f32Text, f64Text, i64Text } from "../../../src/interpreter/inspect/immediateText.ts";
import { generateModule } from "../../differential/generator.ts";

const runs = { seed: 77, numRuns: 1000 };
const wabt = await loadWabt();
const features = {
  bulk_memory: true,
  memory64: true,
  multi_memory: true,
  multi_value: true,
  reference_types: true,
  sat_float_to_int: true,
  sign_extension: true,
  simd: true,
  tail_call: true,
  threads: true,
};

/** Bodies as wabt prints them: one instruction a line, without locals, labels and comments. */
function wabtBodies(bytes: Uint8Array): string[][] {
  const module = wabt.readWasm(bytes, features);
  const text = module.toText({ foldExprs: false, inlineExport: false });
  module.destroy();
  return text
    .split("\n  (func ")
    .slice(1)
    .map((part) =>
      part
        .split("\n  (")[0]
        .replace(/\)\s*$/, "")
        .split("\n")
        .slice(1)
        .map((line) =>
          line
            .replace(/\(;.*?;\)|;;.*/g, "")
            .replaceAll(/ +/g, " ")
            .trim(),
        )
        .filter((line) => line !== "" && !line.startsWith("(local")),
    );
}

/** Our lines with the type of a block spelled out, as wabt does, and without the final `end`. */
function ourBody(module: Module, index: number): string[] {
  return listFunction(module, index)
    .slice(0, -1)
    .map(({ text }) =>
      text
        .replace(/\(;.*?;\)/g, "")
        .replace(/^(block|loop|if) \(type (\d+)\)/, (_, keyword, type) =>
          `${keyword} ${typeText(module.types[Number(type)])}`.trim(),
        )
        .trim(),
    );
}

/** wabt 1.0.39 swaps the indices of memory.init, forgets a table, and the memory of some accesses, and prints floats in hex. */
const printedOtherwise =
  /^(f(32|64)\.const|memory\.init \d+ |return_call_indirect \d|\S+\.atomic\.\S+ \d|v128\.load\d+_(zero|splat) \d)/;

describe("listFunction › against wabt", () => {
  it("prints generated modules instruction by instruction as wabt does", () => {
    let compared = 0;
    for (let seed = 1; seed <= 40; seed++) {
      const { bytes } = generateModule(seed, seed % 4 === 0);
      const module = decodeModule(bytes);
      const theirs = wabtBodies(bytes);
      for (const index of module.bodies.keys()) {
        const ours = ourBody(module, index);
        const same = ours.map((line, at) =>
          printedOtherwise.test(line) ? line : theirs[index][at],
        );
        expect(theirs[index].length).toBe(ours.length);
        expect(ours).toEqual(same);
        compared += ours.length;
      }
    }
    expect(compared).toBeGreaterThan(10_000);
  });

  it("instructionText at each offset is the line of the listing", () => {
    const module = decodeModule(generateModule(3).bytes);
    for (const { offset, text } of listFunction(module, 2)) {
      expect(instructionText(module, offset)).toBe(text);
    }
  });
});

describe("disassembleFunction", () => {
  const bytes = assemble({
    imports: [{ module: "arbiter", name: "time_ms", func: ":I" }],
    functions: [
      {
        signature: "i:i",
        locals: "iF",
        body: [
          ...[op("local.get", 0), op("if", "i"), op("call", 0), op("i32.wrap_i64")],
          ...[op("else"), op("i32.const", -1), op("end")],
        ],
        export: "main;)",
      },
    ],
  });
  const module = decodeModule(bytes);

  it("indents blocks, names functions, gives byte offsets", () => {
    const start = module.bodies[0].start;
    const at = (delta: number) => `(;${start + delta};)`;
    expect(disassembleFunction(module, 1).split("\n")).toEqual([
      "(func (;1;) (;main; );) (param i32) (result i32)",
      "  (;locals i32×1 f64×1;)",
      `  ${at(0)} local.get 0`,
      `  ${at(2)} if (result i32)`,
      `  ${at(4)}   call 0 (;arbiter.time_ms;)`,
      `  ${at(6)}   i32.wrap_i64`,
      `  ${at(7)} else`,
      `  ${at(8)}   i32.const -1`,
      `  ${at(10)} end`,
      `  ${at(11)} end`,
      ")",
    ]);
  });

  it("knows names of imports and exports, and no others", () => {
    expect([0, 1, 2].map((index) => functionName(module, index))).toEqual([
      "arbiter.time_ms",
      "main;)",
      undefined,
    ]);
  });

  it("refuses a function without body", () => {
    expect(() => listFunction(module, 0)).toThrow(RangeError);
  });
});

/** Reads a float of the text format back to a number; NaN payloads are compared as text. */
function parse(text: string): number {
  return Number(text.replace("inf", "Infinity"));
}

describe("constants › print so that they read back as the same bits", () => {
  it("i64", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (value) => {
        const halves = [Number(BigInt.asIntN(32, value)), Number(value >> 32n)] as const;
        expect(i64Text(...halves)).toBe(String(value));
      }),
      runs,
    );
  });

  it("f32", () => {
    fc.assert(
      fc.property(fc.integer(), (bits) => {
        const text = f32Text(bits);
        if (text.includes("nan")) return;
        expect(new Int32Array(new Float32Array([parse(text)]).buffer)[0]).toBe(bits);
      }),
      { ...runs, examples: [[0], [-(2 ** 31)], [0x7f800000], [1], [0x7f7fffff]] },
    );
  });

  it("f64", () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer(), (low, high) => {
        const text = f64Text(low, high);
        if (text.includes("nan")) return;
        expect([...new Int32Array(new Float64Array([parse(text)]).buffer)]).toEqual([low, high]);
      }),
      {
        ...runs,
        examples: [
          [0, 0],
          [0, -(2 ** 31)],
          [0, 0x7ff00000],
          [1, 0],
        ],
      },
    );
  });

  it("NaNs keep sign and payload", () => {
    expect(f32Text(0x7fc00000)).toBe("nan");
    expect(f32Text(-0x400000)).toBe("-nan");
    expect(f32Text(0x7f800001)).toBe("nan:0x1");
    expect(f64Text(0, 0x7ff80000)).toBe("nan");
    expect(f64Text(1, -0x80000)).toBe("-nan:0x8000000000001");
  });
});
