/** The gallery's programs whose compilers are common (examples/gallery); the others run in the deep tests. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { galleryPage, knownFigures } from "../../examples/gallery/page.ts";
import { programs } from "../../examples/gallery/programs.ts";
import { testPrograms } from "./galleryChecks.ts";

const common = programs.filter(({ isCommon }) => isCommon === true);

test("some of the programs are common", () => {
  expect(common.length).toBe(3);
});

test("the page shows every program, with its last figures", () => {
  const figures = knownFigures();
  expect(figures.map(({ name }) => name)).toEqual(programs.map(({ name }) => name));
  const page = readFileSync(new URL("../../docs/gallery.md", import.meta.url), "utf8");
  expect(page).toBe(galleryPage(programs, figures));
});

testPrograms(common);

test("a name that is none › is refused, not passed over", () => {
  const main = fileURLToPath(new URL("../../examples/gallery/main.ts", import.meta.url));
  for (const [argument, said] of [
    ["nosuch", /there is no nosuch; the programs are frequency, /],
    ["--jsn", /Unknown option '--jsn'/],
  ] as const) {
    const { status, stderr } = spawnSync(process.execPath, [main, argument], { encoding: "utf8" });
    expect(status).toBe(2);
    expect(stderr).toMatch(said);
    expect(stderr.trim().split("\n").length).toBe(1);
  }
});
