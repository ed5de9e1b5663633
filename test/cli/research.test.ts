/**
 * The researcher's tools: trace, diff, record and bisect, profile.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { afterAll, describe, expect, test } from "vitest";
import { progressLine } from "../../src/cli/terminal/progress.ts";
import { binaryOf } from "../merkle/program.ts";
import { examplePath, runCommandLine, runJson, temporaryFolder } from "./commandLine.ts";

const folder = temporaryFolder();
afterAll(() => folder.end());

const run = [examplePath("sha256"), "--input-hex", "00000000616263"];

/** A file with the binary of a WebAssembly text. */
function binaryFile(name: string, text: string): string {
  const path = folder.file(`${name}.wasm`);
  writeFileSync(path, binaryOf(text));
  return path;
}

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
    const module = binaryFile("loop", '(module (func (export "gateway") (loop (br 0))))');
    const { value } = await runJson("trace", module, "--to-step", "2");
    expect(value.steps.map((s: { effects: string[] }) => s.effects)).toEqual([
      ["jumps to pc 0"],
      ["jumps to pc 0"],
    ]);
  });

  test("stores and copies › name their memory, its bytes in order, and what the step wrote", async () => {
    const module = binaryFile(
      "memories",
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
      "floats",
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
    const module = binaryFile("inputs", '(module (func (export "gateway")))');
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
    const args = [run[0], ...run.slice(1)];
    const fine = await runJson("bisect", good, bad, ...args);
    expect(fine.value).toMatchObject({ agreeAt: 1998, differAt: 1999, wrong: ["right"] });
    expect(fine.value.at.step).toBe(1998);
    const { stdout } = await runCommandLine("bisect", good, bad, ...args);
    expect(stdout).toContain(fine.value.at.instruction);
  });

  test("equal recordings › exit 0, and what was compared is said", async () => {
    const [whole, part] = [folder.file("whole.json"), folder.file("part.json")];
    const { last } = (await runJson("record", ...run, "--out", whole, "--every", "100")).value;
    await runJson("record", ...run, "--out", part, "--from-step", "1500", "--to-step", "1750");
    const same = await runJson("bisect", whole, whole);
    const comparedSteps = 1 + Math.ceil(last.step / 100);
    expect(same.value).toEqual({ equal: true, comparedSteps, lastCommonStep: last.step });
    expect(same.exitCode).toBe(0);
    expect((await runCommandLine("bisect", whole, whole)).stdout).toMatch(/, where both end\n$/);
    const partly = await runJson("bisect", whole, part);
    expect(partly.value).toEqual({ equal: true, comparedSteps: 1, lastCommonStep: 1500 });
    expect((await runCommandLine("bisect", whole, part)).stdout).toBe(
      "the recordings agree at the one step that both hold, 1,500\n",
    );
  });
});

describe("bisect of runs with different lengths", () => {
  // Counts down; a flipped bit of the counter makes the run shorter or longer.
  const countdown = `(module (import "arbiter" "input_size" (func $size (result i32))) (memory 1)
    (func (export "gateway") (local $i i32) (local.set $i (i32.add (i32.const 20) (call $size)))
      (loop (br_if 0 (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))))`;
  const recorded = async (name: string, ...extra: string[]) => {
    const module = binaryFile("countdown", countdown);
    const out = folder.file(`${name}.json`);
    const { value } = await runJson("record", module, "--out", out, ...extra);
    return { module, out, end: value.last };
  };

  for (const [kind, at] of [
    ["shorter", "9"],
    ["longer", "14"],
  ]) {
    test(`the ${kind} one is wrong › it alone is called so, each end with its own step`, async () => {
      const good = await recorded("counted");
      const bad = await recorded(kind, "--fault", `flip-stack@${at}`);
      expect(bad.end.step < good.end.step).toBe(kind === "shorter");
      const { value, exitCode } = await runJson(
        "bisect",
        good.out,
        bad.out,
        "--module",
        good.module,
      );
      expect(exitCode).toBe(1);
      expect(value).toMatchObject({
        differAt: Math.min(good.end.step, bad.end.step),
        left: { ...good.end, ended: true },
        right: { ...bad.end, ended: true },
        truth: { ...good.end, ended: true },
        wrong: ["right"],
      });
      const swapped = await runJson("bisect", bad.out, good.out, good.module);
      expect(swapped.value.wrong).toEqual(["left"]);
      const { stdout } = await runCommandLine("bisect", good.out, bad.out);
      expect(stdout).toContain(`ends at step ${bad.end.step} with ${bad.end.stateHash}`);
    });
  }

  test("one has ended, the other was recorded on › they differ, by its next state", async () => {
    const good = await recorded("cut", "--to-step", "102");
    const bad = await recorded("ended", "--fault", "flip-stack@9");
    expect(bad.end.step).toBe(100);
    const { value } = await runJson("bisect", good.out, bad.out, good.module);
    const left = { step: 102, ended: false };
    expect(value).toMatchObject({ differAt: 100, left, truth: left, wrong: ["right"] });
    const { stdout } = await runCommandLine("bisect", good.out, bad.out);
    expect(stdout).toContain("goes on, at step 102 with 0x");
  });
});

describe("bisect with the truth", () => {
  const args = [run[0]];
  const recordings = async (from: string) => {
    const files = [folder.file("honest.json"), folder.file("flipped.json")];
    const span = ["--from-step", from, "--to-step", "3000", "--every", "500"];
    await runJson("record", ...run, "--out", files[0], ...span);
    await runJson("record", ...run, "--out", files[1], ...span, "--fault", "flip-memory@2400");
    return files;
  };

  test("another input › is refused, nobody is called wrong", async () => {
    const files = await recordings("0");
    const early = await runCommandLine("bisect", ...files, ...args, "--input-hex", "0000000061");
    expect(early).toMatchObject({ exitCode: 2, stdout: "" });
    expect(early.stderr).toContain("these inputs are not those of the recorded run");
    const later = await runCommandLine("bisect", ...(await recordings("500")), ...args);
    expect(later).toMatchObject({ exitCode: 2, stdout: "" });
    expect(later.stderr).toContain("at step 500 that is not this run's");
  });

  test("runs of two inputs against a third › is refused too", async () => {
    const files = ["aa", "bb"].map((hex) => folder.file(`${hex}.json`));
    await runJson("record", run[0], "--input-hex", "00000000aa", "--out", files[0]);
    await runJson("record", run[0], "--input-hex", "00000000bb", "--out", files[1]);
    const third = await runCommandLine("bisect", ...files, ...args, ...run.slice(1));
    expect(third.stderr).toContain("these inputs are not those of the recorded run");
    const own = await runJson("bisect", ...files, ...args, "--input-hex", "00000000aa");
    expect(own.value.wrong).toEqual(["right"]);
  });

  test("a state that both have and the run has not › makes both wrong", async () => {
    const files = await recordings("0");
    for (const file of files) {
      const recording = JSON.parse(readFileSync(file, "utf8"));
      recording.states[4].stateHash = `0x${"12".repeat(32)}`;
      writeFileSync(file, JSON.stringify(recording));
    }
    const { value } = await runJson("bisect", ...files, ...args, ...run.slice(1));
    expect(value).toMatchObject({
      agreeAt: 2000,
      agreementHolds: false,
      wrong: ["left", "right"],
    });
  });

  test("--from a state after the agreed one › is refused", async () => {
    const files = await recordings("0");
    const saved = folder.file("late.state");
    await runJson("state", ...run, "--at", "2200", "--save", saved);
    const { stderr, exitCode } = await runCommandLine("bisect", ...files, ...args, "--from", saved);
    expect(exitCode).toBe(2);
    expect(stderr).toContain("the run begins at step 2,200, after");
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
