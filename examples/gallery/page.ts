/**
 * The gallery's page of the documentation, from the results of runs that are kept in figures.json.
 *
 * Invariant: figures come from runs alone; a program that was not run stands in the table without figures.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { reflowed } from "../../scripts/markdown.ts";
import type { GalleryResult } from "./checks.ts";
import type { GalleryProgram } from "./programs.ts";
import { here } from "./recipes.ts";

/** A result as it is kept: of the output the lines that are shown. */
export type Figures = GalleryResult;

const shownLines = 4;
const shownCharacters = 100;

export function knownFigures(): Figures[] {
  return JSON.parse(readFileSync(here("figures.json"), "utf8"));
}

export function writeFigures(figures: readonly Figures[]): void {
  writeFileSync(here("figures.json"), `${JSON.stringify(figures, null, 2)}\n`);
}

export function shownOutput(output: string): string {
  const lines = output.trimEnd().split("\n").slice(0, shownLines);
  return lines.map((line) => line.slice(0, shownCharacters)).join("\n");
}

export function galleryPage(
  programs: readonly GalleryProgram[],
  results: readonly Figures[],
): string {
  const count = (value: number) => value.toLocaleString("en-US");
  const rows = programs.map(({ name, language, source }) => {
    const result = results.find((each) => each.name === name);
    const figures =
      result === undefined
        ? ["not run", "", "", "", "", ""]
        : [
            count(result.bytes),
            count(result.steps),
            count(result.fuel),
            result.ratioToNative.toFixed(2),
            result.firstRatio.toFixed(1),
            result.outputEqual && result.resumedEqual && result.judged ? "yes" : "no",
          ];
    return `| ${[name, language, source, ...figures].join(" | ")} |`;
  });
  const outputs = results.map(({ name, output }) => `### ${name}\n\n\`\`\`\n${output}\n\`\`\`\n`);
  return reflowed(`# Gallery

Real programs under the WASI adapter ([wasi.md](wasi.md)), written by \`npm run gallery -- --page\` from \`examples/gallery/\`.
Each was built by its recipe, run here and under \`node:wasi\` on the same engine with equal output and exit code, stopped at three steps, hashed, saved and resumed in another machine to the same state hash, and disputed: a bit of memory flips in the middle of one party's run, and the chain finds that party guilty by executing one instruction.

Ratios are to \`node:wasi\`, processor time of the main thread, of one module: \`warm\` in the later half of a dozen runs or more, \`first\` in the very first run, which emits and compiles it.
Runs last some ten to a hundred milliseconds there, so most of a first run is finding out what is worth compiling.
Steps and fuel were counted with the adapter and the prices of 29 November 2026; those of 1 December give \`frequency\` 72 steps more, \`graph\` 260, and both a sixth more fuel ([fuel.md](fuel.md)).
A TinyGo compiler is not to be had from the registries; \`format\` is a library that was compiled with it, merged with a command that calls it.

| program | language | source | bytes | steps | fuel | warm | first | all checks |
|---|---|---|---|---|---|---|---|---|
${rows.join("\n")}

## What they put out

${outputs.join("\n")}`);
}
