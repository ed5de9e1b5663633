/**
 * `npm run -s gallery [-- NAME… --json --page]`: builds, runs and checks the gallery's programs; `--page` writes
 * docs/gallery.md, and figures.json, from which the page can be made again; figures of programs that were not chosen stay.
 *
 * Invariant: exit code 1 unless every program that could be built passes every check; what could not is said; 2 where a
 * program or an option is named that is none.
 */
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { checkProgram, type GalleryResult } from "./checks.ts";
import { type Figures, galleryPage, knownFigures, shownOutput, writeFigures } from "./page.ts";
import { programs } from "./programs.ts";

/** What the command line names, or a line and exit code 2: a name that was passed over would count as one that is well. */
function asked() {
  try {
    const { values, positionals } = parseArgs({
      options: {
        json: { type: "boolean", default: false },
        page: { type: "boolean", default: false },
      },
      allowPositionals: true,
    });
    const unknown = positionals.filter((each) => programs.every(({ name }) => name !== each));
    if (unknown.length === 0) return { values, positionals };
    const names = programs.map(({ name }) => name).join(", ");
    console.error(`gallery: there is no ${unknown.join(", ")}; the programs are ${names}`);
  } catch (error) {
    console.error(`gallery: ${(error as Error).message}`);
  }
  process.exit(2);
}

const { values, positionals } = asked();
const folder = fileURLToPath(new URL("../../cache/gallery/build", import.meta.url));
const chosen = programs.filter(
  ({ name }) => positionals.length === 0 || positionals.includes(name),
);

const results: GalleryResult[] = [];
for (const program of chosen) {
  const result = checkProgram(program, folder);
  if ("notRun" in result) {
    console.error(`NOT RUN: ${program.name}: ${result.notRun}`);
    continue;
  }
  const { steps, ratioToNative, firstRatio, outputEqual, resumedEqual, judged } = result;
  console.error(
    `${program.name}: ${steps.toLocaleString("en-US")} steps, ${ratioToNative.toFixed(2)} × native (first run ${firstRatio.toFixed(1)} ×), output ${outputEqual ? "equal" : "DIFFERS"}, resumed ${resumedEqual ? "equal" : "DIFFERS"}, ${judged ? "judged" : "NOT JUDGED"}`,
  );
  results.push(result);
}
if (values.page) {
  const page = fileURLToPath(new URL("../../docs/gallery.md", import.meta.url));
  const figures = new Map<string, Figures>(knownFigures().map((known) => [known.name, known]));
  for (const result of results) {
    figures.set(result.name, { ...result, output: shownOutput(result.output) });
  }
  writeFigures(programs.flatMap(({ name }) => figures.get(name) ?? []));
  writeFileSync(page, galleryPage(programs, knownFigures()));
}
if (values.json) console.log(JSON.stringify({ programs: results }));
const isGood = ({ outputEqual, resumedEqual, judged }: GalleryResult) =>
  outputEqual && resumedEqual && judged;
if (results.length === 0 || !results.every(isGood)) process.exitCode = 1;
