/**
 * Register, memory and instruction proofs: they show what is there, to someone who has only a hash.
 */
import { describe, expect, test } from "vitest";
import { run } from "../../../src/interpreter/blocks/runSteps.ts";
import { genesis } from "../../../src/interpreter/state/genesis.ts";
import { begin } from "../../../src/interpreter/state/invocation.ts";
import { registersOf } from "../../../src/merkle/commitment/registers.ts";
import {
  maxProvenBytes,
  programRoot,
  proveInstruction,
  proveMemory,
  StateTree,
  verifyInstruction,
  verifyMemory,
  verifyRegisterProof,
  WitnessError,
} from "../../../src/merkle/index.ts";
import { programOf } from "../program.ts";
import { hex } from "../reference.ts";
import { tourText } from "../tour.ts";

const program = programOf(tourText(), { gateway: "main", limits: { callFuel: 10_000_000 } });
const state = genesis(program);
begin(state, new Uint8Array(500).fill(3));
run(state, { steps: 500 });
const tree = new StateTree(state);
const stateHash = tree.stateHash();

/** Whether some single bit of the proof can be turned without `verify` throwing WitnessError. */
function survivesMutation(proof: Uint8Array, verify: (proof: Uint8Array) => unknown): number[] {
  const accepted: number[] = [];
  for (let i = 0; i < proof.length; i++) {
    const mutant = proof.slice();
    mutant[i] ^= 1 << (i % 8);
    try {
      verify(mutant);
      accepted.push(i);
    } catch (error) {
      if (!(error instanceof WitnessError)) throw error;
    }
  }
  return accepted;
}

describe("register proof", () => {
  test("shows every register", () => {
    const proof = tree.registerProof();
    expect(proof).toHaveLength(128);
    expect(verifyRegisterProof(stateHash, proof)).toEqual(registersOf(state));
    expect(verifyRegisterProof(stateHash, proof).stepCounter).toBe(500n);
  });

  test("mutated anywhere › WitnessError", () => {
    const proof = tree.registerProof();
    expect(survivesMutation(proof, (p) => verifyRegisterProof(stateHash, p))).toEqual([]);
  });
});

describe("memory proof", () => {
  const ranges = [
    { memory: 0, address: 4000, length: 200 },
    { memory: 0, address: 0, length: 1 },
    { memory: 0, address: 127, length: 2 },
    { memory: 1, address: 65_535, length: 1 },
    { memory: 1, address: 100, length: 5000 },
  ];
  test.each(ranges)("$length bytes at $address of memory $memory", (range) => {
    const proof = proveMemory(tree, range);
    const { bytes } = state.memories[range.memory];
    const expected = bytes.subarray(range.address, range.address + range.length);
    expect(hex(verifyMemory(stateHash, range, proof))).toBe(hex(expected));
  });

  test("another range, another state, a mutation › WitnessError", () => {
    const range = { memory: 0, address: 4000, length: 200 };
    const proof = proveMemory(tree, range);
    const other = stateHash.slice();
    other[0] ^= 1;
    expect(() => verifyMemory(other, range, proof)).toThrow(WitnessError);
    expect(() => verifyMemory(stateHash, { ...range, address: 3800 }, proof)).toThrow(WitnessError);
    expect(() => verifyMemory(stateHash, { ...range, length: 300 }, proof)).toThrow(WitnessError);
    expect(() => verifyMemory(stateHash, { ...range, memory: 1 }, proof)).toThrow(WitnessError);
    expect(survivesMutation(proof, (p) => verifyMemory(stateHash, range, p))).toEqual([]);
  });

  test("a range that is not within the memory cannot be proven", () => {
    const size = state.memories[1].pages * 65536;
    for (const range of [
      { memory: 1, address: size - 1, length: 2 },
      { memory: 2, address: 0, length: 1 },
      { memory: 0, address: 0, length: 0 },
      { memory: 0, address: -1, length: 1 },
      { memory: 0, address: 0, length: maxProvenBytes + 1 },
    ]) {
      expect(() => proveMemory(tree, range)).toThrow(RangeError);
    }
  });

  test("neighbouring leaves share their siblings", () => {
    const one = proveMemory(tree, { memory: 0, address: 4096, length: 128 }).length;
    const four = proveMemory(tree, { memory: 0, address: 4096, length: 512 }).length;
    expect(four).toBeLessThan(one + 3 * 128);
  });
});

describe("instruction proof", () => {
  test("shows the instruction at every pc", () => {
    const root = programRoot(program);
    for (let pc = 0; pc < program.code.length / 16; pc++) {
      const { op, cost, a, b, c } = verifyInstruction(root, pc, proveInstruction(program, pc));
      const instruction = Buffer.from(program.code.subarray(pc * 16, pc * 16 + 16));
      expect([op, cost, a, b, c]).toEqual([
        instruction.readUInt16BE(0),
        instruction.readUInt16BE(2),
        ...[4, 8, 12].map((at) => instruction.readUInt32BE(at)),
      ]);
    }
  });

  test.each([2.5, -1, Number.NaN, Number.POSITIVE_INFINITY])("pc %f › RangeError", (pc) => {
    const proof = proveInstruction(program, 2);
    expect(() => verifyInstruction(programRoot(program), pc, proof)).toThrow(RangeError);
  });

  test("mutated anywhere › WitnessError", () => {
    const proof = proveInstruction(program, 9);
    const verify = (p: Uint8Array) => verifyInstruction(programRoot(program), 9, p);
    expect(survivesMutation(proof, verify)).toEqual([]);
  });
});
