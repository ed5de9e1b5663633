/** What a host does not take: a batch leaves its functions to the block executor, all anew leaves everything as it is. */
import { describe, expect, it, vi } from "vitest";
import { assemble, op } from "../../../spec-tests/corpus/assembler.ts";
import { decodeModule } from "../../../src/interpreter/binary/decode.ts";
import { type TieringStep, Tiers } from "../../../src/interpreter/compile/tiering.ts";
import { link } from "../../../src/interpreter/program/link.ts";

function refused(kind: TieringStep["kind"]): Tiers {
  const functions = [0, 1].map((value) => ({ signature: ":i", body: [op("i32.const", value)] }));
  const program = link([{ name: "m", module: decodeModule(assemble({ functions })) }]);
  const policy = {
    sliceSteps: () => 1,
    turnsBeforeResuming: () => 0,
    next: () => ({ kind, functions: [0] }),
  };
  const tiers = new Tiers(program, policy);
  const host = vi.spyOn(WebAssembly, "Module").mockImplementation(function refuse() {
    throw new RangeError("out of memory");
  });
  try {
    expect(tiers.look()).toBe(false);
  } finally {
    host.mockRestore();
  }
  expect(tiers.refusal).toMatch("out of memory");
  return tiers;
}

describe("a module that the host refuses", () => {
  it("as a batch leaves its functions uncompiled for good", () => {
    const tiers = refused("batch");
    expect([tiers.isOpen(0), tiers.isOpen(1), tiers.refusesAnew]).toEqual([false, true, false]);
  });

  it("as all anew leaves functions to batches", () => {
    const tiers = refused("anew");
    expect([tiers.isOpen(0), tiers.isOpen(1), tiers.refusesAnew]).toEqual([true, true, true]);
    expect(tiers.compiled).toBeUndefined();
  });
});
