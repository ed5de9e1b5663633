import { beforeAll, describe, expect, it } from "vitest";
import { embeddedChain } from "./chain.ts";
import { type VectorDifferential, vectorDifferential, vectorRows } from "./vectorDifferential.ts";

const casesARow = 100_000;

describe("vector kernels of the judge, against V8, at length", () => {
  let differential: VectorDifferential;

  beforeAll(async () => {
    differential = await vectorDifferential(await embeddedChain());
  });

  for (const row of vectorRows) {
    it(`${row.mnemonic} › edges and random operands`, async () => {
      expect(await differential.compare(row, casesARow)).toBeGreaterThanOrEqual(casesARow);
    });
  }
});
