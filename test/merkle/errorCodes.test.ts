/**
 * Every code of this layer is documented, and every documented one exists.
 */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { snapshotErrorCodes, witnessErrorCodes } from "../../src/merkle/index.ts";

const document = readFileSync(new URL("../../docs/errors.md", import.meta.url), "utf8");

/** First column of the table below a heading. */
function documented(heading: string): string[] {
  const section = document.split(`## ${heading}\n`)[1]?.split("\n## ")[0] ?? "";
  return [...section.matchAll(/^\| `([a-z-]+)` \|/gm)].map(([, code]) => code);
}

test.each([
  ["Witnesses and proofs (`WitnessError`)", witnessErrorCodes],
  ["Saved states (`SnapshotError`)", snapshotErrorCodes],
])("docs/errors.md › %s", (heading, codes) => {
  expect(documented(heading)).toEqual(Object.keys(codes));
});
