import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { anvilChain, type StoppableChain } from "./anvilChain.ts";
import { type Differential, numericDifferential } from "./numericDifferential.ts";
import { numericRows } from "./v8Oracle.ts";

const casesARow = 100_000;

describe("numeric kernels of the judge, against V8, at length", () => {
  let chain: StoppableChain;
  let differential: Differential;

  beforeAll(async () => {
    chain = await anvilChain();
    differential = await numericDifferential(chain);
  });

  afterAll(() => chain.stop());

  for (const row of numericRows) {
    it(`${row.mnemonic} › edges and random operands`, async () => {
      expect(await differential.compare(row, casesARow)).toBeGreaterThanOrEqual(casesARow);
    });
  }
});
