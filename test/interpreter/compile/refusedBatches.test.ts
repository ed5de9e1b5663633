/**
 * What a host does not take: a batch leaves its functions to the block executor, all anew leaves everything as it is. And
 * bounds that hold before a host sees anything.
 */
import { describe, expect, it, vi } from "vitest";
import { assemble, op } from "../../../spec-tests/corpus/assembler.ts";
import { decodeModule } from "../../../src/interpreter/binary/decode.ts";
import { CompiledProgram, planOf } from "../../../src/interpreter/compile/compiledProgram.ts";
import {
  FunctionDemand,
  functionBounds,
  programBounds,
} from "../../../src/interpreter/compile/engineBounds.ts";
import { plainEmission } from "../../../src/interpreter/compile/safepoints.ts";
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

describe("bounds", () => {
  it("of a program that leave no room for a function leave the whole to batches", () => {
    const functions = [0, 1, 2].map((value) => ({
      signature: ":i",
      body: [op("i32.const", value)],
    }));
    const program = link([{ name: "m", module: decodeModule(assemble({ functions })) }]);
    const tiers = new Tiers(program, {
      sliceSteps: () => 1,
      turnsBeforeResuming: () => 0,
      next: () => ({ kind: "anew", functions: [0, 1, 2] }),
    });
    // Two functions take all that a program may have.
    vi.spyOn(FunctionDemand.prototype, "refuse").mockReturnValue();
    vi.spyOn(FunctionDemand.prototype, "merges").mockReturnValue(programBounds.merges / 2);
    try {
      expect(tiers.look()).toBe(false);
    } finally {
      vi.restoreAllMocks();
    }
    expect([tiers.refusesAnew, tiers.compiled]).toEqual([true, undefined]);
    expect([0, 1, 2].map((index) => tiers.isOpen(index))).toEqual([true, true, true]);
  });

  it("of a function are looked at within one run of straight code", () => {
    const turns = 300_000;
    const turn = [...op("local.get", 0), ...op("i64.load", 0, 0), ...op("local.set", 0)];
    const body = new Array(turns).fill(turn).flat() as number[];
    const functions = [{ signature: "I:", body: [body] }];
    const module = decodeModule(assemble({ memories: [[1, 1, "i64"]], functions }));
    const lengths: number[] = [];
    const { refuse } = FunctionDemand.prototype;
    vi.spyOn(FunctionDemand.prototype, "refuse").mockImplementation(function look(
      this: FunctionDemand,
      frame,
    ) {
      lengths.push(frame.out.length);
      refuse.call(this, frame);
    });
    const program = link([{ name: "m", module }]);
    const { refused } = new CompiledProgram(planOf(program), plainEmission, [0]);
    vi.restoreAllMocks();
    expect(refused.get(0)?.message).toMatch(`more than ${functionBounds.bytes} bytes`);
    expect(Math.max(...lengths)).toBeLessThan(functionBounds.bytes + 2 ** 17);
  });
});
