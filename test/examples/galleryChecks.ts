/** Each program of the gallery as a test: equal output, resumed to the same state, judged. */
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { checkProgram } from "../../examples/gallery/checks.ts";
import type { GalleryProgram } from "../../examples/gallery/programs.ts";

const folder = fileURLToPath(new URL("../../cache/gallery/build", import.meta.url));
const longestMs = 1_800_000;

export function testPrograms(programs: readonly GalleryProgram[]): void {
  test.each(programs)(
    "$language › $name",
    (program) => {
      const result = checkProgram(program, folder, 1);
      if ("notRun" in result) {
        // In CI the C compiler and its libc are there.
        expect(process.env.CI === "true" && program.language === "C with libc", result.notRun).toBe(
          false,
        );
        console.error(`NOT RUN: ${program.name}: ${result.notRun}`);
        return;
      }
      const { outputEqual, resumedEqual, judged, steps } = result;
      expect({ outputEqual, resumedEqual, judged }).toEqual({
        outputEqual: true,
        resumedEqual: true,
        judged: true,
      });
      expect(steps).toBeGreaterThan(1_000_000);
    },
    longestMs,
  );
}
