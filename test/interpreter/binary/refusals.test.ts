/**
 * What a refusal says: the instruction by its mnemonic, the function by index and name, the proposal, and the compiler
 * switch that avoids it.
 *
 * Oracle for mnemonics: wasm-tools, for every number of the page of garbage-collected types.
 */
import { print } from "@bytecodealliance/jco-transpile/wasm-tools";
import { describe, expect, it } from "vitest";
import { decodeModule } from "../../../src/interpreter/binary/decode.ts";
import { InvalidError, MalformedError } from "../../../src/interpreter/errors.ts";
import { featureLevels } from "../../../src/interpreter/isa/features.ts";
import { binary, body, raw } from "./notation.ts";

type Refusal = MalformedError | InvalidError;

function refusalOf(bytes: Uint8Array, level: keyof typeof featureLevels = "3.0"): Refusal {
  try {
    decodeModule(bytes, featureLevels[level]);
  } catch (error) {
    if (error instanceof MalformedError || error instanceof InvalidError) return error;
    throw error;
  }
  throw new Error("expected a refusal");
}

const hex = (value: number) => value.toString(16).padStart(2, "0");
const leb = (value: number) =>
  value < 128 ? hex(value) : `${hex((value & 127) | 128)} ${hex(value >> 7)}`;
/** As many zeros as an instruction of these pages may need: memory arguments, lanes, types, 16 bytes. */
const immediates = [
  "",
  "00",
  "00 00",
  "00 00 00",
  "00 00 00 00",
  "02 00",
  "03 00",
  Array(16).fill("00").join(" "),
];

/** What wasm-tools calls the instruction; undefined if no immediates make one of the number. */
async function nameByOracle(prefix: string, sub: number): Promise<string | undefined> {
  for (const zeros of immediates) {
    const { bytes } = binary(
      `01 (02 5f 01 7f 01 60 00 00) 03 (01 01) 05 (01 00 01) 0a (01 (00 01 ${prefix} ${leb(sub)} ${zeros} 01 0b))`,
    );
    let text: string;
    try {
      text = await print(bytes);
    } catch {
      continue;
    }
    const lines = text.split("\n").map((line) => line.trim());
    const at = lines.indexOf("nop");
    if (at < 0 || lines[at + 2] !== "nop") continue;
    return lines[at + 1].split(/[ )]/)[0];
  }
  return undefined;
}

describe("mnemonics of foreign instructions › equal those of wasm-tools", () => {
  it.each([
    ["fb", 0x1f, "gc", 29],
    ["fc", 0x17, "wide-arithmetic", 4],
  ] as const)("page %s", async (prefix, numbers, proposal, least) => {
    let named = 0;
    for (let sub = prefix === "fc" ? 0x13 : 0; sub < numbers; sub++) {
      const name = await nameByOracle(prefix, sub);
      const { code, message } = refusalOf(body(`${prefix} ${leb(sub)} 0b`).bytes);
      if (name === undefined) continue;
      expect(code).toBe(`unsupported-${proposal}`);
      // `ref.test null` and `ref.cast null` are written with a space.
      const said = /^unsupported instruction ([\w.]+):/.exec(message)?.[1];
      expect(said?.replace(/_null$/, "")).toBe(name.replace(/_null$/, ""));
      named++;
    }
    expect(named).toBeGreaterThanOrEqual(least);
  });

  it("a number that no proposal has › is told in hex", () => {
    expect(refusalOf(body("fb 7f 0b").bytes).message).toMatch(
      /^unsupported instruction 0xfb 0x7f: /,
    );
    expect(refusalOf(body("fe 09 0b").bytes).code).toBe("illegal-opcode");
    expect(refusalOf(body("fc 7f 0b").bytes).code).toBe("illegal-opcode");
    for (const number of ["9a 01", "a2 01", "94 02", "ff 03", "80 04", "ff ff 03"])
      expect(refusalOf(body(`fd ${number} 0b`).bytes).code, number).toBe("illegal-opcode");
  });
});

/** Two functions, an import before them; the second has the code, and a name in the name section. */
const named = (code: string, name: string) =>
  binary(
    `01 (01 60 00 00) 02 (01 "m" "n" 00 00) 03 (02 00 00) 0a (02 (00 0b) (00 ${code})) 00 ("name" 01 (01 02 "${name}"))`,
  ).bytes;

describe("the place of a refusal", () => {
  it("an instruction that this machine has not › mnemonic, function, name, switch, byte", () => {
    const error = refusalOf(named("08 00 0b", "blur"));
    expect(error).toMatchObject({
      code: "unsupported-exceptions",
      function: { index: 2, name: "blur" },
    });
    expect(error.message).toBe(
      `unsupported instruction throw: this machine does not have exceptions (proposal exceptions), in function 2 "blur"; ${error.advice} (byte ${error.offset})`,
    );
    expect(error.advice).toMatch(/clang\+\+.*-fno-exceptions.*rustc .*panic=abort/);
  });

  it("an instruction that is not valid › likewise", () => {
    expect(refusalOf(named("1a 0b", "f")).message).toMatch(
      /^type mismatch: .*, in drop of function 2 "f" \(byte \d+\)$/,
    );
    expect(refusalOf(named("10 63 0b", "f")).message).toMatch(
      /^unknown function 99, in call of function 2 "f" \(byte \d+\)$/,
    );
  });

  it("malformed code › the function", () => {
    const error = refusalOf(named("ff 0b", "f"));
    expect(error).toMatchObject({ code: "illegal-opcode", function: { index: 2, name: "f" } });
    expect(error.message).toMatch(/^illegal opcode ff, in function 2 "f" \(byte \d+\)$/);
  });

  it("a name that is an export's, or with odd characters, or none", () => {
    const exported = binary(
      '01 (01 60 00 00) 03 (01 00) 07 (01 "run" 00 00) 0a (01 (00 08 00 0b))',
    ).bytes;
    expect(refusalOf(exported).function).toEqual({ index: 0, name: "run" });
    expect(refusalOf(named("1a 0b", "a\u001b[31m")).message).toContain('function 2 "a\\u001b[31m"');
    expect(refusalOf(body("08 00 0b").bytes).function).toEqual({ index: 0, name: undefined });
    expect(refusalOf(binary("05 (01 08 01 02)").bytes).function).toBeUndefined();
  });
});

describe("what is refused is called by its name", () => {
  it.each([
    [
      "a component",
      raw("00 61 73 6d 0d 00 01 00"),
      "component",
      /^unknown binary version: a component; take the core module/,
    ],
    [
      "an exception type",
      binary("01 (01 60 01 69 00)"),
      "unsupported-exceptions",
      /^unsupported reference type \(ref null exn\): .*-fno-exceptions/,
    ],
    [
      "a tag",
      binary('01 (01 60 00 00) 02 (01 "m" "n" 04 00 00)'),
      "unsupported-exceptions",
      /^unsupported import of a tag: /,
    ],
    [
      "a struct type",
      binary("01 (01 5f 00)"),
      "unsupported-gc",
      /^unsupported type definition: .*garbage-collected/,
    ],
    [
      "a typed reference",
      binary("01 (01 60 01 64 70 00)"),
      "unsupported-typed-function-references",
      /^unsupported reference type \(ref …\): /,
    ],
  ] as const)("%s", (_, { bytes }, code, text) => {
    const error = refusalOf(bytes);
    expect(error.code).toBe(code);
    expect(error.message).toMatch(text);
    expect(error.advice?.length).toBeGreaterThan(20);
  });
});
