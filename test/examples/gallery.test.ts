/** The gallery's programs whose compilers are common (examples/gallery); the others run in the deep tests. */
import { readFileSync } from "node:fs";
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
