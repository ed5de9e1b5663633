/** The gallery's programs whose compilers are common (examples/gallery); the others run in the deep tests. */
import { expect, test } from "vitest";
import { programs } from "../../examples/gallery/programs.ts";
import { testPrograms } from "./galleryChecks.ts";

const common = programs.filter(({ isCommon }) => isCommon === true);

test("some of the programs are common", () => {
  expect(common.length).toBe(3);
});

testPrograms(common);
