/** Invocations by hand put their arguments on the stack as the commitment wants them (docs/machine.md §1). */
import { describe, expect, it } from "vitest";
import { valueTypes } from "../../../src/interpreter/binary/module.ts";
import { run } from "../../../src/interpreter/blocks/runSteps.ts";
import { step } from "../../../src/interpreter/reference/step.ts";
import { genesis } from "../../../src/interpreter/state/genesis.ts";
import { beginInvocation, results } from "../../../src/interpreter/state/invocation.ts";
import { valuesOfSlots } from "../../../src/interpreter/state/valueSlots.ts";
import { replayStep, StateTree } from "../../../src/merkle/index.ts";
import { programOf } from "../../merkle/program.ts";

const program = programOf(
  `(module
    (func (export "bits") (param i32 f32 i64) (result i32) (i32.popcnt (local.get 0)))
    (func (export "vector") (param i32 v128 i64) (result v128 i64) (local v128)
      (local.tee 3 (i32x4.add (local.get 1) (i32x4.splat (local.get 0)))) (local.get 2))
    (func (export "null") (param funcref externref) (result i32) (ref.is_null (local.get 0))))`,
);
const begun = (index: number, args: readonly (bigint | Uint8Array)[]) => {
  const state = genesis(program);
  beginInvocation(state, index, args);
  return state;
};

describe("invocation by hand", () => {
  it("cuts arguments to the width of their types, so that every executor sees the same", () => {
    const state = begun(0, [-1n, -1n, -1n]);
    expect([...state.stack.slice(0, 6)]).toEqual([-1, 0, -1, 0, -1, -1]);
    const tree = new StateTree(state);
    while (state.status === 0) {
      const before = tree.stateHash();
      const witness = tree.witness();
      step(state);
      expect(replayStep(before, witness)).toEqual(tree.stateHash());
    }
    expect(results(state)).toEqual([32n]);
  });

  it("puts a vector into two slots, given as bits or as its bytes", () => {
    const bits = (7n << 96n) | (5n << 64n) | (3n << 32n) | 1n;
    const bytes = Uint8Array.of(1, 0, 0, 0, 3, 0, 0, 0, 5, 0, 0, 0, 7, 0, 0, 0);
    for (const vector of [bits, bytes]) {
      const state = begun(1, [2n, vector, -1n]);
      expect([...state.stack.slice(0, 8)]).toEqual([2, 0, 1, 3, 5, 7, -1, -1]);
      const tree = new StateTree(state);
      while (state.status === 0) {
        const before = tree.stateHash();
        const witness = tree.witness();
        step(state);
        expect(replayStep(before, witness)).toEqual(tree.stateHash());
      }
      const slots = results(state);
      expect(slots).toEqual([(5n << 32n) | 3n, (9n << 32n) | 7n, (1n << 64n) - 1n]);
      const types = [valueTypes.v128, valueTypes.i64];
      expect(valuesOfSlots(types, slots)).toEqual([(slots[1] << 64n) | slots[0], slots[2]]);
    }
    expect(() => begun(1, [2n, new Uint8Array(15), 0n])).toThrow(RangeError);
    expect(() => begun(1, [bytes, bytes, 0n])).toThrow(RangeError);
    expect(() => begun(1, [2n, 0n])).toThrow(RangeError);
  });

  it("refuses a reference to no function", () => {
    expect(() => begun(2, [4n, 0n])).toThrow(RangeError);
    const state = begun(2, [2n, 0xffff_ffffn]);
    run(state);
    expect(results(state)).toEqual([0n]);
  });
});
