/**
 * Counters that start again where a call could count past 2^53 − 1 (docs/machine.md §10): in every executor, in what a call
 * reports, in saved states and in what is taken back; time goes on.
 */
import { describe, expect, it } from "vitest";
import { call } from "../../../src/index.ts";
import {
  begin,
  CallJournal,
  countersOfCall,
  Machine,
  snapshot,
} from "../../../src/interpreter/index.ts";
import { limitCeilings } from "../../../src/interpreter/program/linkOptions.ts";
import { refusedGrow } from "../../../src/interpreter/state/trapRecord.ts";
import { loadState, replayStep, StateTree, saveState } from "../../../src/merkle/index.ts";
import { programOf } from "../../merkle/program.ts";

const callFuel = 10_000_000;
const last = Number.MAX_SAFE_INTEGER - callFuel;
const program = programOf(
  `(module (import "arbiter" "time_ms" (func $time (result i64))) (memory 1)
    (func (export "gateway") (result i64) (local i32)
      (loop $again (local.set 0 (i32.add (local.get 0) (i32.const 1)))
        (i32.store (i32.const 8) (local.get 0))
        (br_if $again (i32.lt_u (local.get 0) (i32.const 500))))
      call $time))`,
  { gateway: "gateway", limits: { callFuel } },
);
const none = new Uint8Array(0);

function machineAt(fuelCounter: number, era = 0): Machine {
  const machine = new Machine(program);
  Object.assign(machine.state, { era, stepCounter: 2 ** 40, fuelCounter });
  return machine;
}

const hashOf = ({ state }: Machine) => new StateTree(state).stateHash();

describe("a call that could count past 2^53 − 1", () => {
  it.each(["fast", "auto"] as const)("%s › as the reference does it", (executor) => {
    for (const [fuelCounter, era] of [
      [last - 1, 0],
      [last, 0],
      [last + 1, 0],
      [Number.MAX_SAFE_INTEGER, 3],
      [Number.MAX_SAFE_INTEGER, 65_535],
    ]) {
      const [machine, other] = [machineAt(fuelCounter, era), machineAt(fuelCounter, era)];
      machine.begin(none);
      machine.run({ executor });
      other.begin(none);
      other.run({ executor: "step" });
      expect(hashOf(machine)).toEqual(hashOf(other));
      const isOver = fuelCounter > last;
      expect(machine.state.era).toBe(isOver ? (era + 1) % 2 ** 16 : era);
      const [time] = machine.results();
      const before = era * 9_007_199_254 + Math.floor(fuelCounter / 1e6);
      if (isOver) expect(time).toBe(BigInt(((era + 1) % 2 ** 16) * 9_007_199_254));
      // Only behind the last of all eras does time begin again.
      if (era < 65_535) expect(Number(time)).toBeGreaterThanOrEqual(before);
    }
  });

  it("reports its own steps and fuel, and its successor goes on", () => {
    const plain = call(new Machine(program));
    const machine = machineAt(last + 1);
    const outcome = call(machine);
    expect(outcome).toMatchObject({ returned: true, steps: plain.steps, fuel: plain.fuel });
    expect(machine.state).toMatchObject({ era: 1, stepCounter: plain.steps });
    const { steps, fuel } = call(machine);
    expect({ steps, fuel }).toEqual({ steps: plain.steps, fuel: plain.fuel });
    expect(machine.state).toMatchObject({ era: 1, fuelCounter: 2 * plain.fuel });
  });

  it("every step of it › is what its witness says", () => {
    const machine = machineAt(last + 1, 65_534);
    machine.begin(none);
    const tree = new StateTree(machine.state);
    while (machine.isRunning) {
      const [before, witness] = [tree.stateHash(), tree.witness()];
      machine.step();
      expect(replayStep(before, witness)).toEqual(tree.stateHash());
    }
    expect(machine.results()).toEqual([65_535n * 9_007_199_254n]);
  });

  it("taken back › the era before, counted to its end", () => {
    const { state } = machineAt(last + 1, 9);
    const before = snapshot(state);
    const journal = new CallJournal(state);
    begin(state, none);
    expect(state).toMatchObject({ era: 10, stepCounter: 0, fuelCounter: 0, fuelLimit: callFuel });
    journal.rollBack();
    expect(snapshot(state)).toEqual(before);
  });
});

describe("an era", () => {
  it("is part of the state's hash, and of saved states", () => {
    const [one, other] = [machineAt(5, 0), machineAt(5, 513)];
    expect(hashOf(one)).not.toEqual(hashOf(other));
    const loaded = new Machine(program, loadState(program, saveState(new StateTree(other.state))));
    expect(loaded.state.era).toBe(513);
    expect(hashOf(loaded)).toEqual(hashOf(other));
  });

  it("knows nothing of a growth that an earlier one refused: its step would be another", () => {
    const growing = programOf(
      '(module (memory 1 1) (func (export "gateway") (result i32) (memory.grow (i32.const 1))))',
      { gateway: "gateway", limits: { callFuel } },
    );
    const machine = new Machine(growing);
    machine.call(none);
    expect(refusedGrow(machine.state)).toMatchObject({ step: 1 });
    machine.begin(none);
    expect(refusedGrow(machine.state)).toMatchObject({ step: 1 });
    machine.run();
    machine.state.fuelCounter = last + 1;
    machine.begin(none);
    expect(refusedGrow(machine.state)).toBeUndefined();
  });

  it("does not end under a call that runs", () => {
    const { state } = machineAt(last);
    begin(state, none);
    state.fuelCounter = Number.MAX_SAFE_INTEGER;
    const { era, stepCounter, fuelCounter } = state;
    expect(countersOfCall(state, program)).toEqual({ era, stepCounter, fuelCounter });
  });

  it("lasts for half of what a machine counts, or more", () => {
    expect(limitCeilings.callFuel).toBe(2 ** 52);
    const text = '(module (func (export "gateway")))';
    const limits = { callFuel: 2 ** 52 + 1 };
    expect(() => programOf(text, { gateway: "gateway", limits })).toThrow(RangeError);
  });
});
