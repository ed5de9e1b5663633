/**
 * `time_ms` in emitted code, light code and nested calls, in random eras and on both sides of a millisecond and of an era's end
 * (docs/machine.md §8): the reference says what it is after every piece of a run, and the replay of a step's witness too.
 */
import { describe, expect, it } from "vitest";
import { differences } from "../../../spec-tests/agreement.ts";
import { FastExecutor } from "../../../src/interpreter/compile/fastExecutor.ts";
import { defaultFuelSchedule } from "../../../src/interpreter/program/fuelSchedule.ts";
import type { LinkOptions } from "../../../src/interpreter/program/linkOptions.ts";
import { step } from "../../../src/interpreter/reference/step.ts";
import { genesis } from "../../../src/interpreter/state/genesis.ts";
import { begin } from "../../../src/interpreter/state/invocation.ts";
import { type MachineState, statusCodes } from "../../../src/interpreter/state/machineState.ts";
import { snapshot } from "../../../src/interpreter/state/snapshot.ts";
import { replayStep, StateTree } from "../../../src/merkle/index.ts";
import { Random } from "../../differential/random.ts";
import { programOf } from "../../merkle/program.ts";
import { RandomLight } from "./randomLight.ts";

const note =
  "(global.set $seen (i64.rotl (i64.xor (global.get $seen) (call $time)) (i64.const 7)))";

/** Looks at the time in a loop, in calls without checks, behind a table, by a stub and behind stores that make chunks dirty. */
const text = `(module (import "arbiter" "time_ms" (func $time (result i64))) (memory 16)
  (global $seen (export "seen") (mut i64) (i64.const 0))
  (type $t (func (result i64))) (table 2 2 funcref) (elem (i32.const 0) func $leaf $time)
  (func $leaf (result i64) ${note} (call $time))
  (func $deep (param i32) (result i64)
    (if (result i64) (local.get 0)
      (then ${note} (i64.add (call $deep (i32.sub (local.get 0) (i32.const 1))) (call $time)))
      (else (call $leaf))))
  (func (export "gateway") (result i64) (local i32 i64)
    (loop $again
      (i64.store (i32.and (i32.mul (local.get 0) (i32.const 7919)) (i32.const 0xffff8)) (call $time))
      (local.set 1 (i64.add (local.get 1) (call $deep (i32.rem_u (local.get 0) (i32.const 9)))))
      (local.set 1 (i64.sub (local.get 1)
        (call_indirect (type $t) (i32.and (local.get 0) (i32.const 1)))))
      (br_if $again (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 1))) (i32.const 40))))
    (i64.add (local.get 1) (call $time))))`;

const callFuel = 2 ** 33;
const lastFuel = Number.MAX_SAFE_INTEGER - callFuel;
const options: Partial<LinkOptions> = {
  ...{ gateway: "gateway", limits: { callFuel }, chunkFuel: 777_777 },
  schedule: { ...defaultFuelSchedule, simple: 30_000, call: 65_000 },
};
const program = programOf(text, options);
const none = new Uint8Array(0);

function begun(era: number, stepCounter: number, fuelCounter: number): MachineState {
  const state = genesis(program);
  Object.assign(state, { era, stepCounter, fuelCounter });
  begin(state, none);
  return state;
}

/** Counters and the era that a call begins with. */
function places(random: Random): [number, number, number] {
  const era = random.pick([0, 1, 2 ** 15, 65_534, 65_535]);
  const fuel = random.pick([0, lastFuel, lastFuel + 1, Number.MAX_SAFE_INTEGER, random.next()]);
  return [era, random.next() * 2 ** 20, Math.max(0, fuel - random.below(3) * 999_999)];
}

describe("time_ms of an era", () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])("emitted and light code, stopped and gone on › %i", (seed) => {
    const random = new Random(seed);
    let kept = 0;
    for (let round = 0; round < 12; round++) {
      const place = places(random);
      const [state, twin] = [begun(...place), begun(...place)];
      const light = random.oneIn(4) ? undefined : new RandomLight(seed * 100 + round);
      const executor = new FastExecutor(state, {
        ...{ worthwhileSteps: 1, loopPatience: 0, givenSteps: 2 ** 30, light },
      });
      while (state.status === statusCodes.running) {
        const steps = random.oneIn(3) ? 1 + random.below(2000) : 2 ** 40;
        executor.run(steps);
        for (let left = steps; left > 0 && twin.status === statusCodes.running; left--) step(twin);
        expect(differences(snapshot(state), snapshot(twin))).toEqual([]);
      }
      expect(executor.entries).toBeGreaterThan(0);
      kept += executor.light.kept;
      expect(state.status).toBe(statusCodes.returned);
    }
    expect(kept).toBeGreaterThan(0);
  });

  it("replay of every step that asks for it", () => {
    const random = new Random(9);
    for (let round = 0; round < 4; round++) {
      const state = begun(...places(random));
      const tree = new StateTree(state);
      for (let steps = 0; steps < 400 && state.status === statusCodes.running; steps++) {
        const [before, witness] = [tree.stateHash(), tree.witness()];
        step(state);
        expect(replayStep(before, witness)).toEqual(tree.stateHash());
      }
    }
  });
});
