/** The whole grid, every pair of edge operands of every numeric instruction, against the host engine. */
import { expect, it } from "vitest";
import { disagreement } from "./hostComparison.ts";
import { corpusCases, corpusModules } from "./index.ts";

const options = { perRow: Number.POSITIVE_INFINITY };
const cases = Map.groupBy(corpusCases(options), ({ module }) => module.name);

it.each(corpusModules(options))("$name", async ({ name }) => {
  const items = cases.get(name) ?? [];
  expect(items.length).toBeGreaterThan(0);
  for (const item of items) {
    const difference = await disagreement(item);
    if (difference !== undefined) expect([item.name, difference]).toEqual([item.name, undefined]);
  }
});
