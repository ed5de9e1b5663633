/**
 * Stop anywhere, and run out of fuel anywhere: the block executor against the definition, step by step; snapshots in
 * the middle of everything.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { exampleNamed, inputOf, loadExamples, wasmOf } from "../../../examples/manifest.ts";
import { decodeModule } from "../../../src/interpreter/binary/decode.ts";
import { runBlockwise } from "../../../src/interpreter/blocks/runBlockwise.ts";
import { run, runExactly, step } from "../../../src/interpreter/blocks/runSteps.ts";
import { trapCodes } from "../../../src/interpreter/isa/trapCodes.ts";
import { link } from "../../../src/interpreter/program/link.ts";
import type { Program } from "../../../src/interpreter/program/program.ts";
import { genesis } from "../../../src/interpreter/state/genesis.ts";
import { begin } from "../../../src/interpreter/state/invocation.ts";
import type { MachineState } from "../../../src/interpreter/state/machineState.ts";
import { statusCodes } from "../../../src/interpreter/state/machineState.ts";
import { restore, type Snapshot, snapshot } from "../../../src/interpreter/state/snapshot.ts";
import { expectSameState, expectState, programOf, unlimited } from "../machines.ts";
import { tour } from "../tour.ts";

const input = Uint8Array.from({ length: 300 }, (_, index) => 255 - (index % 251));

function begun(program: Program, bytes: Uint8Array = input): MachineState {
  const state = genesis(program);
  begin(state, bytes);
  return state;
}

/** The states after 0, 1, 2, … steps. */
function trace(program: Program): Snapshot[] {
  const state = begun(program);
  const states = [snapshot(state)];
  while (state.status === statusCodes.running) {
    step(state);
    states.push(snapshot(state));
  }
  return states;
}

const limits = { stackSlots: 2048, frames: 64 };
const program = programOf(tour, { gateway: "gateway", chunkFuel: 1000, limits });
const states = trace(program);

describe("the tour", () => {
  it("goes through what it should and returns", () => {
    const last = states[states.length - 1];
    expect(last.trap).toBe(0);
    expect(states.length).toBeGreaterThan(400);
    expect(last.tables[0].length).toBe(74);
  });
});

describe("run", () => {
  it("stops after exactly n steps, for every n", () => {
    states.forEach((expected, steps) => {
      const state = begun(program);
      runBlockwise(state, steps);
      expectState(state, expected);
    });
  });

  it("stops where the next instruction is the reference's, going on from a stop before", () => {
    const linked = link(
      [{ name: "ledger", module: decodeModule(wasmOf(exampleNamed("ledger"))) }],
      {
        gateway: "gateway",
      },
    );
    const state = begun(linked, inputOf(exampleNamed("ledger").runs.small));
    runBlockwise(state, 300);
    const start = snapshot(state);
    // At these steps whole blocks reach the end before an `input_read`; one step too many was once taken there.
    for (const steps of [256 + 85, 256 + 248, 256 + 411]) {
      const blocks = restore(linked, start);
      runBlockwise(blocks, steps);
      const exact = restore(linked, start);
      runExactly(exact, steps);
      expectSameState(blocks, exact);
    }
  });

  it("goes on from a snapshot as if nothing had happened", () => {
    const last = states[states.length - 1];
    for (let steps = 0; steps < states.length; steps += 7) {
      const state = begun(program);
      runBlockwise(state, steps);
      const copy = restore(program, structuredClone(snapshot(state)));
      expectSameState(copy, state);
      runBlockwise(copy, unlimited);
      expectState(copy, last);
      runBlockwise(state, unlimited);
      expectState(state, last);
    }
  });

  it("does nothing to a halted machine", () => {
    const state = begun(program);
    run(state);
    const before = snapshot(state);
    run(state);
    step(state);
    expectState(state, before);
  });
});

describe("out of fuel", () => {
  /** The trapped state for a limit, by the rules of docs/machine.md §5 from the unlimited trace. */
  function expectedAt(limit: number): { stepCounter: number; fuelCounter: number } | undefined {
    const passing = states.findIndex((state) => state.fuelCounter > limit);
    return passing < 0
      ? undefined
      : { stepCounter: passing, fuelCounter: states[passing - 1].fuelCounter };
  }

  const total = states[states.length - 1].fuelCounter;

  it("traps at the first instruction that would pass the limit, for limits all along the run", () => {
    const limits = new Set([total - 1, total, total + 1]);
    for (const { fuelCounter } of states)
      for (const near of [fuelCounter - 1, fuelCounter, fuelCounter + 1, fuelCounter + 500])
        limits.add(near);
    for (const limit of limits) {
      if (limit < 0) continue;
      const expected = expectedAt(limit);
      const exact = begun(program);
      const blocks = begun(program);
      exact.fuelLimit = limit;
      blocks.fuelLimit = limit;
      runExactly(exact, unlimited);
      runBlockwise(blocks, unlimited);
      expectSameState(blocks, exact);
      if (expected === undefined) {
        expect(exact.trap).toBe(trapCodes.none);
      } else {
        const { trap, stepCounter, fuelCounter, sp, depth } = exact;
        expect({ trap, stepCounter, fuelCounter, sp, depth }).toEqual({
          trap: trapCodes.outOfFuel,
          ...expected,
          sp: 0,
          depth: 0,
        });
      }
    }
  });

  it("leaves memory as it was before the instruction", () => {
    const writing = states.findIndex(
      (state, index) => index > 0 && state.fuelCounter - states[index - 1].fuelCounter >= 1000,
    );
    const before = states[writing - 1];
    const state = begun(program);
    state.fuelLimit = states[writing].fuelCounter - 1;
    run(state);
    expect(state.stepCounter).toBe(writing);
    expect(state.memories[0].bytes).toEqual(before.memories[0].bytes);
    expect(state.memories[0].dirtyChunks).toEqual(before.memories[0].dirtyChunks);
  });
});

describe.each(loadExamples().map(({ name }) => name))("example %s", (name) => {
  const example = exampleNamed(name);
  const module = decodeModule(wasmOf(example));
  const linked = link([{ name, module }], { gateway: example.gateway });
  const bytes = inputOf(example.runs.small);

  it("stopped at random steps equals the definition", () => {
    const exact = begun(linked, bytes);
    runExactly(exact, unlimited);
    expect(exact.trap).toBe(trapCodes.none);
    const total = exact.stepCounter;
    fc.assert(
      fc.property(fc.integer({ min: 0, max: total }), (steps) => {
        const blocks = begun(linked, bytes);
        runBlockwise(blocks, steps);
        const reference = begun(linked, bytes);
        runExactly(reference, steps);
        expectSameState(blocks, reference);
        runBlockwise(blocks, unlimited);
        expectSameState(blocks, exact);
      }),
      { seed: 2, numRuns: 5 },
    );
  });
});
