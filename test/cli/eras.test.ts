/**
 * Commands on a saved state that stands at the end of an era (docs/machine.md §10): the first call of the next era counts its
 * steps from 0; behind a call of the same session nobody could say which era a step number is of, and the commands say so.
 */
import { writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Machine } from "../../src/interpreter/index.ts";
import { StateTree, saveState } from "../../src/merkle/index.ts";
import { binaryOf, programOf } from "../merkle/program.ts";
import { runCommandLine, runJson, temporaryFolder } from "./commandLine.ts";

const folder = temporaryFolder();
afterAll(() => folder.end());

const text = `(module (memory 1) (func $sum (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))
  (func (export "gateway") (result i32) (local i32)
    (loop $again (local.set 0 (call $sum (local.get 0))) (i32.store (i32.const 8) (local.get 0))
      (br_if $again (i32.lt_u (local.get 0) (i32.const 20))))
    (i32.load (i32.const 8))))`;
const wasm = folder.file("counting.wasm");
/** The next call begins an era; one call is left before that. */
const [atEnd, before] = [folder.file("end.state"), folder.file("before.state")];
const first = 2 ** 30;
const input = "--input-hex=01";
/** Steps of a call, from genesis. */
let steps = 0;

beforeAll(async () => {
  writeFileSync(wasm, binaryOf(text));
  const program = programOf(text, { gateway: "gateway" });
  const { callFuel } = program.config.limits;
  for (const [file, fuelCounter] of [
    [atEnd, Number.MAX_SAFE_INTEGER - callFuel + 1],
    [before, Number.MAX_SAFE_INTEGER - callFuel],
  ] as const) {
    const machine = new Machine(program);
    Object.assign(machine.state, { era: 2, stepCounter: first, fuelCounter });
    writeFileSync(file, saveState(new StateTree(machine.state)));
  }
  steps = (await runJson("run", wasm, input)).value.steps;
});

describe("the first call of a session begins an era", () => {
  const args = ["--from", "", input];
  beforeAll(() => {
    args[1] = atEnd;
  });

  test("run › counts it from 0, and says of which era the counters are", async () => {
    const { value } = await runJson("run", wasm, ...args);
    expect(value).toMatchObject({ era: 3, steps, calls: [{ call: "input 1", steps }] });
    const { stdout } = await runCommandLine("run", wasm, ...args);
    expect(stdout).toMatch(/^era +3$/m);
    const { stdout: plain } = await runCommandLine("run", wasm, input);
    expect(plain).not.toContain("era");
  });

  test.each(["0", "1", "100"])("state, trace, prove, verify and diff at step %s", async (at) => {
    const there = await runJson("state", wasm, ...args, "--at", at);
    expect(there.value).toMatchObject({ era: 3, step: Number(at), status: "running" });
    const trace = await runJson("trace", wasm, ...args, "--from-step", at, "--to-step", "101");
    expect(trace.value.steps[0]).toMatchObject({ step: Number(at) });
    const witness = folder.file(`${at}.json`);
    const proven = await runJson("prove", wasm, ...args, "--at", at, "--out", witness);
    expect(proven.value).toMatchObject({ era: 3, preState: there.value.stateHash });
    expect((await runJson("verify", witness)).value).toMatchObject({ verified: true, era: 3 });
    const same = ["--left", at, "--right", at];
    expect((await runJson("diff", wasm, ...args, ...same)).value).toMatchObject({ equal: true });
    const range = ["--address", "8", "--length", "4"];
    const memory = await runJson("prove-memory", wasm, ...args, "--at", at, ...range);
    expect(memory.value).toMatchObject({ era: 3, step: Number(at) });
  });

  test("run › goes on with the call that was saved at its first step", async () => {
    const begun = folder.file("begun.state");
    await runJson("state", wasm, ...args, "--at", "0", "--save", begun);
    const { value } = await runJson("run", wasm, "--from", begun);
    expect(value).toMatchObject({ era: 3, steps, calls: [{ call: "begun call", steps }] });
  });

  test("diff › names the writer between two steps, and the state before the era", async () => {
    const two = await runJson("diff", wasm, ...args, "--left", "0", "--right", "100");
    const fresh = await runJson("diff", wasm, input, "--left", "0", "--right", "100");
    expect(two.value.writer).toEqual(fresh.value.writer);
    const crossed = await runJson("diff", wasm, ...args, "--left", atEnd, "--right", "0");
    const where = crossed.value.differences.map((each: { where: string }) => each.where);
    expect(where).toEqual(expect.arrayContaining(["era", "stepCounter", "fuelCounter"]));
  });

  test("find › what it finds in the same call from genesis, from any step", async () => {
    for (const question of [
      ["--enters", "0", "--nth", "3"],
      ["--writes", "8+4"],
    ]) {
      for (const span of [[], ["--from-step", "7"]]) {
        const found = await runJson("find", wasm, ...args, ...question, ...span);
        const plain = await runJson("find", wasm, input, ...question, ...span);
        expect(found.value).toEqual(plain.value);
        expect(found.value.found).not.toBeNull();
      }
    }
    const last = ["--writes", "8+4", "--before", "100"];
    const found = await runJson("find", wasm, ...args, ...last);
    expect(found.value).toEqual((await runJson("find", wasm, input, ...last)).value);
  });

  test("profile › the same counts, also up to a step", async () => {
    for (const span of [[], ["--to-step", "100"], ["--sample", "7"]]) {
      const counted = await runJson("profile", wasm, ...args, ...span);
      expect(counted.value).toEqual((await runJson("profile", wasm, input, ...span)).value);
    }
  });

  test("record and bisect › the step of a fault, and who is wrong", async () => {
    const [left, right] = [folder.file("left.json"), folder.file("right.json")];
    const recorded = await runJson("record", wasm, ...args, "--every", "1", "--out", left);
    expect(recorded.value).toMatchObject({ states: steps + 1, last: { step: steps } });
    await runJson("record", wasm, ...args, "--every=1", "--out", right, "--fault=flip-memory@100");
    const { value } = await runJson("bisect", left, right, wasm, ...args);
    expect(value).toMatchObject({ agreeAt: 99, differAt: 100, wrong: ["right"] });
    expect(value.at).toMatchObject({ era: 3, step: 99 });
  });
});

describe("a later call of a session begins an era", () => {
  const args = ["--from", "", input, input];
  beforeAll(() => {
    args[1] = before;
  });

  test("run and profile › run it, and count each call", async () => {
    const { value } = await runJson("run", wasm, ...args);
    expect(value).toMatchObject({ era: 3, steps, calls: [{ steps }, { steps }] });
    expect((await runJson("profile", wasm, ...args)).value).toMatchObject({ steps: 2 * steps });
  });

  test("up to its end › the states of the era before", async () => {
    const end = String(first + steps);
    const state = await runJson("state", wasm, ...args, "--at", end);
    expect(state.value).toMatchObject({ era: 2, step: first + steps, status: "returned" });
    const span = ["--from-step", String(first), "--to-step", end];
    expect((await runJson("trace", wasm, ...args, ...span)).value.steps).toHaveLength(steps);
    const out = folder.file("era.json");
    const recorded = await runJson("record", wasm, ...args, ...span, "--out", out);
    expect(recorded.value.last).toMatchObject({ step: first + steps });
  });

  test("beyond › refused, with what helps", async () => {
    const out = folder.file("beyond.json");
    const beyond = String(first + steps + 1);
    for (const command of [
      ["state", "--at", beyond],
      ["trace", "--from-step", String(first), "--until", "memory[8].i32 == 77"],
      ["find", "--where", "memory[8].i32 == 77"],
      ["profile", "--to-step", beyond],
      ["record", "--out", out],
    ]) {
      const [name, ...rest] = command;
      const { exitCode, stderr, stdout } = await runCommandLine(name, wasm, ...args, ...rest);
      expect({ name, exitCode, stdout }).toEqual({ name, exitCode: 2, stdout: "" });
      expect(stderr).toMatch(/input 2 begins another era.*run --save/s);
    }
  });
});
