/**
 * Every code of the node is documented, and every documented one exists.
 */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { nodeErrorCodes } from "../../src/node/nodeError.ts";

test("docs/errors.md › Node", () => {
  const document = readFileSync(new URL("../../docs/errors.md", import.meta.url), "utf8");
  const section = document.split("## Node (`NodeError`)\n")[1]?.split("\n## ")[0] ?? "";
  const documented = [...section.matchAll(/^\| `([a-z-]+)` \|/gm)].map(([, code]) => code);
  expect(documented).toEqual(Object.keys(nodeErrorCodes));
});
