/**
 * The researcher's tools: trace, diff, record and bisect, profile.
 */
import { readFileSync } from "node:fs";
import { afterAll, describe, expect, test } from "vitest";
import { progressLine } from "../../src/cli/terminal/progress.ts";
import { examplePath, runCommandLine, runJson, temporaryFolder } from "./commandLine.ts";
import { binaryFile } from "./texts.ts";

const folder = temporaryFolder();
afterAll(() => folder.end());

const run = [examplePath("sha256"), "--input-hex", "00000000616263"];

describe("trace", () => {
  test("fuel of all steps › adds up to the run's, and steps follow one another", async () => {
    const { value } = await runJson("trace", ...run, "--to-step", "100000");
    const whole = (await runJson("run", ...run)).value;
    expect(value.steps.length).toBe(whole.steps);
    const fuel = value.steps.reduce((sum: number, step: { fuel: number }) => sum + step.fuel, 0);
    expect(fuel).toBe(whole.fuel);
    for (const [i, step] of value.steps.entries()) expect(step.step).toBe(i);
    expect(value.steps.at(-1).effects[0]).toMatch(/^returns 0x/);
  });

  test("operands and effects › are those of the instruction", async () => {
    const { value } = await runJson("trace", ...run, "--to-step", "3000");
    const add = value.steps.find((s: { instruction: string }) => s.instruction === "i32.add");
    const [a, b] = add.operands.map(BigInt);
    expect(add.effects).toEqual([`pushes 0x${BigInt.asUintN(32, a + b).toString(16)}`]);
    const store = value.steps.find((s: { instruction: string }) =>
      s.instruction.startsWith("i64.store"),
    );
    const read = value.steps.find((s: { instruction: string }) =>
      s.instruction.includes("input_read"),
    );
    expect(read.effects[0]).toMatch(/^memory 0 at 0x[\da-f]+, \d+ bytes: [\da-f]{2} /);
    expect(store.effects[0]).toMatch(/^memory 0 at 0x[\da-f]+: [\da-f]{2}( [\da-f]{2}){7}$/);
  });

  test("a branch to itself › is a jump, not a piece of a long instruction", async () => {
    const module = binaryFile(
      folder.file("loop.wasm"),
      '(module (func (export "gateway") (loop (br 0))))',
    );
    const { value } = await runJson("trace", module, "--to-step", "2");
    expect(value.steps.map((s: { effects: string[] }) => s.effects)).toEqual([
      ["jumps to pc 0"],
      ["jumps to pc 0"],
    ]);
  });

  test("stores and copies › name their memory, its bytes in order, and what the step wrote", async () => {
    const module = binaryFile(
      folder.file("memories.wasm"),
      `(module (memory 1) (memory $b 1) (data (memory 0) (i32.const 0) "0123456789abcdef")
        (func (export "gateway")
          (i32.store $b (i32.const 8) (i32.const 42))
          (memory.copy $b 0 (i32.const 250) (i32.const 0) (i32.const 16))
          (memory.copy 0 0 (i32.const 250) (i32.const 0) (i32.const 16))))`,
    );
    const { value } = await runJson("trace", module);
    const effectsOf = (text: string) =>
      value.steps
        .filter((s: { instruction: string }) => s.instruction.startsWith(text))
        .map((s: { effects: string[] }) => s.effects[0]);
    expect(effectsOf("i32.store")).toEqual(["memory 1 at 0x8: 2a 00 00 00"]);
    const copied = (memory: number) => [
      `memory ${memory} at 0xfa, 6 bytes: 30 31 32 33 34 35`,
      `memory ${memory} at 0x100, 10 bytes: 36 37 38 39 61 62 63 64 65 66`,
    ];
    // Between memories forward, within one backward.
    expect(effectsOf("memory.copy")).toEqual([...copied(1), ...copied(0).reverse()]);
  });

  test("floats › are numbers in text, bits in JSON; integers are hex", async () => {
    const module = binaryFile(
      folder.file("floats.wasm"),
      `(module (memory 1) (global $g (mut f32) (f32.const 0))
        (func (export "gateway") (result f64) (local f64)
          (f64.store (i32.const 0) (f64.const 0))
          (local.set 0 (f64.add (f64.const 0.1) (f64.const 0.2)))
          (global.set $g (f32.div (f32.const 0) (f32.const 0)))
          (local.get 0)))`,
    );
    const { stdout } = await runCommandLine("trace", module);
    const shown = stdout.split("\n").map((line) => line.slice(27));
    expect(shown).toContain("f64.store  (0x0 0)  → memory 0 at 0x0: 00 00 00 00 00 00 00 00");
    expect(shown).toContain("f64.add  (0.1 0.2)  → pushes 0.30000000000000004");
    expect(shown).toContain("local.set 0  (0.30000000000000004)  → local[0] = 0.30000000000000004");
    expect(shown).toContain("f32.div  (0 0)  → pushes -nan:0x400000");
    expect(shown).toContain("global.set 0  (-nan:0x400000)  → global[0] = -nan:0x400000");
    expect(shown).toContain("end  (0.30000000000000004)  → returns 0.30000000000000004");
    const { value } = await runJson("trace", module);
    const add = value.steps.find((s: { instruction: string }) => s.instruction === "f64.add");
    expect(add).toMatchObject({
      operands: ["0x3fb999999999999a", "0x3fc999999999999a"],
      operandTypes: ["f64", "f64"],
      effects: ["pushes 0x3fd3333333333334"],
      resultTypes: ["f64"],
    });
  });

  test("text › has column headings over its columns", async () => {
    const { stdout } = await runCommandLine("trace", ...run, "--to-step", "3");
    const [head, , first] = stdout.split("\n");
    expect(head.trim().split(/\s+/)).toEqual(["step", "fuel", "pc", "instruction"]);
    expect(first.slice(head.indexOf("instruction"))).toMatch(/^\w/);
    expect(first.slice(0, head.indexOf("instruction"))).toMatch(/^ +0 +\d+ +\d+ {2}$/);
  });
});

describe("diff", () => {
  test("a state with itself › equal, exit 0", async () => {
    const { value, exitCode } = await runJson("diff", ...run, "--left", "500", "--right", "500");
    expect(exitCode).toBe(0);
    expect(value).toMatchObject({ equal: true, differences: [] });
  });

  test("a saved state with a later one › names component, values and owner", async () => {
    const saved = folder.file("at500.state");
    await runJson("state", ...run, "--at", "500", "--save", saved);
    const { value, exitCode } = await runJson("diff", ...run, "--left", saved, "--right", "501");
    expect(exitCode).toBe(1);
    expect(value.equal).toBe(false);
    const stepCounter = value.differences.find((d: { where: string }) => d.where === "stepCounter");
    expect(stepCounter).toMatchObject({ left: "500", right: "501", owner: "gateway" });
  });

  test("more differences than asked for › the cut is said, also with none shown", async () => {
    const steps = ["--left", "100", "--right", "9000"];
    for (const most of ["0", "2"]) {
      const { value, exitCode } = await runJson("diff", ...run, ...steps, "--most", most);
      expect({ exitCode, complete: value.complete }).toEqual({ exitCode: 1, complete: false });
      expect(value.differences.length).toBe(Number(most));
      const { stdout } = await runCommandLine("diff", ...run, ...steps, "--most", most);
      expect(stdout).toMatch(/\n… and more; raise --most\n$/);
    }
    const whole = await runJson("diff", ...run, ...steps, "--most", "100000");
    expect(whole.value.complete).toBe(true);
    const most = String(whole.value.differences.length);
    expect((await runJson("diff", ...run, ...steps, "--most", most)).value).toEqual(whole.value);
  });

  test("states that differ in their input alone › are shown its length and bytes", async () => {
    const module = binaryFile(folder.file("inputs.wasm"), '(module (func (export "gateway")))');
    const saved = ["616263", "616264", "6162636465"].map((hex) => {
      const path = folder.file(`${hex}.state`);
      return { path, args: ["run", module, "--input-hex", hex, "--save", path] };
    });
    for (const { args } of saved) await runJson(...args);
    const between = async (i: number) => {
      const args = ["diff", module, "--left", saved[0].path, "--right", saved[i].path];
      return { ...(await runJson(...args)), text: (await runCommandLine(...args)).stdout };
    };
    const bytes = await between(1);
    expect(bytes.exitCode).toBe(1);
    expect(bytes.value.differences).toEqual([
      { where: "input at 0x0", left: "61 62 63", right: "61 62 64" },
    ]);
    expect(bytes.text).toContain("first difference: input at 0x0");
    expect((await between(2)).value.differences).toEqual([
      { where: "inputLength", left: "3", right: "5" },
    ]);
  });

  test("a halted state › has pc -1", async () => {
    const { value } = await runJson("run", ...run);
    const steps = ["--left", "500", "--right", String(value.steps)];
    const diff = await runJson("diff", ...run, ...steps);
    const pc = diff.value.differences.find((d: { where: string }) => d.where === "pc");
    expect(pc.right).toBe("-1");
  });
});

describe("diff of memory", () => {
  test("between two steps › names the function that last wrote there", async () => {
    const { value } = await runJson("diff", ...run, "--left", "100", "--right", "9000");
    const difference = value.differences.find(
      (d: { where: string }) => d.where === value.writer.where,
    );
    expect(difference.where).toMatch(/^memory 0 at 0x/);
    expect(value.writer.step).toBeGreaterThanOrEqual(100);
    expect(value.writer.step).toBeLessThan(9000);
    const around = [
      "--from-step",
      String(value.writer.step),
      "--to-step",
      String(value.writer.step + 1),
    ];
    const [step] = (await runJson("trace", ...run, ...around)).value.steps;
    expect(step.function).toBe(value.writer.function);
    expect(step.effects.join()).toMatch(/memory \d+ at 0x/);
  });
});

describe("profile", () => {
  test("steps and fuel of all functions › add up to the run's", async () => {
    const calls = [examplePath("calls"), "--input-hex", "0800000032000000"];
    const picture = folder.file("flame.html");
    const { value } = await runJson("profile", ...calls, "--flame-graph", picture);
    const whole = (await runJson("run", ...calls)).value;
    expect({ steps: value.steps, fuel: value.fuel }).toEqual({
      steps: whole.steps,
      fuel: whole.fuel,
    });
    const names = value.functions.map((row: { function: string }) => row.function);
    expect(names).toEqual(expect.arrayContaining(["gateway", "fibonacci", "ackermann"]));
    const gateway = value.functions.find((row: { function: string }) => row.function === "gateway");
    expect(gateway.totalSteps).toBe(whole.steps);
    const html = readFileSync(picture, "utf8");
    expect(html).toContain("fibonacci");
    expect(html).not.toContain("<script");
  });

  test("sampled › steps still add up", async () => {
    const { value } = await runJson("profile", ...run, "--sample", "7");
    expect(value.exact).toBe(false);
    expect(value.steps).toBe((await runJson("run", ...run)).value.steps);
  });
});

describe("progress", () => {
  test("known total › share, speed and time left", () => {
    expect(progressLine("running", 50_000_000, 200_000_000, 0.5)).toBe(
      "running: 25.0 % of 200,000,000 steps · 100.0 M steps/s · ETA 0:02",
    );
  });

  test("unknown total › steps, speed and time so far", () => {
    expect(progressLine("running", 1_000_000, undefined, 61)).toBe(
      "running: 1,000,000 steps · 0.0 M steps/s · 1:01",
    );
  });
});
