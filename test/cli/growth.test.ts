/**
 * A program that allocates runs as it is; where its memory may not grow, every command that tells of its end says which
 * `memory.grow` failed and which option that was.
 */
import { writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { binaryOf } from "../merkle/program.ts";
import { runCommandLine, runJson, temporaryFolder } from "./commandLine.ts";
import { allocatorText } from "./texts.ts";

const folder = temporaryFolder();
afterAll(() => folder.end());

const trapping = folder.file("trapping.wasm");
const telling = folder.file("telling.wasm");

beforeAll(() => {
  writeFileSync(trapping, binaryOf(allocatorText("unreachable")));
  writeFileSync(telling, binaryOf(allocatorText("(return (i32.const -2))")));
});

const fixed = ["--growth", "fixed"];
const refused =
  "memory.grow returned −1 at step 2 in allocate (16 pages on top of 1): the program was linked with --growth fixed; link it with --growth declared";

describe("a program that allocates", () => {
  test("by default › memory grows, in run and in invoke, on every executor", async () => {
    for (const executor of ["auto", "fast", "step"]) {
      const { value, exitCode, stderr } = await runJson("run", trapping, "--executor", executor);
      expect(value).toMatchObject({ results: ["1"], trapReport: null, refusedGrow: null });
      expect([exitCode, stderr]).toEqual([0, ""]);
    }
    expect((await runJson("invoke", trapping, "allocate")).value.results).toEqual(["1"]);
  });

  test("--growth fixed › the trap names the growth, step, function and option", async () => {
    const line = `unreachable in allocate (trapping, byte 69) at step 8; called by gateway; ${refused}`;
    for (const executor of ["auto", "fast", "step"]) {
      const args = [trapping, ...fixed, "--executor", executor];
      const { value, stderr, exitCode } = await runJson("run", ...args);
      expect(stderr).toBe(`wasm-arbiter: the call trapped: ${line}\n`);
      expect(exitCode).toBe(1);
      expect(value.trapReport).toMatchObject({
        trap: "unreachable",
        step: 8,
        function: "allocate",
        calledBy: [{ function: "gateway" }],
        refusedGrow: { step: 2, function: "allocate", cause: "fixed", pages: 1, requested: 16 },
      });
      expect(value.calls[0].trapReport).toEqual(value.trapReport);
    }
    const invoked = await runCommandLine("invoke", trapping, "allocate", ...fixed);
    expect(invoked.stderr).toMatch(
      /memory\.grow returned −1 at step 1 in allocate .*--growth fixed/,
    );
  });

  test("trace and state › say it where it happens and where it traps", async () => {
    const { stdout } = await runCommandLine("trace", trapping, ...fixed);
    expect(stdout).toContain(`memory.grow  (0x10)  → ${refused}, pushes 0xffffffff`);
    expect(stdout).toContain(`unreachable  → trap unreachable, ${refused}`);
    const traced = await runJson("trace", trapping, ...fixed);
    expect(traced.value.steps.at(-1).effects).toEqual(["trap unreachable", refused]);
    const state = await runCommandLine("state", trapping, ...fixed, "--at", "9");
    expect(state.stdout).toContain(`trapped: unreachable in allocate`);
    expect(state.stdout).toContain(refused);
  });

  test("a failure that is a result › is remarked on as well", async () => {
    for (const args of [
      ["run", telling],
      ["invoke", telling, "gateway"],
    ]) {
      const { stderr, stdout, exitCode } = await runCommandLine(...args, ...fixed);
      expect(stderr).toBe(`wasm-arbiter: ${refused}\n`);
      expect(stdout).toContain("-2 : i32");
      expect(exitCode).toBe(0);
    }
  });

  test("the limit of pages › is named with the option that raises it", async () => {
    const { stderr } = await runCommandLine("run", trapping, "--memory-pages", "10");
    expect(stderr).toMatch(
      /memory\.grow returned −1 .*: the limit is 10 pages; raise --memory-pages$/m,
    );
    expect((await runCommandLine("run", trapping, "--memory-pages", "17")).exitCode).toBe(0);
  });
});
