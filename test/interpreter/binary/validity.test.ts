import { describe, expect, it } from "vitest";
import loadWabt from "wabt";
import { decodeModule } from "../../../src/interpreter/binary/decode.ts";
import { InstructionCursor } from "../../../src/interpreter/isa/instructionCursor.ts";
import { generateFlawedModule, generateModule } from "../../differential/generator.ts";
import { mutate } from "../../differential/mutation.ts";
import { Random } from "../../differential/random.ts";
import { realModules } from "./realModules.ts";

const generated = 40;
const mutations = 200;
const flawed = 300;

const wabt = await loadWabt();
const features = {
  bulk_memory: true,
  extended_const: true,
  memory64: true,
  multi_memory: true,
  multi_value: true,
  mutable_globals: true,
  reference_types: true,
  sat_float_to_int: true,
  sign_extension: true,
  simd: true,
  tail_call: true,
  threads: true,
};

function isValidForWabt(bytes: Uint8Array): boolean {
  try {
    // The package's declarations leave out the parameter of `validate`.
    const module = wabt.readWasm(bytes, features) as unknown as {
      validate(features: object): void;
      destroy(): void;
    };
    try {
      module.validate(features);
    } finally {
      module.destroy();
    }
    return true;
  } catch {
    return false;
  }
}

function codeOfError(bytes: Uint8Array): string | undefined {
  try {
    decodeModule(bytes);
    return undefined;
  } catch (error) {
    return (error as { code: string }).code;
  }
}

/** Walks every body: the cursor must stop exactly at each end. */
function countInstructions(bytes: Uint8Array): number {
  const module = decodeModule(bytes);
  const cursor = new InstructionCursor(module.bytes, module.features);
  let count = 0;
  for (const { start, end } of module.bodies) {
    cursor.open(start, end);
    while (cursor.next()) count++;
    expect(cursor.position).toBe(end);
  }
  return count;
}

describe("decodeModule › real modules are valid, as for V8 and wabt", () => {
  for (const { path, bytes } of realModules()) {
    it(path, () => {
      expect(WebAssembly.validate(bytes as BufferSource)).toBe(true);
      expect(isValidForWabt(bytes)).toBe(true);
      expect(countInstructions(bytes)).toBeGreaterThanOrEqual(0);
    });
  }
});

describe("decodeModule › generated modules", () => {
  it("are valid, as for V8 and wabt", () => {
    for (let seed = 1; seed <= generated; seed++) {
      const { bytes } = generateModule(seed);
      expect(WebAssembly.validate(bytes as BufferSource)).toBe(true);
      expect(isValidForWabt(bytes)).toBe(true);
      expect(countInstructions(bytes)).toBeGreaterThan(100);
    }
  });

  it("once mutated, are never valid for us and invalid for wabt, or the other way round", () => {
    const disagreements: string[] = [];
    for (let seed = 1; seed <= mutations; seed++) {
      const bytes = mutate(generateModule(seed % generated).bytes, new Random(seed));
      const code = codeOfError(bytes);
      if (code !== undefined && /^(unsupported|limit)-/.test(code)) continue;
      if (isValidForWabt(bytes) !== (code === undefined)) disagreements.push(`${seed}: ${code}`);
    }
    expect(disagreements).toEqual([]);
  });

  it("with mistakes in their code, have the validity that V8 sees", () => {
    const verdicts = Array.from({ length: flawed }, (_, seed) => {
      const bytes = generateFlawedModule(seed);
      const [code, accepted] = [codeOfError(bytes), WebAssembly.validate(bytes as BufferSource)];
      return { seed, code, agree: accepted === (code === undefined) };
    });
    expect(verdicts.filter(({ agree }) => !agree)).toEqual([]);
    const mismatches = verdicts.filter(({ code }) => code === "type-mismatch");
    expect(mismatches.length).toBeGreaterThan(flawed / 4);
    expect(verdicts.filter(({ code }) => code === undefined).length).toBeGreaterThan(flawed / 4);
  });
});
