/**
 * The researcher's tools: trace, diff, record and bisect, profile.
 */
import { readFileSync } from "node:fs";
import { afterAll, describe, expect, test } from "vitest";
import { progressLine } from "../../src/cli/terminal/progress.ts";
import { examplePath, runCommandLine, runJson, temporaryFolder } from "./commandLine.ts";

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
    expect(read.effects[0]).toMatch(/^memory\[0x[\da-f]+, \d+ bytes\] = 0x/);
    expect(store.effects[0]).toMatch(/^memory\[0x[\da-f]+\] = 0x[\da-f]{16}$/);
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
    const eic = value.differences.find((d: { where: string }) => d.where === "eic");
    expect(eic).toMatchObject({ before: "500", after: "501", owner: "gateway" });
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
    expect(step.effects.join()).toMatch(/memory\[0x/);
  });
});

describe("record and bisect", () => {
  test("a flipped bit › is found to the step, and its side named", async () => {
    const [good, bad] = [folder.file("good.json"), folder.file("bad.json")];
    const fault = ["--fault", "flip-memory@1999"];
    await runJson("record", ...run, "--out", good, "--every", "100");
    await runJson("record", ...run, "--out", bad, "--every", "100", ...fault);
    const coarse = await runJson("bisect", good, bad);
    expect(coarse.exitCode).toBe(1);
    expect(coarse.value).toMatchObject({ equal: false, agreeAt: 1900, differAt: 2000 });
    const span = ["--from-step", "1900", "--to-step", "2000", "--every", "1"];
    await runJson("record", ...run, "--out", good, ...span);
    await runJson("record", ...run, "--out", bad, ...span, ...fault);
    const args = ["--module", run[0], ...run.slice(1)];
    const fine = await runJson("bisect", good, bad, ...args);
    expect(fine.value).toMatchObject({ agreeAt: 1998, differAt: 1999, wrong: ["right"] });
    expect(fine.value.at.step).toBe(1998);
    const { stdout } = await runCommandLine("bisect", good, bad, ...args);
    expect(stdout).toContain(fine.value.at.instruction);
  });

  test("equal recordings › exit 0", async () => {
    const file = folder.file("same.json");
    await runJson("record", ...run, "--out", file, "--every", "100");
    const { value, exitCode } = await runJson("bisect", file, file);
    expect({ value, exitCode }).toEqual({ value: { equal: true }, exitCode: 0 });
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
