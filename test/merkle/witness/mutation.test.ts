/**
 * Witnesses that are not the canonical one: whatever is changed, the answer is a WitnessError, never another state.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { run } from "../../../src/interpreter/blocks/runSteps.ts";
import { executedRow } from "../../../src/interpreter/isa/table.ts";
import { genesis } from "../../../src/interpreter/state/genesis.ts";
import { begin } from "../../../src/interpreter/state/invocation.ts";
import { replayBegin, replayStep, StateTree, WitnessError } from "../../../src/merkle/index.ts";
import { programOf } from "../program.ts";
import { hex } from "../reference.ts";
import { tourText } from "../tour.ts";
import { lockstep } from "./lockstep.ts";

interface Sample {
  readonly mnemonic: string;
  readonly preState: Uint8Array;
  readonly witness: Uint8Array;
  readonly postState: Uint8Array;
}

/** Every step of the tour; the last ones trap for want of fuel. */
function samplesOf(callFuel: number): Sample[] {
  const program = programOf(tourText(), { gateway: "main", limits: { callFuel } });
  const state = genesis(program);
  begin(state, new Uint8Array(300).fill(9));
  const samples: Sample[] = [];
  lockstep(state, 100_000, (witness, preState, postState) => {
    const pc = new DataView(witness.buffer).getUint32(2);
    const code = (program.code[pc * 16] << 8) | program.code[pc * 16 + 1];
    const mnemonic = executedRow(code)?.mnemonic ?? "";
    samples.push({ mnemonic, preState, witness, postState });
  });
  return samples;
}

const samples = samplesOf(10_000_000);
const trapped = samplesOf(60_000).slice(-1);
const firstOfEach = [...new Map([...samples].reverse().map((s) => [s.mnemonic, s])).values()];

/** "rejected", or what the replay answered. */
function answer(preState: Uint8Array, witness: Uint8Array): string {
  try {
    return hex(replayStep(preState, witness));
  } catch (error) {
    if (error instanceof WitnessError) return "rejected";
    throw error;
  }
}

describe("every byte of a witness", () => {
  test.each([...firstOfEach, ...trapped])("$mnemonic", ({ preState, witness }) => {
    for (let i = 0; i < witness.length; i++) {
      const mutant = witness.slice();
      mutant[i] ^= 1 << (i % 8);
      if (answer(preState, mutant) !== "rejected") throw new Error(`byte ${i} may change`);
    }
  });

  test("the sample has every family and a trap", () => {
    expect(firstOfEach.length).toBeGreaterThan(60);
    expect(trapped).toHaveLength(1);
    expect(trapped[0].witness.length).toBeGreaterThan(0);
  });
});

describe("every step", () => {
  test("random bytes changed, cut off, added › rejected", () => {
    const mutation = fc.record({
      step: fc.nat(samples.length - 1),
      at: fc.nat(4095),
      value: fc.integer({ min: 1, max: 255 }),
      kind: fc.constantFrom("change", "cut", "add", "insert"),
    });
    fc.assert(
      fc.property(mutation, ({ step, at, value, kind }) => {
        const { preState, witness } = samples[step];
        const place = at % witness.length;
        const mutant = [...witness];
        if (kind === "change") mutant[place] ^= value;
        else if (kind === "cut") mutant.length = place;
        else if (kind === "add") mutant.push(value);
        else mutant.splice(place, 0, value);
        const bytes = Uint8Array.from(mutant);
        fc.pre(hex(bytes) !== hex(witness));
        expect(answer(preState, bytes)).toBe("rejected");
      }),
      { seed: 51, numRuns: 4000 },
    );
  });

  test("another step's witness › rejected", () => {
    samples.slice(1).forEach(({ preState, witness }, i) => {
      expect(answer(samples[i].preState, witness)).toBe("rejected");
      expect(answer(preState, samples[i].witness)).toBe("rejected");
    });
  });

  test("the witness itself › the next state", () => {
    for (const { preState, witness, postState } of samples) {
      expect(answer(preState, witness)).toBe(hex(postState));
    }
  });
});

describe("halted state", () => {
  const program = programOf(tourText(), { gateway: "main", limits: { callFuel: 10_000_000 } });
  const state = genesis(program);
  const tree = new StateTree(state);

  test("its witness is the register proof, and the step changes nothing", () => {
    begin(state, new Uint8Array(0));
    run(state);
    const hash = tree.stateHash();
    expect(hex(tree.witness())).toBe(hex(tree.registerProof()));
    expect(answer(hash, tree.witness())).toBe(hex(hash));
    run(state, { steps: 5 });
    expect(hex(tree.stateHash())).toBe(hex(hash));
  });

  test("every byte of it and of a begin witness › rejected", () => {
    const hash = tree.stateHash();
    const none = new Uint8Array(32);
    const begins = (witness: Uint8Array) => {
      try {
        return hex(replayBegin(hash, none, 0, witness).postState);
      } catch (error) {
        if (error instanceof WitnessError) return "rejected";
        throw error;
      }
    };
    const [step, call] = [tree.witness(), tree.beginWitness()];
    for (let i = 0; i < step.length; i++) {
      const mutant = step.slice();
      mutant[i] ^= 0x10;
      expect(answer(hash, mutant)).toBe("rejected");
    }
    for (let i = 0; i < call.length; i++) {
      const mutant = call.slice();
      mutant[i] ^= 0x10;
      expect(begins(mutant)).toBe("rejected");
    }
    for (const length of [0, 1, 64, call.length - 1]) {
      expect(begins(call.slice(0, length))).toBe("rejected");
    }
    expect(begins(Uint8Array.from([...call, 0]))).toBe("rejected");
    expect(begins(call)).not.toBe("rejected");
  });

  test("begin › refused where the machine refuses it", () => {
    const hash = tree.stateHash();
    const witness = tree.beginWitness();
    const code = (work: () => unknown) => {
      try {
        work();
      } catch (error) {
        return error instanceof WitnessError ? error.code : String(error);
      }
      return "accepted";
    };
    const none = new Uint8Array(32);
    const tooLong = program.config.limits.inputBytes + 1;
    expect(code(() => replayBegin(hash, none, tooLong, witness))).toBe("input-too-long");
    for (const length of [-1, 0.5, Number.NaN, 2 ** 32]) {
      expect(() => replayBegin(hash, none, length, witness)).toThrow(RangeError);
    }
    const bare = genesis(programOf("(module)"));
    const bareTree = new StateTree(bare);
    const bareHash = bareTree.stateHash();
    expect(code(() => replayBegin(bareHash, none, 0, bareTree.beginWitness()))).toBe("no-gateway");
    const booting = genesis(programOf("(module (func $s nop) (start $s))"));
    const bootTree = new StateTree(booting);
    const bootHash = bootTree.stateHash();
    const bootWitness = bootTree.beginWitness();
    expect(code(() => replayBegin(bootHash, none, 0, bootWitness))).toBe("accepted");
    expect(code(() => replayBegin(bootHash, none, 1, bootWitness))).toBe("not-at-start");
    run(booting, { steps: 1 });
    const later = bootTree.stateHash();
    expect(code(() => replayBegin(later, none, 0, bootTree.beginWitness()))).toBe("not-at-start");
  });
});
