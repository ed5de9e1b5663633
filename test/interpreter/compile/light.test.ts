/**
 * Light code: entries that come to their end, entries that are lost at each kind of thing it cannot do, loops that move, and
 * how long a program is kept from it by what it has lost.
 */
import { describe, expect, it } from "vitest";
import { differences } from "../../../spec-tests/agreement.ts";
import { assemble, type Code, op } from "../../../spec-tests/corpus/assembler.ts";
import { decodeModule } from "../../../src/interpreter/binary/decode.ts";
import { run } from "../../../src/interpreter/blocks/runSteps.ts";
import { FastExecutor, type FastOptions } from "../../../src/interpreter/compile/fastExecutor.ts";
import { longLightStretch } from "../../../src/interpreter/compile/lightChecks.ts";
import { type LightPolicy, usualLight } from "../../../src/interpreter/compile/lightEntry.ts";
import { hasLightCode, lightProgramOf } from "../../../src/interpreter/compile/lightPrograms.ts";
import type { TieringPolicy } from "../../../src/interpreter/compile/tiering.ts";
import { trapName } from "../../../src/interpreter/isa/trapCodes.ts";
import { Machine } from "../../../src/interpreter/machine.ts";
import { defaultFuelSchedule } from "../../../src/interpreter/program/fuelSchedule.ts";
import { link } from "../../../src/interpreter/program/link.ts";
import type { LinkOptions } from "../../../src/interpreter/program/linkOptions.ts";
import type { Program } from "../../../src/interpreter/program/program.ts";
import { genesis } from "../../../src/interpreter/state/genesis.ts";
import { beginInvocation } from "../../../src/interpreter/state/invocation.ts";
import { type MachineState, statusCodes } from "../../../src/interpreter/state/machineState.ts";
import { snapshot } from "../../../src/interpreter/state/snapshot.ts";
import { refusedGrow } from "../../../src/interpreter/state/trapRecord.ts";

const get = (index: number) => op("local.get", index);
const constant = (value: number) => op("i32.const", value);
const less = [get(0), constant(1), op("i32.sub")];

/** Function 0 is `run`, of one parameter. */
const bodies = {
  /** Counts down in a loop that calls nothing, storing as it goes. */
  loop: [
    [op("loop", ""), get(0), constant(0xfffc), op("i32.and"), get(0), op("i32.store", 0, 0)],
    [...less, op("local.tee", 0), op("br_if", 0), op("end"), get(0)],
  ],
  /** Calls itself to the depth of its argument. */
  recursion: [
    [get(0), op("if", "i"), ...less, op("call", 0), constant(1), op("i32.add")],
    [op("else"), constant(0), op("end")],
  ],
  /** The same behind a loop of forty turns. */
  loops: [
    [get(0), op("if", "i"), constant(40), op("local.set", 1), op("loop", ""), get(1)],
    [constant(1), op("i32.sub"), op("local.tee", 1), op("br_if", 0), op("end")],
    [...less, op("call", 0), constant(1), op("i32.add"), op("else"), constant(0), op("end")],
  ],
  /** Stores, then traps at zero. */
  trap: [
    [op("loop", ""), constant(8), get(0), op("i32.store", 0, 0)],
    [...less, op("local.tee", 0), op("br_if", 0), op("end"), op("unreachable")],
  ],
  /** Grows by a page and stores into it, at each turn, then traps. */
  growth: [
    [op("loop", ""), constant(1), op("memory.grow", 0), constant(16), op("i32.shl"), get(0)],
    [op("i32.store", 0, 0), ...less, op("local.tee", 0), op("br_if", 0), op("end")],
    [op("unreachable")],
  ],
  /** The same without a trap. */
  grown: [
    [op("loop", ""), constant(1), op("memory.grow", 0), constant(16), op("i32.shl"), get(0)],
    [op("i32.store", 0, 0), ...less, op("local.tee", 0), op("br_if", 0), op("end"), get(0)],
  ],
} satisfies Record<string, Code[][]>;

function programOf(body: keyof typeof bodies, options: Partial<LinkOptions> = {}): Program {
  const wasm = assemble({
    memories: [[1, 40]],
    functions: [{ signature: "i:i", locals: "i", body: bodies[body].flat(), export: "run" }],
  });
  const limits = { callFuel: 2 ** 40 };
  return link([{ name: "m", module: decodeModule(wasm) }], {
    limits,
    growth: "declared",
    ...options,
  });
}

/** Little at a time, so that loops move and budgets end often; what is lost is forgotten. */
const eagerLight: LightPolicy = {
  allows: () => true,
  fuelOfRefill: () => 1000,
  nextLook: () => 0,
  movesAfter: () => true,
  debtOf: () => 0,
};

/** What was lost is never made good for. */
const once: LightPolicy = { ...eagerLight, debtOf: () => 1e9 };

interface Ran {
  readonly state: MachineState;
  readonly executor: FastExecutor;
}

/** Runs function 0 to its end, in pieces if these are given, and holds the state against the reference's at each. */
function ranLike(
  program: Program,
  argument: number,
  light: LightPolicy = eagerLight,
  pieces: readonly number[] = [],
  options: FastOptions = {},
): Ran {
  const [state, twin] = [genesis(program), genesis(program)];
  const executor = new FastExecutor(state, {
    worthwhileSteps: 1,
    loopPatience: 0,
    light,
    ...options,
  });
  for (const each of [state, twin]) beginInvocation(each, 0, [BigInt(argument)]);
  for (const steps of [...pieces, Number.MAX_SAFE_INTEGER]) {
    executor.run(steps);
    run(twin, { steps });
    expect(differences(snapshot(state), snapshot(twin))).toEqual([]);
  }
  expect(executor.refusal).toBeUndefined();
  expect(state.status).not.toBe(statusCodes.running);
  return { state, executor };
}

const counts = ({ executor: { light } }: Ran) => [light.kept, light.lost, light.moves > 0];

describe("light code", () => {
  it("runs to its end, its loop moving where a budget ends", () => {
    expect(counts(ranLike(programOf("loop"), 2000))).toEqual([1, 0, true]);
    expect(counts(ranLike(programOf("loop"), 2000, usualLight))).toEqual([1, 0, false]);
  });

  it("is not held up where it has moved often", () => {
    const { executor } = ranLike(programOf("loop"), 300_000, {
      ...eagerLight,
      fuelOfRefill: () => 20_000,
    });
    expect(executor.entries).toBe(1);
    expect(executor.light.moves).toBeGreaterThan(1000);
  });

  it("is given more where functions begin", () => {
    expect(counts(ranLike(programOf("recursion"), 1000))).toEqual([1, 0, false]);
  });

  it("is taken back at a trap, and code that can stop finds its place", () => {
    const ran = ranLike(programOf("trap"), 2000, once);
    expect(counts(ran)).toEqual([0, 1, true]);
    expect(trapName(ran.state.trap)).toBe("unreachable");
  });

  it.each([1, 7, 60, 3000])("is taken back where its fuel ends, %i before its end", (missing) => {
    const program = programOf("loop");
    const { fuelCounter } = ranLike(program, 900).state;
    const limits = { callFuel: fuelCounter - missing };
    const ran = ranLike(programOf("loop", { limits }), 900);
    expect(ran.executor.light.kept).toBe(0);
    expect(ran.executor.light.lost).toBeGreaterThan(0);
    expect(trapName(ran.state.trap)).toBe("outOfFuel");
  });

  it("uses all of its fuel, to the last unit", () => {
    const { fuelCounter } = ranLike(programOf("loop"), 900).state;
    const ran = ranLike(programOf("loop", { limits: { callFuel: fuelCounter } }), 900);
    expect(ran.state.status).toBe(statusCodes.returned);
  });

  it("is taken back where a run ends", () => {
    const ran = ranLike(programOf("loop"), 2000, eagerLight, [5000, 3, 400]);
    expect(ran.executor.light.lost).toBeGreaterThan(0);
    expect(ran.executor.light.kept).toBe(1);
  });

  it("is taken back where frames or slots end", () => {
    const frames = { limits: { frames: 100, callFuel: 2 ** 40 } };
    expect(trapName(ranLike(programOf("recursion", frames), 101).state.trap)).toBe(
      "callStackExhausted",
    );
    expect(counts(ranLike(programOf("recursion", frames), 60))).toEqual([1, 0, false]);
    const slots = { limits: { stackSlots: 150, callFuel: 2 ** 40 } };
    const ran = ranLike(programOf("recursion", slots), 200);
    expect(trapName(ran.state.trap)).toBe("callStackExhausted");
    expect(ran.executor.light.lost).toBeGreaterThan(0);
  });

  it("has the room of its frame where a loop has moved", () => {
    const limits = { frames: 100, callFuel: 2 ** 40 };
    const few = ranLike(programOf("loops", { limits }), 60);
    expect(counts(few)).toEqual([1, 0, true]);
    const { state, executor } = ranLike(programOf("loops", { limits }), 101);
    expect(trapName(state.trap)).toBe("callStackExhausted");
    expect(executor.light.moves).toBeGreaterThan(0);
  });

  it("is taken back where the host's stack ends", () => {
    const limits = { frames: 2 ** 16, stackSlots: 2 ** 18, callFuel: 2 ** 40 };
    expect(counts(ranLike(programOf("recursion", { limits }), 60_000, once))[1]).toBe(1);
  });

  it("grows memories, and goes on in others where a growth was taken back", () => {
    expect(counts(ranLike(programOf("grown"), 20))[0]).toBe(1);
    const { executor, state } = ranLike(programOf("growth"), 20, once);
    expect(executor.light.lost).toBe(1);
    // The trap is found by entries into code that can stop, over memories of the right length.
    expect(executor.entries).toBeGreaterThan(1);
    expect(state.memories[0].pages).toBe(21);
  });

  it("is left to code that can stop where a run is to end soon", () => {
    const ran = ranLike(programOf("loop"), 2000, usualLight, [5000]);
    expect(ran.executor.light.lost).toBe(0);
    expect(ran.executor.light.kept).toBe(1);
  });

  it("is not made for runs that all end soon", () => {
    const program = programOf("loop");
    const state = genesis(program);
    beginInvocation(state, 0, [2000n]);
    const executor = new FastExecutor(state, { light: usualLight, worthwhileSteps: 1 });
    while (state.status === statusCodes.running) executor.run(1000);
    expect(hasLightCode(program)).toBe(false);
    expect(executor.entries).toBeGreaterThan(0);
  });

  it("waits, once an entry was lost, for as many steps as that costs", () => {
    const program = programOf("trap");
    const light = lightProgramOf(program);
    ranLike(program, 2000, { ...usualLight, debtOf: () => 30_000 });
    expect(light.isTrusted).toBe(false);
    const lost = [0, 0, 0, 0].map(() => ranLike(program, 2000, { ...usualLight, debtOf: () => 1 }));
    // Some 16,000 steps each, which what was lost is run again for in code that can stop.
    expect(lost.map(({ executor }) => executor.light.lost)).toEqual([0, 1, 1, 1]);
    expect(usualLight.debtOf(2 ** 30)).toBe(2 ** 33);
    expect(usualLight.debtOf(1)).toBe(2 ** 22);
  });

  it("checks again behind calls where a function is long", () => {
    const long = Array.from({ length: longLightStretch.steps }, () => op("nop"));
    const body = [
      ...long,
      ...less,
      op("call", 1),
      ...long,
      op("drop"),
      ...less,
      op("call", 1),
      ...long,
    ];
    const wasm = assemble({
      functions: [
        { signature: "i:i", body, export: "run" },
        {
          signature: "i:i",
          body: [get(0), op("if", "i"), ...less, op("call", 1), op("else"), get(0), op("end")],
        },
      ],
    });
    const program = link([{ name: "m", module: decodeModule(wasm) }], {
      limits: { callFuel: 2 ** 40 },
    });
    const tiering: TieringPolicy = {
      sliceSteps: () => 1,
      turnsBeforeResuming: () => 0,
      next: ({ all }, wantsLight) => (wantsLight ? { kind: "light", functions: all } : undefined),
    };
    const ran = ranLike(program, 3, eagerLight, [], { tiering });
    expect(ran.executor.light.kept).toBeGreaterThan(0);
    expect(ran.executor.light.lost).toBe(0);
    const { stretch, mostFrames } = lightProgramOf(program).compile() ?? {};
    expect(stretch?.steps).toBeLessThan(longLightStretch.steps * 3);
    expect(mostFrames).toBeGreaterThan(1000);
  });

  it.each(["call", "call_indirect"] as const)(
    "counts what callees have executed that check nothing, by %s, in frames that return",
    (kind) => {
      const callee = kind === "call" ? [op("call", 1)] : [constant(0), op("call_indirect", 0, 0)];
      const calls = Array.from({ length: 1000 }, () => [constant(0), ...callee, op("drop")]);
      // So much fuel in all that a budget which no check has looked at is positive again.
      const skipped = [get(0), op("if", ""), op("loop", ""), get(0), op("br_if", 0), op("end")];
      const nops = Array.from({ length: 3900 }, () => op("nop"));
      const wasm = assemble({
        types: ["i:i"],
        tables: [{ type: "r", limits: [1] }],
        elements: [{ at: { offset: constant(0) }, functions: [1] }],
        functions: [
          {
            signature: "i:i",
            body: [
              ...[get(0), op("if", ""), ...less, op("call", 0), op("drop"), op("end")],
              ...[...calls.flat(), get(0)],
            ],
            export: "run",
          },
          { signature: "i:i", body: [...skipped, op("end"), ...nops, get(0)] },
        ],
      });
      const program = link([{ name: "m", module: decodeModule(wasm) }], {
        limits: { callFuel: 2 ** 50 },
        schedule: { ...defaultFuelSchedule, callIndirect: 1 },
      });
      const ran = ranLike(program, 500, usualLight);
      expect(counts(ran)).toEqual([1, 0, false]);
      expect(ran.state.fuelCounter).toBeGreaterThan(2 ** 33);
    },
  );

  it("tells the step of a growth that is refused in a callee that checks nothing", () => {
    const grow = [get(0), op("memory.grow", 0)];
    const wasm = assemble({
      memories: [[1, 1]],
      functions: [
        { signature: "i:i", body: [op("nop"), op("nop"), get(0), op("call", 1)], export: "run" },
        { signature: "i:i", body: grow },
      ],
    });
    const program = link([{ name: "m", module: decodeModule(wasm) }]);
    const ran = ranLike(program, 1, usualLight);
    expect(counts(ran)).toEqual([1, 0, false]);
    expect(refusedGrow(ran.state)).toEqual({ step: 5, pc: 6, memory: 0, pages: 1, requested: 1 });
  });

  it("is what a call of a machine runs that is not small, and no run of so many steps", () => {
    const gateway = [op("loop", ""), op("call", 0), op("drop"), op("global.get", 0), constant(1)];
    const again = [
      op("i32.sub"),
      op("global.set", 0),
      op("global.get", 0),
      op("br_if", 0),
      op("end"),
    ];
    const of = (idle: number) => {
      const wasm = assemble({
        imports: [{ module: "arbiter", name: "input_size", func: ":i" }],
        globals: [{ type: "i", mutable: true, init: constant(100_000) }],
        functions: [
          { signature: ":", body: [...gateway, ...again], export: "gateway" },
          { signature: ":", body: Array.from({ length: idle }, () => op("nop")) },
        ],
      });
      const limits = { callFuel: 2 ** 40 };
      return link([{ name: "m", module: decodeModule(wasm) }], { gateway: "gateway", limits });
    };
    const [small, called, stepped] = [of(1), of(9000), of(9000)];
    for (const program of [small, called]) new Machine(program).call(new Uint8Array(0));
    expect([small, called].map(hasLightCode)).toEqual([false, true]);
    const machine = new Machine(stepped);
    machine.begin(new Uint8Array(0));
    while (machine.state.status === statusCodes.running) machine.run({ steps: 500_000 });
    expect(hasLightCode(stepped)).toBe(false);
  });
});
