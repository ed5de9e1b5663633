import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { anvilChain, type StoppableChain } from "./anvilChain.ts";
import { type VectorDifferential, vectorDifferential, vectorRows } from "./vectorDifferential.ts";

const casesARow = 100_000;

describe("vector kernels of the judge, against V8, at length", () => {
  let chain: StoppableChain;
  let differential: VectorDifferential;

  beforeAll(async () => {
    chain = await anvilChain();
    differential = await vectorDifferential(chain);
  });

  afterAll(() => chain.stop());

  for (const row of vectorRows) {
    it(`${row.mnemonic} › edges and random operands`, async () => {
      expect(await differential.compare(row, casesARow)).toBeGreaterThanOrEqual(casesARow);
    });
  }
});
