/**
 * Prices that are more than a class: declared locals on a function's first record, stubs of host functions. Every
 * executor and the replay spend them at the same step.
 */
import { describe, expect, it } from "vitest";
import { differences } from "../../spec-tests/agreement.ts";
import { assemble, type Code, type ModuleText, op } from "../../spec-tests/corpus/assembler.ts";
import { decodeModule } from "../../src/interpreter/binary/decode.ts";
import { run, runExactly } from "../../src/interpreter/blocks/runSteps.ts";
import { FastExecutor } from "../../src/interpreter/compile/fastExecutor.ts";
import { trapCodes } from "../../src/interpreter/isa/trapCodes.ts";
import {
  defaultChunkFuel,
  defaultFuelSchedule,
} from "../../src/interpreter/program/fuelSchedule.ts";
import { link } from "../../src/interpreter/program/link.ts";
import type { LinkOptions } from "../../src/interpreter/program/linkOptions.ts";
import type { Program } from "../../src/interpreter/program/program.ts";
import { genesis } from "../../src/interpreter/state/genesis.ts";
import { begin } from "../../src/interpreter/state/invocation.ts";
import { type MachineState, statusCodes } from "../../src/interpreter/state/machineState.ts";
import { snapshot } from "../../src/interpreter/state/snapshot.ts";
import { lockstep } from "../merkle/witness/lockstep.ts";

const get = (index: number) => op("local.get", index);
const constant = (value: number) => op("i32.const", value);
const turns = 6;

/** Calls a function with so many declared locals, in one of four ways, some times. */
function calling(locals: number, way: number, options: Partial<LinkOptions> = {}): Program {
  const ways: readonly Code[][] = [
    [op("call", 2)],
    [constant(0), op("call_indirect", 0, 0)],
    [op("call", 3)],
    [op("call", 4)],
  ];
  const text: ModuleText = {
    types: [":"],
    imports: [{ module: "arbiter", name: "input_size", func: ":i" }],
    tables: [{ type: "r", limits: [1, 1] }],
    elements: [{ at: { offset: constant(0) }, functions: [2] }],
    functions: [
      {
        signature: ":",
        locals: "i",
        export: "gateway",
        body: [
          ...[constant(turns), op("local.set", 0), op("loop", ""), ...ways[way]],
          ...[get(0), constant(1), op("i32.sub"), op("local.tee", 0), op("br_if", 0), op("end")],
        ],
      },
      { signature: ":", locals: "I".repeat(locals), body: [op("nop"), op("nop")] },
      { signature: ":", body: [op("return_call", 2)] },
      { signature: ":", body: [constant(0), op("return_call_indirect", 0, 0)] },
    ],
  };
  return link([{ name: "m", module: decodeModule(assemble(text)) }], {
    gateway: "gateway",
    ...options,
  });
}

/** Fuel of a call by single steps. */
function fuelOf(program: Program): number {
  const state = genesis(program);
  begin(state, new Uint8Array(0));
  runExactly(state, 10_000);
  expect(state.status).toBe(statusCodes.returned);
  return state.fuelCounter;
}

/** The state after a call, which all executors and the replay reach. */
function agreed(program: Program): MachineState {
  const states = [0, 1, 2, 3].map(() => genesis(program));
  const [exact, blocks, fast, replayed] = states;
  for (const state of states) begin(state, new Uint8Array(0));
  runExactly(exact, 1000);
  run(blocks);
  new FastExecutor(fast, { worthwhileSteps: 1 }).run();
  lockstep(replayed, 1000);
  for (const state of [blocks, fast, replayed]) {
    expect(differences(snapshot(state), snapshot(exact))).toEqual([]);
  }
  return exact;
}

describe("prices › declared locals", () => {
  it.each([0, 1, 2, 3])("cost by their number in every way of calling: %i", (way) => {
    const { localsAFuel } = defaultFuelSchedule;
    for (const locals of [1, 9, 400, 40_000]) {
      const more = fuelOf(calling(locals, way)) - fuelOf(calling(0, way));
      expect(more).toBe(turns * Math.floor(locals / localsAFuel));
    }
  });

  it("cost what the schedule says, and no more than a record can hold", () => {
    const schedule = { ...defaultFuelSchedule, localsAFuel: 1, simple: 65_000 };
    const more = fuelOf(calling(40_000, 0, { schedule })) - fuelOf(calling(0, 0, { schedule }));
    expect(more).toBe(turns * 535);
  });

  it.each([0, 1, 2, 3])("are spent at the same step by all executors and the replay: %i", (way) => {
    const whole = fuelOf(calling(100, way));
    for (const callFuel of [whole, whole - 1, Math.floor(whole / 2), Math.floor(whole / 3), 60]) {
      const program = calling(100, way, { limits: { callFuel } });
      const states = [0, 1, 2, 3].map(() => genesis(program));
      const [exact, blocks, fast, replayed] = states;
      for (const state of states) begin(state, new Uint8Array(0));
      const executor = new FastExecutor(fast, { worthwhileSteps: 1, loopPatience: 0 });
      for (let stop = 0; exact.status === statusCodes.running; stop += 7) {
        runExactly(exact, stop);
        run(blocks, { steps: stop });
        executor.run(stop);
        expect(differences(snapshot(blocks), snapshot(exact))).toEqual([]);
        expect(differences(snapshot(fast), snapshot(exact))).toEqual([]);
      }
      lockstep(replayed, 10_000);
      expect(differences(snapshot(replayed), snapshot(exact))).toEqual([]);
      expect(exact.trap).toBe(callFuel === whole ? 0 : trapCodes.outOfFuel);
    }
  });
});

describe("prices › stubs", () => {
  it("a host function costs more through a reference", () => {
    const program = (body: Code[]) =>
      link(
        [
          {
            name: "m",
            module: decodeModule(
              assemble({
                types: [":i"],
                imports: [{ module: "arbiter", name: "input_size", func: ":i" }],
                tables: [{ type: "r", limits: [1, 1] }],
                elements: [{ at: { offset: constant(0) }, functions: [0] }],
                functions: [{ signature: ":", export: "gateway", body: [...body, op("drop")] }],
              }),
            ),
          },
        ],
        { gateway: "gateway" },
      );
    const { stub, callIndirect, const: constantCost } = defaultFuelSchedule;
    const direct = fuelOf(program([op("call", 0)]));
    const indirect = fuelOf(program([constant(0), op("call_indirect", 0, 0)]));
    expect(indirect - direct).toBe(stub + callIndirect + constantCost + defaultFuelSchedule.return);
  });
});

describe("prices › what waits under a call", () => {
  const program = (waiting: number, call: readonly Code[]) => {
    const text: ModuleText = {
      types: [":"],
      tables: [{ type: "r", limits: [1, 1] }],
      elements: [{ at: { offset: constant(0) }, functions: [1] }],
      functions: [
        {
          signature: ":",
          locals: "iii",
          export: "gateway",
          body: [
            ...Array.from({ length: waiting }, () => get(0)),
            ...call,
            ...Array.from({ length: waiting }, () => op("drop")),
          ],
        },
        { signature: ":", body: [] },
      ],
    };
    return link([{ name: "m", module: decodeModule(assemble(text)) }], { gateway: "gateway" });
  };
  const calls = { direct: [op("call", 1)], indirect: [constant(0), op("call_indirect", 0, 0)] };

  it.each(["direct", "indirect"] as const)("costs by the operands beyond eight: %s", (way) => {
    const { heldOperand, local, simple } = defaultFuelSchedule;
    const none = fuelOf(program(0, calls[way]));
    for (const waiting of [1, 8, 9, 30]) {
      const moved = waiting * (local + simple);
      const held = Math.max(0, waiting - 8) * heldOperand;
      expect(fuelOf(program(waiting, calls[way])) - none).toBe(moved + held);
    }
  });
});

describe("prices › globals", () => {
  it("a write costs the rehash of a chunk from the 513th global on", () => {
    const program = (index: number) => {
      const text: ModuleText = {
        globals: Array.from({ length: 600 }, () => ({
          type: "i",
          mutable: true,
          init: constant(0),
        })),
        functions: [
          { signature: ":", export: "gateway", body: [constant(1), op("global.set", index)] },
        ],
      };
      return link([{ name: "m", module: decodeModule(assemble(text)) }], { gateway: "gateway" });
    };
    const { global, globalBeyond } = defaultFuelSchedule;
    expect(fuelOf(program(511))).toBe(fuelOf(program(0)));
    expect(fuelOf(program(512)) - fuelOf(program(0))).toBe(globalBeyond - global);
  });
});

describe("prices › growth", () => {
  const grown = (body: readonly Code[], options: Partial<LinkOptions> = {}) =>
    link(
      [
        {
          name: "m",
          module: decodeModule(
            assemble({
              memories: [
                [1, 2000],
                [1, 2000, "i64"],
              ],
              tables: [{ type: "r", limits: [10, 1000] }],
              elements: [{ at: "declarative", functions: [0] }],
              functions: [{ signature: ":", export: "gateway", body: [...body, op("drop")] }],
            }),
          ),
        },
      ],
      { gateway: "gateway", ...options },
    );
  const table = (value: Code, by: number) => grown([value, constant(by), op("table.grow", 0)]);
  const values = { null: op("ref.null", "r"), function: op("ref.func", 0) };

  it.each(["null", "function"] as const)("a table's costs by its entries: %s", (value) => {
    const piece = defaultFuelSchedule.tablePiece + defaultChunkFuel;
    const none = fuelOf(table(values[value], 0));
    // From the 11th entry on, in leaves of 16.
    for (const [by, pieces] of [
      [1, 1],
      [6, 1],
      [7, 2],
      [22, 2],
      [23, 3],
      [900, 57],
    ]) {
      const program = table(values[value], by);
      expect(fuelOf(program) - none, `${by} entries`).toBe(
        pieces * piece - defaultFuelSchedule.tablePiece,
      );
      expect(agreed(program).tables[0].size).toBe(10 + by);
    }
  });

  const memory = [
    (by: number) => [constant(by), op("memory.grow", 0)],
    (by: number) => [op("i64.const", by), op("memory.grow", 1)],
  ];
  const { const: constantCost, grow, simple, return: returnCost } = defaultFuelSchedule;
  const tail = simple + returnCost;

  it.each([0, 1])("a memory's costs a chunk for each 256 pages of it: memory %i", (index) => {
    const granted = [0, 1, 255, 256, 257, 512, 1999].map((by) => [by, Math.ceil(by / 256)]);
    for (const [by, chunks] of [...granted, [2000, 0], [-1, 0]]) {
      const body = memory[index](by);
      const ofRecords = constantCost + grow + tail;
      expect(fuelOf(grown(body)), `${by} pages`).toBe(ofRecords + chunks * defaultChunkFuel);
      expect(fuelOf(grown(body, { growth: "fixed" })), `${by} pages`).toBe(ofRecords);
    }
  });

  it.each([0, 1])("fuel that ends at a memory's leaves it as it was: memory %i", (index) => {
    for (const [by, chunks] of [
      [0, 0],
      [1, 1],
      [257, 2],
      [2000, 0],
    ]) {
      const enough = constantCost + grow + chunks * defaultChunkFuel;
      const pages = chunks > 0 ? 1 + by : 1;
      for (const [callFuel, fuelCounter, after, trap] of [
        [enough - 1, constantCost, 1, trapCodes.outOfFuel],
        [enough, enough, pages, trapCodes.outOfFuel],
        [enough + 1, enough, pages, trapCodes.outOfFuel],
        [enough + tail, enough + tail, pages, trapCodes.none],
      ]) {
        const state = agreed(grown(memory[index](by), { limits: { callFuel } }));
        const left = [state.fuelCounter, state.memories[index].pages, state.trap];
        expect(left, `${by} pages, ${callFuel} fuel`).toEqual([fuelCounter, after, trap]);
      }
    }
  });
});
