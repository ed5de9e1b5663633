/**
 * The golden vectors: the worked example that docs/proof-format.md prints, recomputed, and its hashes by the reference.
 */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { genesis } from "../../../src/interpreter/state/genesis.ts";
import { replayStep } from "../../../src/merkle/index.ts";
import { hex, referenceProgramRoot, referenceRoot, referenceStateHash } from "../reference.ts";
import { exampleInput, exampleProgram, exampleState, workedExample } from "./workedExample.ts";

const document = readFileSync(new URL("../../../docs/proof-format.md", import.meta.url), "utf8");
/** Hashes that the document gives, by the words before them. */
const hashAfter = (label: string): string => {
  const found = document.match(new RegExp(`^${label} +([0-9a-f]{64})$`, "m"));
  if (found === null) throw new Error(`expected "${label}" in docs/proof-format.md`);
  return found[1];
};

describe("worked example", () => {
  test("is what this implementation computes", () => {
    expect(document).toContain(workedExample());
  });

  test("has the reference's hashes", () => {
    const program = exampleProgram();
    expect(hashAfter("program root")).toBe(hex(referenceProgramRoot(program)));
    expect(hashAfter("genesis")).toBe(hex(referenceStateHash(genesis(program))));
    const input = hex(referenceRoot(25, { start: 0, bytes: exampleInput }));
    expect(hashAfter("input root")).toBe(input);
    expect(hashAfter("after begin")).toBe(hex(referenceStateHash(exampleState(0))));
    for (let i = 1; i <= 6; i++) {
      expect(hashAfter(String(i))).toBe(hex(referenceStateHash(exampleState(i))));
    }
  });

  test("its witness replays from the text alone", () => {
    const text = document.split("`i32.store` (")[1].split("```")[1].replaceAll(/\s/g, "");
    const witness = Uint8Array.from(Buffer.from(text, "hex"));
    const before = Uint8Array.from(Buffer.from(hashAfter("2"), "hex"));
    expect(hex(replayStep(before, witness))).toBe(hashAfter("3"));
  });
});
