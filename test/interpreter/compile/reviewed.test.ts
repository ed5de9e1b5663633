/**
 * Directed programs that once left another state on the fast path than on the reference, or no state at all: each is the
 * smallest of its kind that a review has found.
 */
import { describe, expect, it } from "vitest";
import { differences } from "../../../spec-tests/agreement.ts";
import { assemble, type Code, type ModuleText, op } from "../../../spec-tests/corpus/assembler.ts";
import { decodeModule } from "../../../src/interpreter/binary/decode.ts";
import { runExactly } from "../../../src/interpreter/blocks/runSteps.ts";
import { FastExecutor, type FastOptions } from "../../../src/interpreter/compile/fastExecutor.ts";
import { Machine } from "../../../src/interpreter/machine.ts";
import { link } from "../../../src/interpreter/program/link.ts";
import type { LinkOptions } from "../../../src/interpreter/program/linkOptions.ts";
import type { Program } from "../../../src/interpreter/program/program.ts";
import { genesis } from "../../../src/interpreter/state/genesis.ts";
import { beginInvocation } from "../../../src/interpreter/state/invocation.ts";
import { snapshot } from "../../../src/interpreter/state/snapshot.ts";

const get = (index: number) => op("local.get", index);
const set = (index: number) => op("local.set", index);
const constant = (value: number) => op("i32.const", value);
const nops = (count: number): Code[] => Array.from({ length: count }, () => op("nop"));
const eager: FastOptions = { worthwhileSteps: 1, loopPatience: 0 };
const everything = 10_000_000;

const linked = (text: ModuleText, options: Partial<LinkOptions> = {}): Program =>
  link([{ name: "m", module: decodeModule(assemble(text)) }], options);

/** Differences after `steps` steps of the first function, and at the end. */
function parting(program: Program, options: FastOptions = eager, steps = everything): string[] {
  const [state, twin] = [genesis(program), genesis(program)];
  for (const each of [state, twin]) beginInvocation(each, 0, []);
  const executor = new FastExecutor(state, options);
  executor.run(steps);
  runExactly(twin, steps);
  const atStop = differences(snapshot(state), snapshot(twin));
  executor.run(everything);
  runExactly(twin, everything);
  return [...atStop, ...differences(snapshot(state), snapshot(twin))];
}

const inMemory = (pages: number, body: Code[]) =>
  linked({ memories: [[pages, pages]], functions: [{ signature: ":", locals: "i", body }] });
const storeAt = (address: Code[], value: number, offset = 0) => [
  ...[...address, constant(value), op("i32.store", offset, 0)],
];
const ready = storeAt([constant(0)], 5);
/** Turns that count local 0 down. */
const again = [get(0), constant(1), op("i32.sub"), op("local.tee", 0), op("br_if", 0), op("end")];

describe("fast path › what a review has found", () => {
  it.each([
    ["copy from", 1, [constant(0), constant(-8), constant(8), op("memory.copy", 0, 0)]],
    ["copy to", 32, [constant(-4096), constant(0), constant(16), op("memory.copy", 0, 0)]],
    ["fill at", 32, [constant(-4096), constant(0), constant(16), op("memory.fill", 0)]],
  ])("%s an address that wraps into the hidden pages", (_, pages, body) => {
    expect(parting(inMemory(pages, [...ready, ...body]))).toEqual([]);
  });

  it("parameters of a loop that begin alike and go on apart", () => {
    const body = [
      ...[constant(16), op("local.tee", 0), get(0), op("loop", 0)],
      ...[constant(1), op("i32.store", 0, 0), constant(2), op("i32.store", 0, 0)],
      ...[constant(8192), constant(20480), get(0), constant(0), set(0), op("br_if", 0)],
      ...[op("drop"), op("drop"), op("end")],
    ];
    const functions = [{ signature: ":", locals: "i", body }];
    expect(parting(linked({ types: ["ii:"], memories: [[2, 2]], functions }))).toEqual([]);
  });

  it("a group of stores that ends out of bounds leaves nothing behind", () => {
    const at = [get(0)];
    const stores = [...storeAt(at, 7), ...storeAt(at, 7, 8)];
    const global = { type: "i", mutable: true, init: constant(0) };
    const read = [get(0), op("i32.load", 0, 0), op("global.set", 0)];
    const body = [constant(65528), set(0), ...read, ...stores];
    const functions = [{ signature: ":", locals: "i", body, export: "gateway" }];
    const program = linked(
      { memories: [[1, 1]], globals: [global], functions },
      { gateway: "gateway" },
    );
    expect(parting(program)).toEqual([]);
    const machine = new Machine(program);
    const before = machine.snapshot();
    machine.call(new Uint8Array(0), { executor: "fast", rollBackOnTrap: true });
    expect(differences(machine.snapshot(), before)).toEqual([]);
  });

  it("a table that a call taken back has grown", () => {
    const loop = [constant(100), set(0), op("loop", ""), ...again, op("call", 2)];
    const program = linked(
      {
        types: [":"],
        imports: [{ module: "arbiter", name: "input_size", func: ":i" }],
        tables: [{ type: "r", limits: [1, 10] }],
        globals: [{ type: "i", mutable: true, init: constant(0) }],
        elements: [{ at: "declarative", functions: [2] }],
        functions: [
          {
            signature: ":",
            export: "gateway",
            body: [
              ...[op("call", 0), op("if", ""), constant(1), op("call_indirect", 0, 0), op("else")],
              ...[op("ref.func", 2), constant(1), op("table.grow", 0), op("drop")],
              ...[op("call", 3), op("unreachable"), op("end")],
            ],
          },
          { signature: ":", body: [constant(42), op("global.set", 0)] },
          { signature: ":", locals: "i", body: loop },
        ],
      },
      { gateway: "gateway" },
    );
    const traps = (["fast", "step"] as const).map((executor) => {
      const machine = new Machine(program);
      machine.call(new Uint8Array(0), { executor, rollBackOnTrap: true });
      return [machine.call(new Uint8Array(1), { executor }), machine.state.globals[0]];
    });
    expect(traps[0]).toEqual(traps[1]);
  });

  it("long stretches without a check in two modules at once stop at the step and the fuel that was asked for", () => {
    const text: ModuleText = {
      memories: [[1, 2]],
      functions: [
        {
          signature: ":",
          locals: "i",
          body: [
            ...[constant(20), set(0), constant(1), op("memory.grow", 0), op("drop")],
            ...[op("loop", ""), ...nops(5000), op("call", 1), ...again],
          ],
        },
        {
          signature: ":",
          locals: "i",
          body: [...nops(4000), constant(2), set(0), op("loop", ""), ...again],
        },
      ],
    };
    for (let steps = 5982; steps < 60_000; steps += 5077) {
      expect(parting(linked(text), eager, steps), `steps ${steps}`).toEqual([]);
    }
    for (let callFuel = 40_000; callFuel < 60_000; callFuel += 1777) {
      expect(parting(linked(text, { limits: { callFuel } })), `fuel ${callFuel}`).toEqual([]);
    }
  });

  it.each([eager, {}])("table.grow as the first instruction of a loop", (options) => {
    const body = [op("ref.func", 0), constant(1000), op("loop", 0), op("table.grow", 0), op("end")];
    const program = linked({
      types: ["ri:i"],
      tables: [{ type: "r", limits: [1, 5000] }],
      elements: [{ at: "declarative", functions: [0] }],
      functions: [{ signature: ":i", body }],
    });
    expect(parting(program, options)).toEqual([]);
  });

  it("a table that the host does not make", () => {
    const functions = [{ signature: ":", body: [op("nop")] }];
    const program = linked({ tables: [{ type: "r", limits: [10_000_001] }], functions });
    expect(parting(program)).toEqual([]);
  });

  it("a stop in thousands of tall frames, whose spill records fill the spill area", async () => {
    const height = 200;
    const wide = Array.from({ length: height }, () => op("i64.const", 1));
    const narrow = Array.from({ length: height }, () => op("drop"));
    const never = [get(0), constant(-1), op("i32.eq"), op("if", ""), ...wide];
    const tall = [...never, op("block", ""), op("end"), ...narrow, op("end")];
    const deeper = [get(0), constant(1), op("i32.sub"), op("call", 1), constant(1), op("i32.add")];
    const warmUp = [op("loop", ""), constant(40), op("call", 1), op("drop"), ...again];
    const program = linked(
      {
        globals: [{ type: "i", mutable: true, init: constant(1) }],
        functions: [
          {
            signature: ":",
            locals: "i",
            body: [
              ...[constant(6000), set(0), ...warmUp, constant(300_000), op("global.set", 0)],
              ...[constant(3900), op("call", 1), op("drop")],
            ],
          },
          {
            signature: "i:i",
            body: [...tall, get(0), op("if", "i"), ...deeper, op("else"), op("call", 2), op("end")],
          },
          {
            signature: ":i",
            locals: "i",
            body: [op("global.get", 0), set(0), op("loop", ""), ...again, constant(0)],
          },
        ],
      },
      { limits: { stackSlots: 2 ** 20, frames: 4100 } },
    );
    const whole = genesis(program);
    beginInvocation(whole, 0, []);
    runExactly(whole, everything);
    const state = genesis(program);
    beginInvocation(state, 0, []);
    // The host's better code has smaller frames, so that all of them lie on its stack at once: it is waited for.
    for (let entries = Number.POSITIVE_INFINITY, tries = 0; entries > 100 && tries < 30; tries++) {
      const warm = genesis(program);
      beginInvocation(warm, 0, []);
      const executor = new FastExecutor(warm);
      executor.run(everything);
      ({ entries } = executor);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    const executor = new FastExecutor(state);
    executor.run(whole.stepCounter - 1_100_000);
    executor.run(600_000);
    expect(state.depth).toBeGreaterThan(3000);
    executor.run(everything);
    expect(executor.entries).toBeLessThan(200);
    expect(differences(snapshot(state), snapshot(whole))).toEqual([]);
  });
});
