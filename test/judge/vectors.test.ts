import { beforeAll, describe, expect, it } from "vitest";
import { embeddedChain } from "./chain.ts";
import { type VectorDifferential, vectorDifferential, vectorRows } from "./vectorDifferential.ts";

const casesARow = 480;

describe("vector kernels of the judge, against V8", () => {
  let differential: VectorDifferential;

  beforeAll(async () => {
    differential = await vectorDifferential(await embeddedChain());
  });

  it("cover every vector instruction but loads, stores and constants", () => {
    expect(vectorRows.length).toBe(236 + 20 - 23);
  });

  for (const row of vectorRows) {
    it(`${row.mnemonic} › edges and random operands`, async () => {
      expect(await differential.compare(row, casesARow)).toBeGreaterThanOrEqual(casesARow);
    });
  }
});
