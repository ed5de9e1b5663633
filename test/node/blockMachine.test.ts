/**
 * The worker's machine between blocks: a block's fuel to the unit, and a machine that is spoiled for every block of its lie.
 */
import { afterEach, describe, expect, test, vi } from "vitest";
import { flipMemory, incrementMemory } from "../../src/cli/game/faultyExecution.ts";
import { applicationHash, frameTransactions } from "../../src/history/index.ts";
import { Machine, type MachineState, trapCodes } from "../../src/interpreter/index.ts";
import { BlockMachine } from "../../src/node/worker/blockMachine.ts";
import { programOf } from "../merkle/program.ts";
import { counters, counterTransaction } from "./counters.ts";
import { chainId, memoryWorker } from "./network.ts";
import { add, begun, decide, room } from "./oneWorker.ts";

const input = frameTransactions({ chainId, height: 1n }, [
  counterTransaction("spin", 1, 3_000n, 1),
  counterTransaction("add", 2, 5n, 2),
]);

/** What a call makes that nothing but the program's own limit bounds. */
function unbounded(machine: BlockMachine, called = input) {
  const outcome = machine.run("unbounded", called);
  if (outcome === "over-fuel") throw new TypeError("expected a call without a bound to end");
  machine.takeBack();
  return outcome;
}

describe("the fuel of a block", () => {
  afterEach(() => void vi.restoreAllMocks());

  /** Fuel that machines stand at when a run of theirs ends. */
  function watchFuel() {
    const seen: number[] = [];
    const run = Machine.prototype.run;
    vi.spyOn(Machine.prototype, "run").mockImplementation(function (this: Machine, ...limits) {
      run.apply(this, limits);
      seen.push(this.state.fuelCounter);
    });
    return seen;
  }

  test("is what the call may spend to the unit; nothing beyond it is executed", () => {
    const machine = new BlockMachine(counters);
    const base = machine.base();
    const outcome = unbounded(machine);
    const spent = Number(outcome.fuel);
    expect(outcome.isReturned).toBe(true);
    const bounds = [
      0,
      1,
      17,
      spent >> 1,
      spent - 100,
      spent - 2,
      spent - 1,
      spent,
      spent + 1,
      1e15,
    ];
    for (const [index, fuel] of bounds.entries()) {
      const before = machine.state.fuelCounter;
      const seen = watchFuel();
      expect(machine.run(`${index}`, input, fuel)).toEqual(fuel < spent ? "over-fuel" : outcome);
      expect(Math.max(...seen) - before).toBeLessThanOrEqual(fuel);
      vi.restoreAllMocks();
      expect(machine.isTrying).toBe(fuel >= spent);
      expect(machine.base()).toBe(base);
    }
  });

  test("beside the call's own limit › what ends there is a trap, not too much", () => {
    const program = programOf(
      `(module (memory 1) (func (export "gateway") (loop $again
         (i32.store (i32.const 0) (i32.const 1)) (br $again))))`,
      { gateway: "gateway", limits: { callFuel: 1_003 } },
    );
    const machine = new BlockMachine(program);
    const outcome = unbounded(machine, new Uint8Array());
    const spent = Number(outcome.fuel);
    expect(outcome.isReturned).toBe(false);
    for (const fuel of [spent - 1, spent, 1_003, 1_004]) {
      const found = machine.run(`${fuel}`, new Uint8Array(), fuel);
      expect(found).toEqual(fuel < spent ? "over-fuel" : outcome);
      if (fuel >= spent) expect(machine.state.trap).toBe(trapCodes.outOfFuel);
      expect(machine.state.fuelLimit - machine.state.fuelCounter).toBeLessThanOrEqual(1_003);
      machine.takeBack();
    }
  });
});

test("workers decide on into the next era, and count steps and fuel of its first block's call alone", () => {
  const workers = [begun(), begun()];
  const { limits } = workers[0].program.config;
  const plain = begun();
  decide(plain, plain.propose(1n, [add(1)], room));
  for (const { machine } of workers) {
    machine.state.fuelCounter = Number.MAX_SAFE_INTEGER - limits.callFuel + 1;
    machine.state.stepCounter = 1_000_000;
  }
  const [worker, other] = workers;
  const block = other.propose(1n, [add(1)], room);
  for (const each of workers) {
    expect(each.isValid(1n, block)).toBe(true);
    decide(each, block);
    expect(each.machine.state.era).toBe(1);
    const { steps, fuel } = each.application;
    expect({ steps, fuel }).toEqual({
      steps: plain.application.steps,
      fuel: plain.application.fuel,
    });
  }
  expect(applicationHash(worker.application)).toBe(applicationHash(other.application));
  // What is taken back takes the era back as well.
  worker.machine.state.fuelCounter = Number.MAX_SAFE_INTEGER;
  worker.propose(2n, [add(2)], room);
  worker.machine.takeBack();
  expect(worker.machine.state).toMatchObject({ era: 1, fuelCounter: Number.MAX_SAFE_INTEGER });
});

describe("a machine that is spoiled from a height on", () => {
  /** Heights behind which a liar and an honest worker hold the same state, of 12 blocks with a lie from the third on. */
  function agreements(spoil: (state: MachineState) => void): bigint[] {
    const honest = begun();
    const liar = begun(
      memoryWorker({ spoil: (state, height) => (height >= 3n ? spoil(state) : undefined) }),
    );
    const same: bigint[] = [];
    for (let height = 1n; height <= 12n; height++) {
      const count = 1 + (Number(height) % 3);
      const waiting = Array.from({ length: count }, (_, i) => add(10 * Number(height) + i));
      const block = honest.propose(height, waiting, room);
      for (const worker of [honest, liar]) {
        expect(worker.isValid(height, block)).toBe(true);
        worker.finalize(height, block);
        worker.commit();
      }
      const [one, other] = [honest, liar].map(({ application }) => applicationHash(application));
      if (one === other) same.push(height);
    }
    return same;
  }

  test("lies in every block", () => {
    expect(agreements(incrementMemory)).toEqual([1n, 2n]);
  });

  test("a bit that is flipped each time would be right in every second one", () => {
    expect(agreements(flipMemory).length).toBeGreaterThan(3);
  });

  test("liars lie alike, and what they tried is taken back with its lie", () => {
    const [one, other] = [0, 1].map(() => new BlockMachine(counters));
    const before = one.base();
    const tried = one.run("tried", input, undefined, incrementMemory);
    expect(one.base()).toBe(before);
    for (const key of ["a", "b"]) {
      const outcomes = [one, other].map((machine) =>
        machine.run(key, input, undefined, incrementMemory),
      );
      expect(outcomes[0]).toEqual(outcomes[1]);
      if (key === "a") expect(outcomes[0]).toEqual(tried);
      for (const machine of [one, other]) machine.keep(key);
      expect(one.base()).toBe(other.base());
    }
  });
});
