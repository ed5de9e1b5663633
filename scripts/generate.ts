/**
 * Writes the files that are generated from the instruction table (`npm run generate`).
 * `generatedFiles` is also what the test compares the committed files with.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { solidityArrays } from "./arraysSolidity.ts";
import { blockLoopText } from "./blockLoop.ts";
import { f64Solidity } from "./f64Solidity.ts";
import { familyContracts } from "./familiesSolidity.ts";
import { instructionCodes } from "./instructionCodes.ts";
import { instructionReference } from "./instructionReference.ts";
import { solidityConstants } from "./opcodesSolidity.ts";
import { vectorContracts } from "./vectorsSolidity.ts";

/** Path from the repository's root → whole text. */
export const generatedFiles: ReadonlyMap<string, string> = new Map([
  ["contracts/src/judge/generated/Arrays.sol", solidityArrays()],
  ["contracts/src/judge/generated/F64.sol", f64Solidity()],
  ["contracts/src/judge/generated/Opcodes.sol", solidityConstants()],
  ...familyContracts(),
  ...vectorContracts(),
  ["docs/instructions.md", instructionReference()],
  ["src/interpreter/blocks/generated/blockLoop.ts", blockLoopText()],
  ["src/interpreter/isa/generated/instructionCodes.ts", instructionCodes()],
]);

/** `--check` only compares, and fails if a file is not current. */
const onlyCheck = process.argv.includes("--check");

if (import.meta.main) {
  for (const [path, text] of generatedFiles) {
    const url = new URL(`../${path}`, import.meta.url);
    if (onlyCheck) {
      if (readFileSync(url, "utf8") === text) continue;
      console.error(`${path} is not current: run \`npm run generate\``);
      process.exitCode = 1;
      continue;
    }
    mkdirSync(new URL(".", url), { recursive: true });
    writeFileSync(url, text);
    console.error(`wrote ${path}`);
  }
}
