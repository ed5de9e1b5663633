/**
 * Calls one after another: each is made and told of, also after a trap; where there is nothing to call, that is said.
 */
import { existsSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { binaryOf } from "../merkle/program.ts";
import { runCommandLine, runJson, temporaryFolder } from "./commandLine.ts";

const folder = temporaryFolder();
afterAll(() => folder.end());

const texts = {
  /** Counts its calls; traps on an empty input. */
  counting: `(module (import "arbiter" "input_size" (func $size (result i32))) (global $n (mut i32) (i32.const 0))
    (func (export "gateway") (result i32)
      (global.set $n (i32.add (global.get $n) (i32.const 1)))
      (drop (i32.div_u (i32.const 10) (call $size)))
      (global.get $n)))`,
  starting: `(module (memory 1) (func $s (i32.store (i32.const 0) (i32.const 5))) (start $s)
    (func (export "gateway") (result i32) (i32.load (i32.const 0))))`,
  trappingStart: `(module (func $s unreachable) (start $s) (func (export "seven") (result i32) (i32.const 7)))`,
  /** Puts its input out again. */
  echoing: `(module (import "arbiter" "input_size" (func $size (result i32)))
    (import "arbiter" "input_read" (func $read (param i32 i32 i32)))
    (import "arbiter" "output_write" (func $write (param i32 i32))) (memory 1)
    (func (export "gateway")
      (call $read (i32.const 0) (i32.const 0) (call $size))
      (call $write (i32.const 0) (call $size))))`,
  library: `(module (memory 1) (func (export "twice") (param i32) (result i32)
    (i32.add (local.get 0) (local.get 0))))`,
};
const path = (name: keyof typeof texts) => folder.file(`${name}.wasm`);

const empty = "--input-hex=";
const one = "--input-hex=01";

beforeAll(() => {
  for (const name of Object.keys(texts) as (keyof typeof texts)[]) {
    writeFileSync(path(name), binaryOf(texts[name]));
  }
});

test("run › tells what each of several calls put out", async () => {
  const inputs = ["--input-hex=6f6e65", "--input-hex=", "--input-hex=74776f00"];
  const { value } = await runJson("run", path("echoing"), ...inputs);
  expect(value.calls.map(({ output }: { output: object }) => output)).toEqual([
    { length: 3, text: "one", hex: null },
    { length: 0, text: "", hex: null },
    { length: 4, text: null, hex: "0x74776f00" },
  ]);
  const { stdout } = await runCommandLine("run", path("echoing"), ...inputs);
  expect(stdout).toMatch(/^input 1:\none\n\ninput 3:\n0x74776f00\n\ncall /);
});

describe("a call that traps", () => {
  test("run › makes the calls after it, and tells of each", async () => {
    const { value, exitCode, stderr } = await runJson("run", path("counting"), empty, one);
    expect(value).toMatchObject({ status: "returned", results: ["2"], steps: 17 });
    expect(value.calls).toMatchObject([
      { call: "input 1", status: "trapped", trap: "integerDivideByZero", results: [], steps: 7 },
      { call: "input 2", status: "returned", trap: null, results: ["2"], steps: 10 },
    ]);
    expect(exitCode).toBe(1);
    expect(stderr).toBe(
      "wasm-arbiter: input 1 trapped: integerDivideByZero in gateway (counting, byte 80) at step 6 (i32.div_u)\n",
    );
    const { stdout } = await runCommandLine("run", path("counting"), empty, one);
    const [trapped, returned] = value.calls.map(({ fuel }: { fuel: number }) => fuel);
    expect(trapped + returned).toBe(value.fuel);
    expect(stdout).toMatch(new RegExp(`^input 1 +integerDivideByZero +none +7 +${trapped}$`, "m"));
    expect(stdout).toMatch(new RegExp(`^input 2 +returned +2 : i32 +10 +${returned}$`, "m"));
  });

  test("run --from its state › makes the next call", async () => {
    const state = folder.file("trapped.state");
    const trapped = await runJson("run", path("counting"), empty, "--save", state);
    expect(trapped.value).toMatchObject({ status: "trapped", steps: 7 });
    const { value, exitCode } = await runJson("run", path("counting"), "--from", state, one);
    expect(value).toMatchObject({ status: "returned", results: ["2"], steps: 17 });
    expect(value.calls).toHaveLength(1);
    expect(exitCode).toBe(0);
    const idle = await runJson("run", path("counting"), "--from", state);
    expect(idle.value).toMatchObject({ calls: [], status: "trapped" });
    expect(idle.exitCode).toBe(1);
    expect(idle.stderr).toContain("nothing was called");
  });

  test("profile and record › exit 1 and say so", async () => {
    for (const args of [["profile"], ["record", "--out", folder.file("trapped.json")]]) {
      const { exitCode, stderr, stdout } = await runCommandLine(...args, path("counting"));
      expect(exitCode, args[0]).toBe(1);
      expect(stderr, args[0]).toMatch(
        /^wasm-arbiter: the call trapped: integerDivideByZero in gateway \(counting, .*\n$/,
      );
      expect(stdout, args[0]).toMatch(/7/);
    }
  });

  test("a start function › is a call with an outcome of its own", async () => {
    const { value } = await runJson("run", path("starting"));
    expect(value.calls).toMatchObject([
      { call: "start function", status: "returned", results: [] },
      { call: "input 1", status: "returned", results: ["5"] },
    ]);
    const invoked = await runJson("invoke", path("trappingStart"), "seven");
    expect(invoked.value).toMatchObject({ status: "returned", results: ["7"] });
    expect(invoked.stderr).toBe(
      "wasm-arbiter: start function trapped: unreachable in function[0] (trappingStart, byte 42) at step 1; called by boot\n",
    );
    expect(invoked.exitCode).toBe(1);
  });
});

describe("a program without gateway", () => {
  test("run, profile, trace, record › nothing could be called", async () => {
    const out = folder.file("none.json");
    for (const args of [["run"], ["profile"], ["trace"], ["record", "--out", out]]) {
      const { exitCode, stderr, stdout } = await runCommandLine(...args, path("library"));
      expect(exitCode, args[0]).toBe(2);
      expect(stdout, args[0]).toBe("");
      expect(stderr, args[0]).toMatch(
        /no gateway to call; its last module exports no function without parameters/,
      );
    }
    expect(existsSync(out)).toBe(false);
  });

  test("its genesis › can be looked at", async () => {
    const { value } = await runJson("state", path("library"), "--at", "0");
    expect(value).toMatchObject({ step: 0, status: "returned" });
  });

  test("a start function › is run", async () => {
    const { value, exitCode } = await runJson("run", path("trappingStart"));
    expect(value.calls).toMatchObject([{ call: "start function", trap: "unreachable" }]);
    expect(exitCode).toBe(1);
  });
});

describe("what is shown", () => {
  test("code that no module holds › has no module and no byte", async () => {
    const at = await runCommandLine("state", path("starting"), "--at", "0");
    expect(at.stdout).toMatch(/^at +boot, pc 7$/m);
    const { stdout } = await runCommandLine("inspect", path("starting"));
    expect(stdout).toMatch(/^boot$/m);
  });

  test("a listing › names each function by the index that --function takes", async () => {
    const { stdout } = await runCommandLine("inspect", path("starting"));
    expect(stdout).toMatch(/^gateway {2}\(starting, function 1\)$/m);
    const { value } = await runJson("inspect", path("starting"), "--function", "1");
    expect(value.listing[0]).toMatchObject({ function: "gateway" });
  });

  test("one thing › is no plural, and no thing is none", async () => {
    const { stdout } = await runCommandLine("inspect", path("library"));
    expect(stdout).toMatch(/^instructions +\d+ in 1 function$/m);
    expect(stdout).toMatch(/^tables +none$/m);
    const { stderr } = await runCommandLine("invoke", path("library"), "twice");
    expect(stderr).toContain("twice takes 1 argument, got 0");
    const ran = await runCommandLine("run", path("trappingStart"));
    expect(ran.stdout).toMatch(/^results +none$/m);
  });

  test("an argument of the wrong type › its place, then what was expected", async () => {
    const { stderr } = await runCommandLine("invoke", path("library"), "twice", "x");
    expect(stderr).toMatch(/argument 1: expected an i32, got x; write a whole number/);
  });

  test("a halted machine › has no instruction to prove", async () => {
    const { stdout } = await runCommandLine("prove", path("starting"), "--at", "9");
    expect(stdout).toMatch(/^instruction +none: the machine had halted$/m);
  });

  test("steps beyond the end › the range that the saved state leaves", async () => {
    const state = folder.file("begun.state");
    await runCommandLine("state", path("starting"), "--at", "7", "--save", state);
    const { stderr } = await runCommandLine("state", path("starting"), "--from", state, "--at=70");
    expect(stderr).toContain("choose a step from 7 to 9");
  });

  test("help › no empty defaults", async () => {
    for (const command of ["run", "invoke", "serve", "replay"]) {
      const { stdout } = await runCommandLine(command, "--help");
      expect(stdout, command).not.toContain("[]");
    }
    const { stdout } = await runCommandLine("run", "--help");
    expect(stdout).toContain("--from <state>");
    expect(stdout).toMatch(/count from\s+genesis/);
  });
});
