/** Recordings of runs, and where two of them part: `record`, `bisect`. */
import { readFileSync, writeFileSync } from "node:fs";
import { afterAll, describe, expect, test } from "vitest";
import { examplePath, runCommandLine, runJson, temporaryFolder } from "./commandLine.ts";
import { binaryFile } from "./texts.ts";

const folder = temporaryFolder();
afterAll(() => folder.end());

const run = [examplePath("sha256"), "--input-hex", "00000000616263"];

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
    const module = binaryFile(folder.file("countdown.wasm"), countdown);
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
