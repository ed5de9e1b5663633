/**
 * Runs of plain code are validated as their instructions are one by one: the same modules, with the same facts of their
 * bodies, and the same first mistake, told in the same words.
 */
import { describe, expect, it, vi } from "vitest";
import { sampleModules } from "../../../spec-tests/smith/modules.ts";
import { decodeModule } from "../../../src/interpreter/binary/decode.ts";
import { PlainRuns } from "../../../src/interpreter/validate/plainRuns.ts";
import { generateFlawedModule, generateModule } from "../../differential/generator.ts";
import { mutate } from "../../differential/mutation.ts";
import { Random } from "../../differential/random.ts";

/** The bodies of a module, or what is wrong with it. */
function verdict(bytes: Uint8Array): unknown {
  try {
    return decodeModule(bytes).bodies;
  } catch (error) {
    const { code, offset, message } = error as { code: string; offset: number; message: string };
    return { code, offset, message };
  }
}

/** The same, instruction by instruction. */
function slowly(bytes: Uint8Array): unknown {
  const spy = vi.spyOn(PlainRuns.prototype, "run").mockReturnValue(0);
  try {
    return verdict(bytes);
  } finally {
    spy.mockRestore();
  }
}

const sources: readonly (readonly [string, () => Uint8Array[]])[] = [
  ["that are generated", () => Array.from({ length: 40 }, (_, seed) => generateModule(seed).bytes)],
  ["of wasm-smith", () => sampleModules().map(({ bytes }) => bytes)],
  ["with mistakes", () => Array.from({ length: 150 }, (_, seed) => generateFlawedModule(seed))],
  [
    "with vectors, mutated",
    () =>
      Array.from({ length: 120 }, (_, seed) =>
        mutate(generateModule(seed % 20, true).bytes, new Random(seed)),
      ),
  ],
];

describe("plain runs", () => {
  for (const [name, modules] of sources) {
    it(`say of modules ${name} what their instructions say`, () => {
      const all = modules();
      const runs = vi.spyOn(PlainRuns.prototype, "run");
      const found = all.map(verdict);
      expect(runs.mock.calls.length).toBeGreaterThan(all.length);
      runs.mockRestore();
      expect(found).toEqual(all.map(slowly));
    });
  }
});
