import { beforeAll, describe, expect, it } from "vitest";
import { embeddedChain } from "./chain.ts";
import { type Differential, numericDifferential } from "./numericDifferential.ts";
import { numericRows } from "./v8Oracle.ts";

const casesARow = 2500;

describe("numeric kernels of the judge, against V8", () => {
  let differential: Differential;

  beforeAll(async () => {
    differential = await numericDifferential(await embeddedChain());
  });

  it("cover every numeric row of the table", () => {
    expect(numericRows.filter((row) => !row.hostLacks).length).toBe(136);
  });

  for (const row of numericRows) {
    it(`${row.mnemonic} › edges and random operands`, async () => {
      expect(await differential.compare(row, casesARow)).toBeGreaterThanOrEqual(casesARow);
    });
  }
});
