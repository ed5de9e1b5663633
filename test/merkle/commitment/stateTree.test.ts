/**
 * State hashes: incremental updates against the reference, at random steps of random calls, whoever else looks.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { run } from "../../../src/interpreter/blocks/runSteps.ts";
import { genesis } from "../../../src/interpreter/state/genesis.ts";
import { begin } from "../../../src/interpreter/state/invocation.ts";
import type { MachineState } from "../../../src/interpreter/state/machineState.ts";
import { StateTree } from "../../../src/merkle/index.ts";
import { programOf } from "../program.ts";
import { hex, referenceStateHash } from "../reference.ts";
import { tourText } from "../tour.ts";

const program = programOf(tourText(), { gateway: "main", limits: { callFuel: 10_000_000 } });
const started = (length = 200): MachineState => {
  const state = genesis(program);
  begin(
    state,
    Uint8Array.from({ length }, (_, i) => i + 1),
  );
  return state;
};

describe("state hash", () => {
  test("equals the reference at genesis, at the beginning, at the end and after a trap", () => {
    const state = genesis(program);
    const tree = new StateTree(state);
    expect(hex(tree.stateHash())).toBe(hex(referenceStateHash(state)));
    begin(state, new Uint8Array(3));
    expect(hex(tree.stateHash())).toBe(hex(referenceStateHash(state)));
    run(state);
    expect(state.status).toBe(1);
    expect(hex(tree.stateHash())).toBe(hex(referenceStateHash(state)));
    begin(state, new Uint8Array(300));
    run(state, { steps: 400 });
    state.fuelLimit = state.fuelCounter;
    run(state);
    expect(state.status).toBe(2);
    expect(hex(tree.stateHash())).toBe(hex(referenceStateHash(state)));
  });

  test("incremental equals from scratch at random steps", () => {
    const hops = fc.array(fc.integer({ min: 1, max: 250 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(hops, fc.nat(400), (steps, inputLength) => {
        const state = started(inputLength);
        const tree = new StateTree(state);
        for (const hop of steps) {
          run(state, { steps: hop });
          tree.stateHash();
        }
        expect(hex(tree.stateHash())).toBe(hex(referenceStateHash(state)));
      }),
      { seed: 41, numRuns: 12 },
    );
  });

  test("two trees over one machine do not disturb each other", () => {
    const state = started();
    const [one, other] = [new StateTree(state), new StateTree(state)];
    for (let i = 0; i < 40; i++) {
      run(state, { steps: 23 });
      const [first, second] = i % 3 === 0 ? [one, other] : [other, one];
      const hash = hex(first.stateHash());
      if (i % 2 === 0) expect(hex(second.stateHash())).toBe(hash);
      if (i % 10 === 0) expect(hash).toBe(hex(referenceStateHash(state)));
    }
  });

  test("stale bytes above sp, beyond depth and beyond a table's size do not count", () => {
    const state = started();
    run(state, { steps: 700 });
    const hash = hex(new StateTree(state).stateHash());
    state.stack.fill(-1, state.sp * 2);
    state.frames.fill(7, state.depth * 2);
    for (const table of state.tables) {
      const entries = new Uint32Array(table.size + 50).fill(9);
      entries.set(table.entries.subarray(0, table.size));
      table.entries = entries;
    }
    expect(hex(new StateTree(state).stateHash())).toBe(hash);
  });

  test("a second call begins with a clean dirty map", () => {
    const state = started();
    const tree = new StateTree(state);
    run(state, { steps: 300 });
    const used = hex(tree.root("dirty"));
    tree.sync();
    expect(hex(tree.root("dirty"))).not.toBe(used);
    run(state);
    begin(state, new Uint8Array(0));
    tree.sync();
    expect(hex(tree.root("dirty"))).toBe("00".repeat(32));
    run(state, { steps: 50 });
    expect(hex(tree.stateHash())).toBe(hex(referenceStateHash(state)));
  });
});
