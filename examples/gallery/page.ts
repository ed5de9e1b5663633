/**
 * The gallery's page of the documentation, from the results of a run.
 *
 * Invariant: figures come from the run alone; a program that was not run stands in the table without figures.
 */
import type { GalleryResult } from "./checks.ts";
import type { GalleryProgram } from "./programs.ts";

const shownLines = 4;
const shownCharacters = 100;

export function galleryPage(
  programs: readonly GalleryProgram[],
  results: readonly GalleryResult[],
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
  const outputs = results.map(({ name, output }) => {
    const lines = output.trimEnd().split("\n");
    const shown = lines.slice(0, shownLines).map((line) => line.slice(0, shownCharacters));
    return `### ${name}\n\n\`\`\`\n${shown.join("\n")}\n\`\`\`\n`;
  });
  return `# Gallery

Real programs under the WASI adapter ([wasi.md](wasi.md)), written by \`npm run gallery -- --page\` from \`examples/gallery/\`.
Each was built by its recipe, run here and under \`node:wasi\` on the same engine with equal output and exit code, stopped at three steps, hashed, saved and resumed in another machine to the same state hash, and disputed: a bit of memory flips in the middle of one party's run, and the chain finds that party guilty by executing one instruction.

Ratios are to \`node:wasi\`, least time of several runs of one module: \`warm\` when the code has been emitted, \`first\` in the very first run, which emits and compiles it.

| program | language | source | bytes | steps | fuel | warm | first | all checks |
|---|---|---|---|---|---|---|---|---|
${rows.join("\n")}

## What they put out

${outputs.join("\n")}`;
}
