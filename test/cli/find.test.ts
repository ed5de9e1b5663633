/**
 * find on the command line, and the span of a trace by an entry and a predicate; the type that an indirect call finds.
 */
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { binaryOf } from "../merkle/program.ts";
import { runCommandLine, runJson, temporaryFolder } from "./commandLine.ts";

const folder = temporaryFolder();
afterAll(() => folder.end());
const program = fileURLToPath(new URL("../debug/programs/inlined.dwarf5.wasm", import.meta.url));
const call = [program, "--input-hex", "0102"];

describe("find", () => {
  test("a write › its step, instruction, line and bytes", async () => {
    const { value, exitCode } = await runJson("find", ...call, "--writes", "0x400..0x440");
    expect(exitCode).toBe(0);
    expect(value.found).toMatchObject({
      ...{ function: "store", instruction: "i32.store", bytes: "53 00 00 00" },
      source: { file: "/src/inlined.c", function: "store" },
      written: { memory: 0, address: 0x408, length: 4 },
    });
    // The step that it names is the one that writes.
    const { step } = value.found;
    const span = ["--from-step", String(step), "--to-step", String(step + 1)];
    const traced = await runJson("trace", ...call, ...span);
    expect(traced.value.steps[0].effects[0]).toBe("memory 0 at 0x408: 53 00 00 00");
    const last = await runJson("find", ...call, "--writes", "0x400+64", "--before", "1000");
    expect(last.value.found.step).toBeGreaterThan(step);
    const earlier = await runJson("find", ...call, "--writes", "0x408", "--before", String(step));
    expect([earlier.exitCode, earlier.value.found]).toEqual([1, null]);
  });

  test("an entry and a predicate › the states from which they are seen", async () => {
    const { value } = await runJson("find", ...call, "--enters", "store", "--nth", "2");
    const where = await runJson("find", ...call, "--where", "local[store, 0] == 3");
    expect(where.value.found.step).toBe(value.found.step);
    const { stdout } = await runCommandLine("state", ...call, "--at", String(value.found.step));
    expect(stdout).toMatch(/^at +store/m);
    const third = await runCommandLine("find", ...call, "--enters", "store", "--nth", "3");
    expect([third.exitCode, third.stdout]).toEqual([
      1,
      expect.stringMatching(/^none in steps 0 to 232/),
    ]);
  });

  test("--from-step › what was before it does not count", async () => {
    const first = (await runJson("find", ...call, "--enters", "store")).value.found.step;
    const next = await runJson(
      "find",
      ...call,
      "--enters",
      "store",
      "--from-step",
      String(first + 1),
    );
    expect(next.value.found.step).toBeGreaterThan(first);
  });

  test.each([
    [[], /nothing is asked; give one of/],
    [["--writes", "1", "--enters", "store"], /more than one thing is asked/],
    [["--writes", "x"], /x is no range of addresses; write ADDRESS/],
    [["--writes", "0x10..0x2"], /is empty or too long/],
    [["--writes", "1", "--memory", "3"], /the program has no memory 3; choose 0 to 0/],
    [["--enters", "nix\u0007"], /there is no one function nix\\u\{7\}/],
    [["--enters", "99"], /has \d functions, no function 99/],
    [["--enters", "store", "--nth", "0"], /--nth is 0/],
    [["--enters", "store", "--before", "4"], /--before is for --writes/],
    [["--enters", "store", "--memory", "0"], /--memory is for --writes/],
    [["--writes", "0x400", "--nth", "2"], /--nth is for --enters/],
    [["--where", "global[0] == 1", "--nth", "1"], /--nth is for --enters/],
    [["--where", "memory[0].i32 = 1"], /no predicate: expected one of == != .*\(character 15\)/],
  ])("%j is refused", async (options, problem) => {
    const { exitCode, stderr } = await runCommandLine("find", ...call, ...options);
    expect([exitCode, stderr]).toEqual([2, expect.stringMatching(problem)]);
  });
});

describe("trace", () => {
  test("--break and --until › from an entry to where a predicate holds", async () => {
    const until = "memory[0x408].u32 == 0x53";
    const { value } = await runJson("trace", ...call, "--break", "store", "--until", until);
    expect(value.steps[0]).toMatchObject({ function: "store", instruction: "local.get 0" });
    expect(value.steps.at(-1).instruction).toBe("i32.store");
    const { stderr, exitCode } = await runCommandLine(
      "trace",
      ...call,
      "--break",
      "store",
      "--from-step",
      "230",
    );
    expect([exitCode, stderr]).toEqual([
      2,
      expect.stringMatching(/store is not entered again before the run ends at step 232/),
    ]);
  });

  test("says why it shows no step, and why it ends", async () => {
    const where = [...call, "--from-step", "230"];
    const holds = await runCommandLine("trace", ...where, "--until", "memory[0x408].u32 != 0xff");
    expect([holds.exitCode, holds.stdout]).toEqual([
      0,
      expect.stringMatching(/no step: what --until asks for holds already at step 230\n$/),
    ]);
    const empty = await runCommandLine("trace", ...where, "--to-step", "230");
    expect(empty.stdout).toMatch(/no step: the span begins and ends at step 230\n$/);
    const over = await runCommandLine("trace", ...call, "--from-step", "232");
    expect(over.stdout).toMatch(/no step: the run has ended at step 232\n$/);
    const ended = async (...more: string[]) =>
      (await runJson("trace", ...where, ...more)).value.ended;
    expect(await ended("--to-step", "231")).toBe("span");
    expect(await ended("--to-step", "300")).toBe("run");
    expect(await ended("--until", "memory[0x408].u32 != 0xff")).toBe("until");
  });

  test("an indirect call of another type › both types, and the function that was found", async () => {
    const module = folder.file("indirect.wasm");
    const text = `(module (type $wanted (func (param i32) (result i64))) (table 1 funcref) (elem (i32.const 0) $other)
      (func $other (export "other") (param f64))
      (func (export "gateway") (drop (call_indirect (type $wanted) (i32.const 1) (i32.const 0)))))`;
    writeFileSync(module, binaryOf(text));
    const { stdout } = await runCommandLine("trace", module);
    expect(stdout).toContain(
      "trap indirectCallTypeMismatch, expected (param i32) (result i64), found (param f64): other",
    );
  });
});
