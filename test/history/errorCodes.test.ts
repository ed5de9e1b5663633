/**
 * Every code of the history library is documented, and every documented one exists.
 */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { historyErrorCodes } from "../../src/history/index.ts";

test("docs/errors.md › History", () => {
  const document = readFileSync(new URL("../../docs/errors.md", import.meta.url), "utf8");
  const section = document.split("## History (`HistoryError`)\n")[1]?.split("\n## ")[0] ?? "";
  const documented = [...section.matchAll(/^\| `([a-z-]+)` \|/gm)].map(([, code]) => code);
  expect(documented).toEqual(Object.keys(historyErrorCodes));
});
