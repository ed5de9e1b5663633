/**
 * Loads, stores and long memory instructions: values and bounds against V8, pieces and dirty chunks against the rules
 * of docs/machine.md §5 and §7.
 */
import { describe, expect, it } from "vitest";
import { assemble, type ModuleText, op } from "../../../spec-tests/corpus/assembler.ts";
import { step } from "../../../src/interpreter/blocks/runSteps.ts";
import { accessShape, asBits, signatureParts } from "../../../src/interpreter/isa/columns.ts";
import { type InstructionRow, instructions } from "../../../src/interpreter/isa/table.ts";
import { trapName } from "../../../src/interpreter/isa/trapCodes.ts";
import { genesis } from "../../../src/interpreter/state/genesis.ts";
import { beginInvocation, results } from "../../../src/interpreter/state/invocation.ts";
import { executors, invoked, outcome, programOf, unlimited } from "../machines.ts";

const accesses = (instructions as readonly InstructionRow[]).filter(
  (row) => accessShape(row) !== undefined,
);
type Mnemonic = Parameters<typeof op>[0];
const content = Uint8Array.from(
  { length: 65_536 },
  (_, index) => (index * 37 + (index >> 8)) ^ 0x5a,
);
const page = { at: { offset: op("i32.const", 0) }, bytes: content };
const offsets = [0, 1, 7, 4093, 65_528, 2 ** 30 - 1, 2 ** 30, 2 ** 32 - 1];
const addresses = [
  0,
  1,
  3,
  4090,
  4095,
  4096,
  61_443,
  65_527,
  65_528,
  65_529,
  65_532,
  65_533,
  65_534,
  65_535,
  65_536,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32 - 8,
  2 ** 32 - 1,
];

/** One function a static offset; float loads and stores work on bits anyway, so types are integers. */
function accessModule({ mnemonic, signature, access }: InstructionRow): ModuleText {
  const isStore = access === "store";
  const { params, results } = signatureParts(signature);
  const value = (params + results).at(-1) ?? "";
  const letter = asBits(value);
  const casts: Readonly<Record<string, readonly [Mnemonic, Mnemonic]>> = {
    f: ["f32.reinterpret_i32", "i32.reinterpret_f32"],
    F: ["f64.reinterpret_i64", "i64.reinterpret_f64"],
  };
  const cast = (which: 0 | 1) => (value in casts ? [op(casts[value][which])] : []);
  return {
    functions: offsets.map((offset, index) => ({
      signature: isStore ? `i${letter}:` : `i:${letter}`,
      export: `f${index}`,
      body: isStore
        ? [op("local.get", 0), op("local.get", 1), ...cast(0), op(mnemonic as Mnemonic, offset)]
        : [op("local.get", 0), op(mnemonic as Mnemonic, offset), ...cast(1)],
    })),
    memories: [[1, 1]],
    exports: [{ name: "memory", kind: "memory", index: 0 }],
    data: [page],
  };
}

describe.each(accesses)("$mnemonic", (row) => {
  const text = accessModule(row);
  const program = programOf(text);
  const isStore = row.access === "store";
  const letters = signatureParts(row.signature);
  const isWide = asBits((letters.params + letters.results).at(-1) ?? "") === "I";
  const value = 0x8182838485868788n;

  it.each(executors)("equals V8 on edge addresses by the executor %s", (_name, run) => {
    const state = genesis(program);
    const module = new WebAssembly.Module(assemble(text) as BufferSource);
    const { exports } = new WebAssembly.Instance(module);
    const memory = new Uint8Array((exports.memory as WebAssembly.Memory).buffer);
    for (const [index] of offsets.entries()) {
      for (const address of addresses) {
        const native = exports[`f${index}`] as (...args: unknown[]) => number | bigint;
        const second = isWide ? BigInt.asIntN(64, value) : Number(BigInt.asIntN(32, value));
        let want: bigint | RegExp = /outOfBoundsMemory/;
        try {
          const result = native(address | 0, second) ?? 0;
          want = BigInt.asUintN(isWide ? 64 : 32, BigInt(result));
        } catch (error) {
          const { message } = error as Error;
          expect(message).toMatch(/out of bounds|unaligned/);
          // Of an access that is neither aligned nor in bounds V8 tells the other thing.
          if (!/out of bounds/.test(message)) want = /unaligned|outOfBoundsMemory/;
        }
        const slot = isWide ? value : value & 0xffffffffn;
        beginInvocation(state, index, isStore ? [BigInt(address), slot] : [BigInt(address)]);
        run(state, unlimited);
        if (want instanceof RegExp) expect(trapName(state.trap)).toMatch(want);
        else expect(results(state)).toEqual(isStore ? [] : [want]);
        expect(Buffer.compare(state.memories[0].bytes, memory)).toBe(0);
      }
    }
  });
});

describe.each(executors)("dirty chunks by the executor %s", (_name, run) => {
  const text: ModuleText = {
    functions: [
      {
        signature: ":",
        body: [4095, 4095, 4094, 8192].flatMap((address, index) => [
          op("i32.const", address),
          op("i32.const", 0),
          op(index === 0 ? "i32.store8" : "i32.store"),
        ]),
      },
    ],
    memories: [[1]],
  };

  it("are charged once each, both of a straddling store, also for bytes that do not change", () => {
    const plain = outcome(run, programOf(text, { chunkFuel: 0 })).after;
    const charged = outcome(run, programOf(text, { chunkFuel: 1000 })).after;
    expect(charged.memories[0].dirtyChunks).toEqual([0, 1, 2]);
    expect(charged.fuelCounter - plain.fuelCounter).toBe(3000);
  });

  it("are clean again at the beginning of a call", () => {
    const program = programOf(text, { chunkFuel: 1000 });
    const state = invoked(program, 0, []);
    run(state, unlimited);
    const first = state.fuelCounter;
    beginInvocation(state, 0, []);
    expect(state.memories[0].dirtyChunks).toEqual([]);
    run(state, unlimited);
    expect(state.fuelCounter).toBe(first * 2);
  });

  it("let a zero-length write alone", () => {
    const nothing = [op("i32.const", 65_536), op("i32.const", 0), op("i32.const", 0)];
    const program = programOf({
      functions: [{ signature: ":", body: [...nothing, op("memory.fill", 0)] }],
      memories: [[1]],
    });
    const { trap, after } = outcome(run, program);
    expect([trap, after.memories[0].dirtyChunks]).toEqual(["none", []]);
  });
});

/** d, s, n of a long instruction; V8 has the last word on the bytes. */
const ranges = [
  [0, 0, 0],
  [128, 0, 128],
  [0, 128, 128],
  [5, 900, 1],
  [100, 90, 400],
  [90, 100, 400],
  [127, 128, 129],
  [128, 127, 129],
  [1000, 1000, 300],
  [3, 2, 4096],
  [2, 3, 4096],
  [65_000, 0, 536],
  [0, 65_000, 536],
  [65_000, 0, 537],
  [0, 65_000, 537],
  [65_536, 65_536, 0],
  [65_537, 0, 0],
  [0, 65_537, 0],
  [4_294_967_295, 0, 1],
  [0, 4_294_967_295, 2],
  [1, 1, 4_294_967_295],
] as const;

const longModule: ModuleText = {
  functions: (["memory.copy", "memory.fill", "memory.init"] as const).map((mnemonic) => ({
    signature: "iii:",
    export: mnemonic,
    body: [
      ...[0, 1, 2].map((index) => op("local.get", index)),
      mnemonic === "memory.copy" ? op(mnemonic, 0, 0) : op(mnemonic, 0),
    ],
  })),
  memories: [[1, 1]],
  exports: [{ name: "memory", kind: "memory", index: 0 }],
  data: [{ bytes: content.subarray(0, 5000) }, page],
};

/** Lengths of the pieces of a forward or backward run over [d, d + n), counted by hand: by destination leaf. */
function pieces(d: number, n: number): number {
  return n === 0 ? 1 : Math.floor((d + n - 1) / 128) - Math.floor(d / 128) + 1;
}

describe.each(["memory.copy", "memory.fill", "memory.init"])("%s", (mnemonic) => {
  const program = programOf(longModule);
  const index = longModule.functions?.findIndex((item) => item.export === mnemonic) ?? -1;

  it.each(ranges)("on d = %d, s = %d, n = %d equals V8, one step a leaf", (d, s, n) => {
    const module = new WebAssembly.Module(assemble(longModule) as BufferSource);
    const { exports } = new WebAssembly.Instance(module);
    let traps = false;
    try {
      (exports[mnemonic] as (...args: number[]) => void)(d | 0, s | 0, n | 0);
    } catch {
      traps = true;
    }
    const memory = new Uint8Array((exports.memory as WebAssembly.Memory).buffer);
    for (const [, run] of executors) {
      const { trap, after } = outcome(run, program, [BigInt(d), BigInt(s), BigInt(n)], index);
      expect(trap).toBe(traps ? "outOfBoundsMemory" : "none");
      expect(Buffer.compare(after.memories[0].bytes, memory)).toBe(0);
      expect(after.stepCounter).toBe(traps ? 4 : 3 + pieces(d, n) + 1);
    }
  });

  it("moves its operands on between the pieces", () => {
    const state = invoked(program, index, [100n, 40n, 300n]);
    for (let count = 0; count < 4; count++) step(state);
    const operands = [0, 1, 2].map((slot) => state.stack[(3 + slot) * 2] >>> 0);
    // memory.copy goes backward here, because the destination lies above the source.
    expect(operands).toEqual(
      {
        "memory.copy": [100, 40, 284],
        "memory.fill": [128, 40, 272],
        "memory.init": [128, 68, 272],
      }[mnemonic],
    );
    expect(state.sp).toBe(6);
  });
});

describe("memory.grow", () => {
  const text: ModuleText = {
    functions: [
      { signature: "i:ii", body: [op("local.get", 0), op("memory.grow", 0), op("memory.size", 0)] },
    ],
    memories: [[1, 3]],
  };
  const grow = (growth: "fixed" | "declared", by: bigint) =>
    outcome(executors[0][1], programOf(text, { growth }), [by]).results;

  it("grows to the declared maximum and no further", () => {
    expect(grow("declared", 0n)).toEqual([1n, 1n]);
    expect(grow("declared", 2n)).toEqual([1n, 3n]);
    expect(grow("declared", 3n)).toEqual([0xffffffffn, 1n]);
    expect(grow("declared", 0xffffffffn)).toEqual([0xffffffffn, 1n]);
  });

  it("refuses under the policy fixed, where the memory is whole from the start", () => {
    expect(grow("fixed", 0n)).toEqual([0xffffffffn, 3n]);
    expect(grow("fixed", 1n)).toEqual([0xffffffffn, 3n]);
  });

  it("stops at limits.memoryPages where no maximum is declared", () => {
    const open = { ...text, memories: [[1] as const] };
    const program = programOf(open, { limits: { memoryPages: 2 } });
    expect(outcome(executors[0][1], program, [1n]).results).toEqual([1n, 2n]);
    expect(outcome(executors[0][1], program, [2n]).results).toEqual([0xffffffffn, 1n]);
  });
});
