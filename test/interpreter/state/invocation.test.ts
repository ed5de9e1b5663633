/** Invocations by hand put their arguments on the stack as the commitment wants them (docs/machine.md §1). */
import { describe, expect, it } from "vitest";
import { run } from "../../../src/interpreter/blocks/runSteps.ts";
import { step } from "../../../src/interpreter/reference/step.ts";
import { genesis } from "../../../src/interpreter/state/genesis.ts";
import { beginInvocation, results } from "../../../src/interpreter/state/invocation.ts";
import { replayStep, StateTree } from "../../../src/merkle/index.ts";
import { programOf } from "../../merkle/program.ts";

const program = programOf(
  `(module
    (func (export "bits") (param i32 f32 i64) (result i32) (i32.popcnt (local.get 0)))
    (func (export "null") (param funcref externref) (result i32) (ref.is_null (local.get 0))))`,
);
const begun = (index: number, args: readonly bigint[]) => {
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

  it("refuses a reference to no function", () => {
    expect(() => begun(1, [3n, 0n])).toThrow(RangeError);
    const state = begun(1, [2n, 0xffff_ffffn]);
    run(state);
    expect(results(state)).toEqual([0n]);
  });
});
