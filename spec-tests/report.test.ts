/** A harness is worth what it notices: wrong engines, stale exclusions, and suites that are not there. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, it, vi } from "vitest";
import type { ActionResult, EngineKind, ScriptEngine } from "./engine.ts";
import { step } from "./engines/step.ts";
import type { Exclusion } from "./exclusions.ts";
import { reportLevel, reportScript } from "./report.ts";
import { findSuite, requireSuite, scriptFiles } from "./suite.ts";

const folder = mkdtempSync(join(tmpdir(), "suite-"));
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => vi.unstubAllEnvs());

const script = `
(module (func (export "one") (result i32) (i32.const 1))
  (func (export "nan") (result f32) (f32.div (f32.const 0) (f32.const 0)))
  (func (export "stop") (unreachable)) (func $r (export "deep") (call $r)))
(assert_return (invoke "one") (i32.const 1))
(assert_return (invoke "nan") (f32.const nan:canonical))
(assert_trap (invoke "stop") "unreachable")
(assert_exhaustion (invoke "deep") "call stack exhausted")
(assert_invalid (module (func (result i32))) "type mismatch")
(assert_malformed (module binary "") "unexpected end")
(assert_malformed (module quote "(func") "never counted")
(assert_unlinkable (module (import "no" "where" (func))) "unknown import")
(assert_trap (module (func $f (unreachable)) (start $f)) "unreachable")
`;
const assertions = 8;

function suiteOf(text: string) {
  mkdirSync(join(folder, "1.0"), { recursive: true });
  const path = join(folder, "1.0", "script.wast");
  writeFileSync(path, text);
  return { level: "1.0", name: "script.wast", path } as const;
}

/** The block executor with one method replaced. */
function broken(change: (engine: ScriptEngine) => Partial<ScriptEngine>): EngineKind {
  return {
    name: "broken",
    strict: true,
    create: async (level) => {
      const engine = await step.create(level);
      const bound: ScriptEngine = {
        compile: (bytes) => engine.compile(bytes),
        instantiate: (module) => engine.instantiate(module),
        register: (name, instance) => engine.register(name, instance),
        invoke: (...args) => engine.invoke(...args),
        get: (...args) => engine.get(...args),
      };
      return { ...bound, ...change(bound) };
    },
  };
}

const linesOf = (failures: readonly string[]) =>
  failures.map((failure) => Number(/:(\d+)/.exec(failure)?.[1]));

describe("harness › notices", () => {
  it("nothing where nothing is wrong", async () => {
    const report = await reportScript(suiteOf(script), step);
    expect(report).toMatchObject({ passed: assertions, failed: 0, excluded: 0, failures: [] });
  });

  it.each<[string, (engine: ScriptEngine) => Partial<ScriptEngine>, number[]]>([
    [
      "results with a wrong bit",
      ({ invoke }) => ({
        invoke: (...args) => {
          const outcome = invoke(...args);
          if (!("values" in outcome)) return outcome;
          return { values: outcome.values.map(({ type, bits }) => ({ type, bits: bits ^ 1n })) };
        },
      }),
      [5, 6],
    ],
    [
      "results of a wrong type",
      ({ invoke }) => ({
        invoke: (...args) => {
          const outcome = invoke(...args);
          if (!("values" in outcome)) return outcome;
          return { values: outcome.values.map(({ bits }) => ({ type: "i64", bits })) };
        },
      }),
      [5, 6],
    ],
    [
      "traps for results",
      () => ({ invoke: (): ActionResult => ({ trap: "unreachable" }) }),
      [5, 6, 8],
    ],
    ["results for traps", () => ({ invoke: (): ActionResult => ({ values: [] }) }), [5, 6, 7, 8]],
    [
      "traps of another name",
      () => ({ invoke: (): ActionResult => ({ trap: "integer overflow" }) }),
      [5, 6, 7, 8],
    ],
    ["traps without a name", () => ({ invoke: (): ActionResult => ({ trap: "" }) }), [5, 6, 7, 8]],
    [
      "an engine that refuses everything as invalid",
      () => ({ compile: () => ({ refused: "invalid", message: "no" }) }),
      [2, 5, 6, 7, 8, 10, 12, 13],
    ],
    [
      "an engine that accepts everything",
      () => ({
        compile: () => ({ compiled: 0 }),
        instantiate: () => ({ instance: 0 }),
        invoke: (): ActionResult => ({ values: [{ type: "i32", bits: 1n }] }),
      }),
      [6, 7, 8, 9, 10, 12, 13],
    ],
    [
      "an engine that throws",
      () => ({
        invoke: () => {
          throw new Error("broken");
        },
      }),
      [5, 6, 7, 8],
    ],
  ])("%s", async (_, change, lines) => {
    const report = await reportScript(suiteOf(script), broken(change), []);
    expect(linesOf(report.failures)).toEqual(lines);
    const failed = lines.filter((line) => line > 2).length;
    expect(report.passed).toBe(assertions - failed);
  });
});

describe("harness › exclusions are exact", () => {
  const exclusion = (change: Partial<Exclusion>): Exclusion => ({
    level: "1.0",
    script: "script.wast",
    lines: [2],
    assertions: 1,
    reason: "a test",
    ...change,
  });
  const failing =
    '(module (func (export "f") (result i32) (i32.const 1)))\n(assert_return (invoke "f") (i32.const 2))';

  it("a failure that is listed is excluded", async () => {
    const report = await reportScript(suiteOf(failing), step, [exclusion({})]);
    expect(report).toMatchObject({ passed: 0, failed: 0, excluded: 1, failures: [] });
  });

  it.each<[string, string, Partial<Exclusion>, RegExp]>([
    ["a pass that is listed", failing.replace("2))", "1))"), {}, /passes although it is excluded/],
    ["a line without command", failing, { lines: [2, 9] }, /:9: excluded, but nothing fails there/],
    ["another number of assertions", failing, { assertions: 2 }, /1 excluded, expected 2/],
  ])("%s is a failure", async (_, text, change, message) => {
    const report = await reportScript(suiteOf(text), step, [exclusion(change)]);
    expect(report.failed).toBe(1);
    expect(report.failures).toEqual([expect.stringMatching(message)]);
  });
});

describe("harness › a suite that is not there", () => {
  const nowhere = [join(folder, "nowhere")];

  it("is an error in CI", () => {
    vi.stubEnv("WASM_TESTSUITE", "");
    vi.stubEnv("CI", "true");
    expect(() => requireSuite(nowhere)).toThrow(/not found/);
  });

  it("is said loudly elsewhere", () => {
    vi.stubEnv("WASM_TESTSUITE", "");
    vi.stubEnv("CI", "");
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    expect(requireSuite(nowhere)).toBeUndefined();
    expect(warn).toHaveBeenCalledWith(expect.stringContaining("NOT RUN"));
    warn.mockRestore();
  });

  it("is an error where it was named", () => {
    vi.stubEnv("WASM_TESTSUITE", nowhere[0]);
    expect(() => findSuite()).toThrow(/WASM_TESTSUITE/);
  });

  it("has no empty levels", () => {
    expect(() => scriptFiles(folder, "2.0")).toThrow(/expected scripts of level 2.0/);
  });

  it("has the pinned number of assertions", async () => {
    suiteOf(script);
    const report = await reportLevel(folder, "1.0", step);
    expect(report.failures).toEqual([expect.stringContaining("expected 18008 assertions")]);
  });
});
