/**
 * What is told of a trap: its instruction, its callers, the import that was missing, the growth that was refused; the
 * same on every executor, wherever it stops, and nothing of it in the state.
 */
import { describe, expect, it } from "vitest";
import { runBlockwise } from "../../../src/interpreter/blocks/runBlockwise.ts";
import { runExactly } from "../../../src/interpreter/blocks/runSteps.ts";
import { FastExecutor } from "../../../src/interpreter/compile/fastExecutor.ts";
import {
  refusedGrowReport,
  trapReport,
  trapText,
} from "../../../src/interpreter/inspect/trapReport.ts";
import type { LinkOptions } from "../../../src/interpreter/program/linkOptions.ts";
import { genesis } from "../../../src/interpreter/state/genesis.ts";
import { beginInvocation } from "../../../src/interpreter/state/invocation.ts";
import type { MachineState } from "../../../src/interpreter/state/machineState.ts";
import { snapshot } from "../../../src/interpreter/state/snapshot.ts";
import { programOf } from "../../merkle/program.ts";

const everything = 1_000_000;
const executors: Readonly<Record<string, (state: MachineState) => void>> = {
  step: (state) => runExactly(state, everything),
  blocks: (state) => runBlockwise(state, everything),
  fast: (state) => new FastExecutor(state, { worthwhileSteps: 1, loopPatience: 0 }).run(everything),
  pieces: (state) => {
    const executor = new FastExecutor(state, { worthwhileSteps: 1, loopPatience: 0 });
    while (state.status === 0) executor.run(7);
  },
};

/** Allocates a page a call, in a loop, and writes to it; `main` is function 2. */
const allocating = (memory: string) => `(module ${memory}
  (func $grow (export "grow") (param $pages i32) (result i32) (memory.grow (local.get $pages)))
  (func $use (export "use") (param $turns i32) (local $at i32)
    (loop
      (local.set $at (i32.mul (call $grow (i32.const 1)) (i32.const 65536)))
      (i32.store (local.get $at) (i32.const 5))
      (br_if 0 (local.tee $turns (i32.sub (local.get $turns) (i32.const 1))))))
  (func $main (export "main") (param i32) (call $use (local.get 0))))`;

function reports(text: string, options: Partial<LinkOptions>, index: number, args: bigint[]) {
  const program = programOf(text, options);
  return Object.entries(executors).map(([name, execute]) => {
    const state = genesis(program);
    beginInvocation(state, index, args);
    execute(state);
    return { name, state, report: trapReport(state), grow: refusedGrowReport(state) };
  });
}

describe("a trap after a refused memory.grow", () => {
  it.each([
    [
      "fixed",
      "(memory 1 4)",
      { growth: "fixed" },
      0,
      "fixed",
      4,
      /linked with growth: "fixed"; link it with growth: "declared"/,
    ],
    [
      "declared",
      "(memory 1 4)",
      {},
      3,
      "declared",
      4,
      /the module declares at most 4 pages; .*--max-memory/,
    ],
    [
      "limit",
      "(memory 1)",
      { limits: { memoryPages: 3 } },
      2,
      "limit",
      3,
      /the limit is 3 pages; raise limits\.memoryPages/,
    ],
  ] as const)(
    "%s › is told with its cause, by every executor",
    (_, memory, options, turns, cause, maximum, text) => {
      const all = reports(allocating(memory), options, 2, [10n]);
      for (const { name, report, grow, state } of all) {
        expect(report, name).toMatchObject({
          trap: "outOfBoundsMemory",
          function: "use",
          instruction: "i32.store",
          calledBy: [{ function: "main" }],
          refusedGrow: { function: "grow", cause, maximum, requested: 1 },
        });
        // 14 instructions a turn, 7 of them before the growth.
        expect(grow?.step, name).toBe(all[0].grow?.step);
        expect(grow?.pages, name).toBe(cause === "fixed" ? 4 : 1 + turns);
        expect(report?.step, name).toBe(state.stepCounter - 1);
        expect(report, name).toEqual(all[0].report);
        expect(trapText(report as NonNullable<typeof report>), name).toMatch(text);
        expect(snapshot(state), name).not.toHaveProperty("refusedGrow");
      }
    },
  );

  it("a growth that succeeds, and a trap without any › say nothing of growth", () => {
    for (const { report, grow } of reports(allocating("(memory 1 4)"), {}, 2, [2n])) {
      expect(report).toBeUndefined();
      expect(grow).toBeUndefined();
    }
    const dividing = "(module (func (param i32) (drop (i32.div_u (i32.const 1) (local.get 0)))))";
    for (const { report } of reports(dividing, {}, 0, [0n])) {
      expect(report).toMatchObject({ trap: "integerDivideByZero", instruction: "i32.div_u" });
      expect(trapText(report as NonNullable<typeof report>)).toBe(
        "integerDivideByZero in function[0] (test, byte 28) at step 2 (i32.div_u)",
      );
    }
  });
});

describe("a trap", () => {
  it("calls that had not returned › innermost first, at most 64", () => {
    const recursing = `(module (func $down (export "down") (param i32) (if (i32.eqz (local.get 0)) (then unreachable))
      (call $down (i32.sub (local.get 0) (i32.const 1)))))`;
    for (const depth of [0, 3, 100]) {
      const all = reports(recursing, {}, 0, [BigInt(depth)]);
      for (const { name, report } of all) {
        expect(report?.calledBy.length, name).toBe(Math.min(depth, 64));
        expect(report, name).toEqual(all[0].report);
      }
    }
    const [{ report }] = reports(recursing, {}, 0, [9n]);
    expect(trapText(report as NonNullable<typeof report>)).toMatch(
      /; called by down, down, down, down, …$/,
    );
  });

  it("a limit that was reached › is named with the option that raises it", () => {
    const recursing = "(module (func $f (call $f)))";
    const spinning = "(module (func (loop (br 0))))";
    const deep = { limits: { frames: 10, callFuel: 5000 } };
    for (const { report } of reports(recursing, deep, 0, [])) {
      expect(trapText(report as NonNullable<typeof report>)).toMatch(
        /slots and 10 frames; raise limits\.stackSlots or limits\.frames$/,
      );
    }
    for (const { report } of reports(spinning, deep, 0, [])) {
      expect(trapText(report as NonNullable<typeof report>)).toMatch(
        /a call has 5000 fuel; raise limits\.callFuel$/,
      );
    }
  });

  it("a missing import › is named, called directly, in a tail call or through a table", () => {
    const missing = (call: string) => `(module (type $t (func))
      (import "env" "first" (func)) (import "wasi_snapshot_preview1" "fd_write" (func))
      (table 1 funcref) (elem (i32.const 0) 1) (func ${call}))`;
    const calls = ["(call 1)", "(return_call 1)", "(call_indirect (type $t) (i32.const 0))"];
    for (const call of calls) {
      const program = programOf(missing(call), { unknownImports: "trap" });
      const index = program.functions.findIndex(({ module }) => module === 0);
      for (const { name, report } of reports(
        missing(call),
        { unknownImports: "trap" },
        index,
        [],
      )) {
        expect(report?.import, `${call} by ${name}`).toBe("wasi_snapshot_preview1.fd_write");
      }
    }
  });

  it("the next call › has not trapped; what is restored knows nothing", () => {
    const program = programOf("(module (func unreachable) (func))");
    const state = genesis(program);
    beginInvocation(state, 0, []);
    runExactly(state, 5);
    expect(trapReport(state)?.trap).toBe("unreachable");
    beginInvocation(state, 1, []);
    expect(trapReport(state)).toBeUndefined();
  });
});
