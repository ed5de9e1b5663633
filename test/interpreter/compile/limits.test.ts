/**
 * Traps and limits at exact positions: emitted code never sees them itself, so the executor has to bring the reference
 * to the right instruction.
 */
import { describe, expect, it } from "vitest";
import { differences } from "../../../spec-tests/agreement.ts";
import { assemble, type Code, op } from "../../../spec-tests/corpus/assembler.ts";
import { decodeModule } from "../../../src/interpreter/binary/decode.ts";
import { run } from "../../../src/interpreter/blocks/runSteps.ts";
import { quantum } from "../../../src/interpreter/compile/budget.ts";
import { FastExecutor } from "../../../src/interpreter/compile/fastExecutor.ts";
import { type TrapName, trapName } from "../../../src/interpreter/isa/trapCodes.ts";
import { link } from "../../../src/interpreter/program/link.ts";
import type { LinkOptions } from "../../../src/interpreter/program/linkOptions.ts";
import type { Program } from "../../../src/interpreter/program/program.ts";
import { genesis } from "../../../src/interpreter/state/genesis.ts";
import { beginInvocation } from "../../../src/interpreter/state/invocation.ts";
import type { MachineState } from "../../../src/interpreter/state/machineState.ts";
import { snapshot } from "../../../src/interpreter/state/snapshot.ts";

const get = (index: number) => op("local.get", index);
const set = (index: number) => op("local.set", index);
const constant = (value: number) => op("i32.const", value);
const end = op("end");

/** One function `i:i` and a memory of 1 to 4 pages. */
function programOf(body: readonly Code[], options: Partial<LinkOptions>, locals = "i"): Program {
  const wasm = assemble({
    memories: [[1, 4]],
    functions: [{ signature: "i:i", locals, body: [...body], export: "run" }],
  });
  return link([{ name: "module", module: decodeModule(wasm) }], options);
}

/** Runs function 0 on the fast path and on the reference; returns the trap after comparing the states. */
function compare(program: Program, argument: number): { trap: TrapName; state: MachineState } {
  const state = genesis(program);
  const twin = genesis(program);
  for (const each of [state, twin]) beginInvocation(each, 0, [BigInt(argument)]);
  const executor = new FastExecutor(state, { worthwhileSteps: 1, loopPatience: 0 });
  expect(executor.refusal).toBeUndefined();
  executor.run();
  run(twin);
  expect(differences(snapshot(state), snapshot(twin))).toEqual([]);
  return { trap: trapName(state.trap), state };
}

/** Stores n, n − 1, … 1 every 1000 bytes: most stores meet a new chunk, one in four straddles two. */
const stores: readonly Code[] = [
  op("loop", ""),
  ...[get(0), constant(1000), op("i32.mul"), constant(92), op("i32.add"), get(0)],
  op("i64.extend_i32_u"),
  op("i64.store", 0, 0),
  ...[get(0), constant(1), op("i32.sub"), op("local.tee", 0), op("br_if", 0)],
  ...[end, get(0)],
];

/** Recursion to the depth of the argument. */
const recursion: readonly Code[] = [
  ...[get(0), op("if", "i"), get(0), constant(1), op("i32.sub"), op("call", 0)],
  ...[constant(1), op("i32.add"), op("else"), constant(0), end],
];

/** A label whose first edge has run much more than the one that is taken, which gives the difference back to the budget. */
const lightEdge: readonly Code[] = [
  ...[op("block", ""), get(0), op("i32.eqz"), op("if", "")],
  ...[...Array.from({ length: 60 }, () => op("nop")), op("br", 1), end, end],
  ...[op("loop", ""), get(0), constant(1), op("i32.sub"), op("local.tee", 0), op("br_if", 0)],
  ...[end, get(0)],
];

describe("fast path › limits at exact positions", () => {
  it("the largest budget has room for what an edge gives back", () => {
    const state = genesis(programOf(lightEdge, { limits: { callFuel: 2 ** 52 } }));
    beginInvocation(state, 0, [3n]);
    const executor = new FastExecutor(state, { worthwhileSteps: 1, firstSteps: quantum });
    executor.run();
    expect(executor.refusal).toBeUndefined();
    expect(executor.entries).toBe(1);
    expect(trapName(state.trap)).toBe("none");
  });

  it("fuel runs out at every place of a loop that dirties chunks", () => {
    const chunkFuel = 50;
    const { fuelCounter: enough } = compare(programOf(stores, { chunkFuel }), 60).state;
    const places = 80;
    for (let place = 0; place < places; place++) {
      const callFuel = 1 + Math.floor(((enough - 2) * place) / (places - 1));
      const { trap } = compare(programOf(stores, { limits: { callFuel }, chunkFuel }), 60);
      expect(trap, `${callFuel} of ${enough}`).toBe("outOfFuel");
    }
    const exact = programOf(stores, { limits: { callFuel: enough }, chunkFuel });
    expect(compare(exact, 60).trap).toBe("none");
  });

  it("a store out of bounds traps after the stores before it", () => {
    const { trap, state } = compare(programOf(stores, {}), 100);
    expect(trap).toBe("outOfBoundsMemory");
    expect(state.memories[0].dirtyChunks).toEqual([]);
    expect(compare(programOf(stores, {}), 65).trap).toBe("none");
  });

  it("a group of stores is guarded whole although its first store needs no guard", () => {
    const store = (offset: number) => [get(0), op("i64.const", 1), op("i64.store", offset, 0)];
    const crossing: readonly Code[] = [
      ...[op("block", ""), ...store(0), get(1), op("br_if", 0), ...store(0), ...store(8), end],
      get(0),
    ];
    const { state } = compare(programOf(crossing, {}), 2 * 4096 - 8);
    expect(state.memories[0].dirtyChunks).toEqual([1, 2]);
  });

  it("a loop that moves an address does not rely on the guard before it", () => {
    const store = [get(0), op("i64.const", 1), op("i64.store", 0, 0)];
    const moving: readonly Code[] = [
      ...[...store, op("loop", ""), ...store, get(0), constant(4096), op("i32.add"), set(0)],
      ...[get(0), constant(20_000), op("i32.lt_u"), op("br_if", 0), end, get(0)],
    ];
    const { state } = compare(programOf(moving, {}), 8000);
    expect(state.memories[0].dirtyChunks).toEqual([1, 2, 3]);
  });

  it("frames and slots run out at the same call", () => {
    for (const frames of [1, 2, 77, 4096, 4097, 9000]) {
      const program = programOf(recursion, { limits: { frames } });
      expect(compare(program, frames).trap).toBe("none");
      expect(compare(program, frames + 1).trap).toBe("callStackExhausted");
    }
    for (const stackSlots of [300, 301, 302, 303, 40_000]) {
      const program = programOf(recursion, { limits: { stackSlots, frames: 1_000_000 } });
      expect(compare(program, stackSlots).trap).toBe("callStackExhausted");
    }
  });

  it("recursion deeper than the host's stack goes on", () => {
    const limits = { stackSlots: 2 ** 20, frames: 300_000 };
    const { trap, state } = compare(programOf(recursion, { limits }), 250_000);
    expect(trap).toBe("none");
    expect(state.stack[0]).toBe(250_000);
  });

  it("a host stack that is nearly full changes nothing", () => {
    const program = programOf(recursion, { limits: { frames: 10_000 } });
    const deepest = (depth: number): number => {
      try {
        return deepest(depth + 1);
      } catch {
        return depth;
      }
    };
    const below = (depth: number): TrapName =>
      depth === 0 ? compare(program, 9000).trap : below(depth - 1);
    const most = deepest(0);
    expect(below(Math.floor(most * 0.6))).toBe("none");
  });

  it("a memory that grows in a loop is the grown memory from the next instruction on", () => {
    const growing: readonly Code[] = [
      op("loop", ""),
      ...[constant(1), op("memory.grow", 0), set(1)],
      ...[op("memory.size", 0), constant(65_536), op("i32.mul"), constant(8), op("i32.sub")],
      ...[get(0), op("i32.store", 0, 0)],
      ...[get(0), constant(1), op("i32.sub"), op("local.tee", 0), op("br_if", 0)],
      ...[end, get(1)],
    ];
    for (const growth of ["declared", "fixed"] as const) {
      const { trap, state } = compare(programOf(growing, { growth }), 10);
      expect(trap).toBe("none");
      expect(state.memories[0].pages).toBe(4);
    }
  });

  it("a memory of 4 GiB is refused, and the reference runs the program", () => {
    const wasm = assemble({
      memories: [[65_536, 65_536]],
      functions: [{ signature: "i:i", body: [get(0)], export: "run" }],
    });
    const options = { limits: { memoryPages: 65_536 } };
    const program = link([{ name: "module", module: decodeModule(wasm) }], options);
    const small = { ...genesis({ ...program, memories: [] }), program };
    const executor = new FastExecutor(small);
    expect(executor.refusal).toContain("65536 pages");
    beginInvocation(small, 0, [7n]);
    executor.run();
    expect(small.stack[0]).toBe(7);
  });
});
