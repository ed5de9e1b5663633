/**
 * A fragment in one pass: outcomes, roll-backs and samples against the same calls executed one instruction at a time.
 */
import { bytesToHex } from "@noble/hashes/utils.js";
import { id } from "ethers";
import { describe, expect, test } from "vitest";
import type { Hash } from "../../src/game/index.ts";
import {
  type CallOutcome,
  FragmentRun,
  proofFlaw,
  type Sample,
  SampleWalk,
} from "../../src/history/index.ts";
import { load } from "../../src/index.ts";
import { Machine, statusCodes } from "../../src/interpreter/index.ts";
import { StateTree } from "../../src/merkle/index.ts";
import { binaryOf } from "../merkle/program.ts";

/** Adds up its input's bytes in memory; traps after it has written if the first is 255, exits if it is 254. */
const program = load(
  binaryOf(`(module
    (import "arbiter" "input_size" (func $size (result i32)))
    (import "arbiter" "input_read" (func $read (param i32 i32 i32)))
    (import "arbiter" "exit" (func $exit (param i32)))
    (memory 1)
    (func (export "gateway") (result i32)
      (local $i i32)
      (call $read (i32.const 1024) (i32.const 0) (call $size))
      (loop $next
        (if (i32.lt_u (local.get $i) (call $size)) (then
          (i32.store (i32.const 0) (i32.add (i32.load (i32.const 0))
            (i32.load8_u (i32.add (i32.const 1024) (local.get $i)))))
          (local.set $i (i32.add (local.get $i) (i32.const 1)))
          (br $next))))
      (if (i32.eq (i32.load8_u (i32.const 1024)) (i32.const 255)) (then unreachable))
      (if (i32.eq (i32.load8_u (i32.const 1024)) (i32.const 254)) (then (call $exit (i32.const 3))))
      (i32.load (i32.const 0))))`),
);

const inputs = [[1, 2, 3], [255, 9], [4], [254, 7, 7], [], [5, 6]].map((bytes) =>
  Uint8Array.from(bytes),
);

const hash = (tree: StateTree) => `0x${bytesToHex(tree.stateHash())}` as Hash;

/** State hashes after every step of the fragment, and the outcomes, by single steps and copies of whole states. */
function reference() {
  const machine = new Machine(program);
  const states = [hash(new StateTree(machine.state))];
  const outcomes: CallOutcome[] = [];
  for (const input of inputs) {
    const before = machine.snapshot();
    machine.begin(input);
    const { stepCounter, fuelCounter } = machine.state;
    const tree = new StateTree(machine.state);
    while (machine.isRunning) {
      machine.step();
      states.push(hash(tree));
    }
    const isReturned = machine.state.status === statusCodes.returned;
    outcomes.push({
      result: hash(tree),
      isReturned,
      fuel: BigInt(machine.state.fuelCounter - fuelCounter),
      steps: BigInt(machine.state.stepCounter - stepCounter),
    });
    if (!isReturned) machine.restore(before);
  }
  return { states, outcomes, base: hash(new StateTree(machine.state)) };
}

const expected = reference();
const steps = BigInt(expected.states.length - 1);

function samplesOf(terms: { seed: Hash; period: bigint }): Sample[] {
  const walk = new SampleWalk(terms);
  while (walk.next <= steps) walk.take(expected.states[Number(walk.next)] as Hash);
  return [...walk.samples];
}

describe("a fragment", () => {
  test("has the outcomes, samples and base of its calls executed step by step", () => {
    const terms = [1n, 2n, 3n, 7n, 50n, 1000n].map((period) => ({
      seed: id(`seed ${period}`) as Hash,
      period,
    }));
    const walks = terms.map((of) => new SampleWalk(of));
    const run = new FragmentRun(new Machine(program), walks);
    expect(inputs.map((input) => run.run(input))).toEqual(expected.outcomes);
    expect(run.steps).toBe(steps);
    expect(run.base()).toBe(expected.base);
    for (const [index, of] of terms.entries()) {
      expect(walks[index]?.samples).toEqual(samplesOf(of));
      expect(proofFlaw(samplesOf(of), walks[index]?.samples ?? [], of, steps)).toBeUndefined();
    }
    // A period of 1 samples every state, those at calls' ends once.
    expect(walks[0]?.samples.length).toBe(expected.states.length);
  });

  test("takes a call back that spends more than was declared, and goes on as if it had not been", () => {
    const fuels = expected.outcomes.map(({ fuel }) => Number(fuel));
    const run = new FragmentRun(new Machine(program));
    const exact = inputs.map((input, i) => run.run(input, fuels[i]));
    expect(exact).toEqual(expected.outcomes);
    const base = run.base();
    const over = run.run(inputs[0] ?? new Uint8Array(), (fuels[0] ?? 0) - 1);
    expect(over).toMatchObject({ overFuel: true });
    expect(run.base()).toBe(base);
  });

  test.each([
    ["stores", "(i32.store (i32.const 8) (i32.const 1))", 45_000],
    ["grows by much", "(drop (memory.grow (i32.const 1000)))", 445_000],
  ])(
    "tells a call that its own limit ends from one that spends more than was declared: it %s",
    (_, does, callFuel) => {
      const limited = load(
        binaryOf(`(module (memory 1) (func (export "gateway") (result i32)
        (i32.store (i32.const 8) (i32.const 1))
        (loop $for_ever ${does} (br $for_ever)) (i32.const 0)))`),
        { chunkFuel: 40_000, limits: { callFuel } },
      );
      const input = new Uint8Array();
      const truth = new FragmentRun(new Machine(limited)).run(input);
      if ("overFuel" in truth) throw new Error("expected a call without a bound to end");
      expect(truth.isReturned).toBe(false);
      expect(truth.fuel).toBeGreaterThan(40_000n);
      const terms = { seed: id("limited") as Hash, period: 3n };
      const whole = new SampleWalk(terms);
      new FragmentRun(new Machine(limited), [whole]).run(input);
      // At its own limit an instruction is refused and costs nothing: what was declared is all there is to spend.
      const walk = new SampleWalk(terms);
      const exact = new FragmentRun(new Machine(limited), [walk]).run(input, Number(truth.fuel));
      expect(exact).toEqual(truth);
      expect(walk.samples).toEqual(whole.samples);
      for (let less = 1; less <= 40; less++) {
        const fuel = Number(truth.fuel) - less;
        const found = new FragmentRun(new Machine(limited)).run(input, fuel);
        if (!("overFuel" in found)) throw new Error(`expected ${fuel} to be too little`);
        const machine = new Machine(limited);
        machine.begin(input);
        const { fuelCounter } = machine.state;
        machine.run({ steps: Number(found.steps) - 1 });
        expect(machine.state.fuelCounter - fuelCounter).toBeLessThanOrEqual(fuel);
        machine.step();
        expect(machine.state.fuelCounter - fuelCounter).toBeGreaterThan(fuel);
      }
    },
  );

  test("needs a machine between calls", () => {
    const machine = new Machine(program);
    machine.begin(new Uint8Array());
    expect(() => new FragmentRun(machine)).toThrow(RangeError);
  });

  test("that cannot begin a call is left where it was", () => {
    const small = load(
      binaryOf(`(module (memory 1) (func (export "gateway") (result i32) (i32.const 0)))`),
      { limits: { inputBytes: 4 } },
    );
    const run = new FragmentRun(new Machine(small));
    const base = run.base();
    expect(() => run.run(new Uint8Array(5))).toThrow(RangeError);
    expect(run.base()).toBe(base);
    expect(run.run(new Uint8Array(4))).toMatchObject({ isReturned: true });
  });
});
