/**
 * Instances of light code and of code that can stop, beside each other over the memories of one state.
 */
import { describe, expect, it } from "vitest";
import { differences } from "../../../spec-tests/agreement.ts";
import { assemble, op } from "../../../spec-tests/corpus/assembler.ts";
import { decodeModule } from "../../../src/interpreter/binary/decode.ts";
import { FastExecutor } from "../../../src/interpreter/compile/fastExecutor.ts";
import { usualLight } from "../../../src/interpreter/compile/lightEntry.ts";
import { hasLightCode, lightProgramOf } from "../../../src/interpreter/compile/lightPrograms.ts";
import { Machine } from "../../../src/interpreter/machine.ts";
import { link } from "../../../src/interpreter/program/link.ts";
import type { Program } from "../../../src/interpreter/program/program.ts";
import { genesis } from "../../../src/interpreter/state/genesis.ts";
import { begin } from "../../../src/interpreter/state/invocation.ts";
import { statusCodes } from "../../../src/interpreter/state/machineState.ts";
import { snapshot } from "../../../src/interpreter/state/snapshot.ts";

const get = (index: number) => op("local.get", index);
const constant = (value: number) => op("i32.const", value);

const turns = (count: number) => [
  ...[constant(count), op("local.set", 0), op("loop", ""), get(0), constant(0xfffc)],
  ...[op("i32.and"), get(0), op("i32.store", 0, 0), get(0), constant(1), op("i32.sub")],
  ...[op("local.tee", 0), op("br_if", 0), op("end")],
];

/** Of an empty input it is long, of one byte it grows and traps, of more it counts calls in memory. Compiled on demand. */
function countingProgram(): Program {
  const grows = [constant(1), op("memory.grow", 0), op("drop"), op("unreachable")];
  const counts = [constant(0), constant(0), op("i32.load", 0, 0), constant(1), op("i32.add")];
  const body = [
    ...[op("call", 0), op("local.tee", 1), op("i32.eqz"), op("if", ""), ...turns(1_000_000)],
    ...[op("return"), op("end"), get(1), constant(1), op("i32.eq"), op("if", ""), ...grows],
    ...[op("end"), ...counts, op("i32.store", 0, 0)],
  ];
  const wasm = assemble({
    imports: [{ module: "arbiter", name: "input_size", func: ":i" }],
    memories: [[1, 9]],
    functions: [
      { signature: ":", locals: "ii", body, export: "gateway" },
      { signature: ":", body: Array.from({ length: 9000 }, () => op("nop")) },
    ],
  });
  const limits = { callFuel: 2 ** 42 };
  return link([{ name: "m", module: decodeModule(wasm) }], { gateway: "gateway", limits });
}

/** A loop of some 70,000 fuel, beside a function whose stretch without a check is longer than that in light code. */
function programOfLongStretch(callFuel: number): Program {
  const calls = Array.from({ length: 1000 }, () => [constant(0), op("drop"), op("call", 2)]);
  const wasm = assemble({
    memories: [[1, 1]],
    functions: [
      { signature: ":", locals: "i", body: turns(600), export: "gateway" },
      { signature: ":", body: calls.flat() },
      { signature: ":", body: [constant(1), op("if", ""), op("loop", ""), op("end"), op("end")] },
    ],
  });
  const limits = { callFuel };
  return link([{ name: "m", module: decodeModule(wasm) }], {
    gateway: "gateway",
    limits,
    chunkFuel: 0,
  });
}

/** With a function that asks too much of the host (engineBounds.ts): of its locals and blocks together. */
function programOfWideFunction(): Program {
  const block = [op("block", ""), constant(0), op("br_if", 0), op("end")];
  const sums = Array.from({ length: 1100 }, (_, local) => [
    ...[get(local), get(local + 1), op("f64.add"), op("local.set", local)],
    ...block,
  ]);
  const wasm = assemble({
    memories: [[1, 1]],
    functions: [
      { signature: ":", locals: "i", body: turns(600), export: "gateway" },
      { signature: ":", locals: "F".repeat(3000), body: sums.flat() },
    ],
  });
  return link([{ name: "m", module: decodeModule(wasm) }], { gateway: "gateway" });
}

/** Calls the gateway once, with all that is compiled; what the light code has kept, and entries. */
function called(program: Program): [kept: number, entries: number] {
  const state = genesis(program);
  const executor = new FastExecutor(state, { light: usualLight });
  begin(state, new Uint8Array(0));
  executor.run();
  expect(executor.refusal).toBeUndefined();
  expect(state.status).toBe(statusCodes.returned);
  return [executor.light.kept, executor.entries];
}

describe("an instance of light code", () => {
  it("is left for one of code that can stop where the fuel is less than a stretch", () => {
    expect(called(programOfLongStretch(2 ** 40))).toEqual([1, 1]);
    expect(called(programOfLongStretch(80_000))).toEqual([0, 1]);
  });

  it("is not made of a program with functions that stay on the reference, which runs without it", () => {
    const program = programOfWideFunction();
    expect(called(program)).toEqual([0, 1]);
    expect(lightProgramOf(program).refusal).toMatch(/^functionBound/);
  });

  it("is made anew once the state's memories lie elsewhere", () => {
    const program = countingProgram();
    const [machine, twin, other] = [0, 1, 2].map(() => new Machine(program));
    const call = (length: number) => {
      const input = new Uint8Array(length);
      machine.call(input, { rollBackOnTrap: true });
      twin.call(input, { rollBackOnTrap: true, executor: "step" });
      expect(differences(snapshot(machine.state), snapshot(twin.state))).toEqual([]);
    };
    for (const length of [0, 0, 2]) call(length);
    expect(hasLightCode(program)).toBe(true);
    // Code that can stop is not compiled yet: the block executor grows the memory, and leaves it too long.
    call(1);
    // Another state makes good for what this one has lost.
    while (!lightProgramOf(program).isTrusted) other.call(new Uint8Array(0));
    for (const length of [2, 2, 0, 2]) call(length);
  });
});
