/**
 * Writes the files that are generated from the instruction table (`npm run generate`).
 * `generatedFiles` is also what the test compares the committed files with.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { instructionReference, solidityConstants } from "../src/interpreter/isa/emit.ts";
import { blockLoopText } from "./blockLoop.ts";

/** Path from the repository's root → whole text. */
export const generatedFiles: ReadonlyMap<string, string> = new Map([
  ["contracts/src/generated/Opcodes.sol", solidityConstants()],
  ["docs/instructions.md", instructionReference()],
  ["src/interpreter/generated/blockLoop.ts", blockLoopText()],
]);

if (import.meta.main) {
  for (const [path, text] of generatedFiles) {
    const url = new URL(`../${path}`, import.meta.url);
    mkdirSync(new URL(".", url), { recursive: true });
    writeFileSync(url, text);
    console.error(`wrote ${path}`);
  }
}
