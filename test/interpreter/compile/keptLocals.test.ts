/**
 * Declared locals that a body does not name: the host never hears of them, and every frame has them all the same, zero,
 * wherever it stops.
 */
import { describe, expect, it } from "vitest";
import { assemble, type Code, op } from "../../../spec-tests/corpus/assembler.ts";
import { decodeModule } from "../../../src/interpreter/binary/decode.ts";
import { FastExecutor } from "../../../src/interpreter/compile/fastExecutor.ts";
import { definitionOf, readSource } from "../../../src/interpreter/compile/functionSource.ts";
import { f32, i32, i64, v128 } from "../../../src/interpreter/compile/hostTypes.ts";
import { link } from "../../../src/interpreter/program/link.ts";
import { genesis } from "../../../src/interpreter/state/genesis.ts";
import { beginInvocation } from "../../../src/interpreter/state/invocation.ts";
import { stopsApart } from "./stops.ts";

const get = (index: number) => op("local.get", index);
const set = (index: number) => op("local.set", index);
const constant = (value: number) => op("i32.const", value);

/** Counts down in calls, adds floats up on the way back, some of them NaNs; names few of its locals. */
const unnamed = 300;
const count = unnamed + 1;
const sum = 2 * unnamed + 2;
const body: Code[] = [
  ...[get(0), constant(3), op("i32.add"), set(count)],
  ...[op("loop", ""), get(sum), get(sum), op("f32.div"), get(sum), op("f32.add"), set(sum)],
  ...[get(count), constant(1), op("i32.sub"), op("local.tee", count), op("br_if", 0), op("end")],
  ...[
    get(0),
    op("if", ""),
    get(0),
    constant(1),
    op("i32.sub"),
    op("call", 0),
    op("drop"),
    op("end"),
  ],
  ...[get(sum), op("i32.reinterpret_f32")],
];
const locals = `${"I".repeat(unnamed)}i${"v".repeat(unnamed)}f${"F".repeat(unnamed)}`;
const text = { functions: [{ signature: "i:i", locals, export: "work", body }] };
const module = decodeModule(assemble(text));

const programWith = (frames: number) =>
  link([{ name: "m", module }], { limits: { frames, stackSlots: 131_072 } });

describe("fast path › kept locals", () => {
  it("are parameters and those that the body names, with their slots in the frame", () => {
    const { locals, runs, localSlots, lazyLocals } = readSource(definitionOf(0, module, 0));
    expect(locals).toEqual([i32, i32, f32]);
    expect(runs).toEqual([
      { slot: 0, slots: 1 },
      { slot: count, slots: 1 },
      { slot: 1 + unnamed + 1 + 2 * unnamed, slots: 1 },
    ]);
    expect(localSlots).toBe(1 + unnamed + 1 + 2 * unnamed + 1 + unnamed);
    const last = lazyLocals.after(lazyLocals.changes.length);
    expect(last).toEqual([{ slot: 2, type: f32, floats: f32 }]);
  });

  it("are all locals of a function that declares few", () => {
    const few = { functions: [{ signature: "i:", locals: "IvF", body: [op("nop")] }] };
    const source = readSource(definitionOf(0, decodeModule(assemble(few)), 0));
    expect(source.locals).toEqual([i32, i64, v128, 0x7c]);
    expect(source.runs).toEqual([{ slot: 0, slots: 5 }]);
  });

  it("leave the others zero in every frame, at every step", () => {
    const program = programWith(100);
    const begin = (state: Parameters<typeof beginInvocation>[0]) =>
      beginInvocation(state, program.modules[0].functions[0], [4n]);
    const stops = Array.from({ length: 400 }, (_, at) => at + 1);
    const tally = stopsApart(program, begin, stops, 2000);
    expect(tally.found).toEqual([]);
    expect(tally.entries).toBeGreaterThan(400);
  });

  it("are all that deep recursion takes on the host's stack", () => {
    const program = programWith(16_384);
    const executor = new FastExecutor(genesis(program));
    beginInvocation(executor.state, program.modules[0].functions[0], [100n]);
    executor.run();
    expect(executor.refusal).toBeUndefined();
    // Nothing has stopped it on the way: no function is left to the reference.
    expect(executor.entries).toBe(1);
  });
});
