/**
 * The package root's verbs on the ledger: load, instantiate, call, stateHash, prove, verify; and that callers keep
 * their bytes to themselves.
 */
import { describe, expect, test } from "vitest";
import { exampleNamed, inputOf, wasmOf } from "../examples/manifest.ts";
import {
  call,
  InvalidError,
  inputRoot,
  instantiate,
  LinkError,
  load,
  MalformedError,
  programRoot,
  prove,
  stateHash,
  verify,
  WitnessError,
} from "../src/index.ts";
import { loadState, saveState } from "../src/merkle/index.ts";
import { stateTree } from "../src/verbs.ts";
import { binaryOf } from "./merkle/program.ts";

const ledger = exampleNamed("ledger");
const wasm = wasmOf(ledger);
const block = inputOf(ledger.runs.small);

const startingModule = binaryOf(`(module (memory 1)
  (func $start (i32.store (i32.const 0) (i32.const 5))) (start $start)
  (func (export "gateway") (result i32) (i32.load (i32.const 0))))`);

/** The bytes in a Node Buffer that starts at an odd address, as pooled ones do. */
function pooled(bytes: Uint8Array): Buffer {
  const around = Buffer.alloc(bytes.length + 8, 0xee);
  around.set(bytes, 3);
  return around.subarray(3, 3 + bytes.length);
}

describe("verbs", () => {
  test("call › the manifest's result, with steps and fuel", () => {
    const outcome = call(instantiate(load(wasm)), block);
    expect(outcome).toMatchObject({ returned: true, trap: "none" });
    expect(outcome.results).toEqual([BigInt(ledger.runs.small.result)]);
    expect(outcome.fuel).toBeGreaterThan(outcome.steps);
  });

  test("a trap › is an outcome, not an exception", () => {
    const machine = instantiate(load(wasm, { limits: { callFuel: 100 } }));
    expect(call(machine, block)).toMatchObject({ returned: false, trap: "outOfFuel", results: [] });
  });

  test("verify › leads from each state hash to the next", () => {
    const machine = instantiate(load(wasm));
    machine.begin(block);
    for (let steps = 0; steps < 300; steps++) {
      const before = stateHash(machine);
      const witness = prove(machine);
      machine.step();
      expect(verify(before, witness)).toEqual(stateHash(machine));
    }
  });

  test("Buffers at odd addresses › give what plain arrays give, and stay as they are", () => {
    const plain = instantiate(load(wasm));
    const machine = instantiate(load(pooled(wasm)));
    expect(programRoot(machine.program)).toEqual(programRoot(plain.program));
    const input = pooled(block);
    expect(inputRoot(input)).toEqual(inputRoot(block));
    plain.begin(block);
    machine.begin(input);
    input.fill(0);
    plain.run({ steps: 400 });
    machine.run({ steps: 400 });
    expect(stateHash(machine)).toEqual(stateHash(plain));
    const witness = pooled(prove(machine));
    const copy = Uint8Array.from(witness);
    expect(verify(pooled(stateHash(machine)), witness)).toEqual(verify(stateHash(plain), copy));
    expect(Uint8Array.from(witness)).toEqual(copy);
    const saved = pooled(saveState(stateTree(machine)));
    const state = loadState(machine.program, saved);
    expect(state.stepCounter).toBe(machine.state.stepCounter);
  });

  test("a start function › is a call of its own, and call says so", () => {
    const machine = instantiate(load(startingModule));
    expect(() => call(machine)).toThrow(
      /^expected a machine that is not running; a start .*run\(\)/,
    );
    expect(machine.state.stepCounter).toBe(0);
    machine.run();
    expect(call(machine)).toMatchObject({ returned: true, results: [5n], steps: 3 });
    machine.begin(new Uint8Array(0));
    expect(() => call(machine)).toThrow(RangeError);
  });

  test("options that do not exist › RangeError, and what would do", () => {
    const untyped = load as (modules: unknown, options?: unknown) => unknown;
    expect(() => untyped(wasm, { level: "9.0" })).toThrow(
      /level to be one of 1.0, 2.0, 3.0, got 9.0/,
    );
    expect(() => untyped(wasm, { growth: "x" })).toThrow(/growth to be one of fixed, declared/);
    expect(() => untyped(wasm, { unknownImports: "x" })).toThrow(RangeError);
  });

  test("modules that are none › TypeError, with what came", () => {
    const untyped = load as (modules: unknown) => unknown;
    const expected = "expected a Uint8Array or a list of {name, bytes}, got ";
    expect(() => untyped(new ArrayBuffer(8))).toThrow(`${expected}ArrayBuffer`);
    expect(() => untyped("ledger.wasm")).toThrow(`${expected}string`);
    expect(() => untyped(undefined)).toThrow(`${expected}undefined`);
    expect(() => untyped([wasm])).toThrow(TypeError);
    expect(() => untyped([{ name: "a" }])).toThrow(`${expected}a list of Object`);
  });

  test("limits of a run › integers only, and an executor that exists", () => {
    const machine = instantiate(load(wasm));
    machine.begin(block);
    for (const steps of [1.5, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => machine.run({ steps }), String(steps)).toThrow(RangeError);
      expect(() => machine.runTo(steps), String(steps)).toThrow(RangeError);
    }
    const executor = "x" as "auto";
    expect(() => machine.run({ executor })).toThrow(/executor to be one of auto, fast, step/);
    expect(() => machine.runTo(5, executor)).toThrow(RangeError);
    expect(machine.state.stepCounter).toBe(0);
    machine.run({ steps: 0 });
    machine.run({ steps: 7 });
    expect(machine.state.stepCounter).toBe(7);
    const idle = instantiate(load(wasm));
    expect(() => idle.call(block, { executor })).toThrow(RangeError);
    expect(idle.isRunning).toBe(false);
  });

  test("errors › each of its class", () => {
    expect(() => load(new Uint8Array(4))).toThrow(MalformedError);
    const twoMemories = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 5, 5, 2, 0, 1, 0, 1);
    expect(() => load(twoMemories, { level: "1.0" })).toThrow(InvalidError);
    expect(() => load(wasm, { gateway: "nothing" })).toThrow(LinkError);
    expect(() => verify(new Uint8Array(32), new Uint8Array(0))).toThrow(WitnessError);
    expect(() => load(wasm, { chunkFuel: -1 })).toThrow(RangeError);
  });
});
