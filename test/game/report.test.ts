/**
 * The report and `replay`: where the judged instruction stands and who had called, names and floats as people know them,
 * a legend, and nothing that a stranger's name can do to the page.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { SaxesParser } from "saxes";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isExplained } from "../../src/game/report/legend.ts";
import { visible } from "../../src/game/report/visibleText.ts";
import { stateDifference } from "../../src/game/transcript/stateDifference.ts";
import { Machine, restore, snapshot } from "../../src/interpreter/index.ts";
import { runCommandLine, runJson, temporaryFolder } from "../cli/commandLine.ts";
import { binaryOf, programOf } from "../merkle/program.ts";

const folder = temporaryFolder();
afterAll(() => folder.end());

const hostile = 'x\u001b[2J\u202e<img src=q>&"\n';
const quoted = (name: string) =>
  Array.from(
    new TextEncoder().encode(name),
    (byte) => `\\${byte.toString(16).padStart(2, "0")}`,
  ).join("");
const text = `(module (memory 1)
  (func $mean (export "_ZN5stats4meanEdd") (param f64 f64) (result f64) (local i32)
    (f64.store (i32.const 64) (local.get 0))
    (f64.div (f64.add (local.get 0) (local.get 1)) (f64.const 2)))
  (func $scale (export "${quoted(hostile)}") (param f64) (result f64)
    (f64.mul (call $mean (local.get 0) (f64.const 0.125)) (f64.const 3)))
  (func (export "gateway") (result f64) (local f64 i32)
    (local.set 0 (f64.const 1.5))
    (loop (local.set 0 (call $scale (local.get 0)))
      (br_if 0 (i32.lt_s (local.tee 1 (i32.add (local.get 1) (i32.const 1))) (i32.const 9))))
    (local.get 0)))`;
const module = folder.file("stats.wasm");
const out = folder.file("out");
const transcript = `${out}/transcript.json`;
let page: string;
/** The step of a division, so that the flip after it hits its result. */
let division: { readonly step: number; readonly effects: readonly string[] };

beforeAll(async () => {
  writeFileSync(module, binaryOf(text));
  const { steps } = (await runJson("trace", module)).value;
  [, division] = steps.filter((step: { instruction: string }) => step.instruction === "f64.div");
  const played = await runJson(
    "dispute",
    module,
    "--fault",
    `flip-stack@${division.step + 1}`,
    "--out",
    out,
  );
  expect(played.value).toMatchObject({ loser: "faulty", judgedStep: division.step });
  page = readFileSync(`${out}/report.html`, "utf8");
}, 60_000);

describe("the judged step", () => {
  test("in JSON › types, values, locals and callers, names as the module has them", async () => {
    const { judged } = (await runJson("replay", transcript, module)).value;
    const quotient = BigInt(division.effects[0].replace("pushes ", ""));
    const asFloat = new Float64Array(BigUint64Array.of(quotient).buffer)[0];
    expect(judged).toMatchObject({ text: "f64.div", function: "_ZN5stats4meanEdd", depth: 2 });
    expect(judged.operandValues[1]).toEqual({
      type: "f64",
      value: "2",
      bits: "0x4000000000000000",
    });
    expect(judged.resultValues).toEqual([
      { type: "f64", value: String(asFloat), bits: `0x${quotient.toString(16)}` },
    ]);
    expect(judged.localValues.map(({ type }: { type: string }) => type)).toEqual([
      "f64",
      "f64",
      "i32",
    ]);
    expect(judged.localValues[1].value).toBe("0.125");
    expect(judged.calledBy.map((place: { function: string }) => place.function)).toEqual([
      hostile,
      "gateway",
    ]);
  });

  test("in text › demangled, escaped, with floats", async () => {
    const { stdout } = await runCommandLine("replay", transcript, module);
    expect(stdout).toMatch(/^instruction +f64\.div in stats::mean\(double, double\), pc \d+$/m);
    expect(stdout).toMatch(/^operands +[\d.]+ : f64 \(0x\w+\), 2 : f64 \(0x4000000000000000\)$/m);
    expect(stdout).toMatch(/^results +[\d.]+ : f64 \(0x\w+\)$/m);
    expect(stdout).toContain(`called by        ${visible(hostile)}, pc`);
    expect(stdout).toMatch(/^called by +gateway, pc \d+$/m);
  });

  test("in the report › demangled, escaped, with floats and the call stack", async () => {
    expect(page).toContain("stats::mean(double, double)</span> of module stats");
    expect(page).not.toContain("_ZN5stats");
    const stack = page.slice(page.indexOf('<ol class="stack">'), page.indexOf("</ol>"));
    expect(stack.match(/<li>/g)?.length).toBe(3);
    expect(stack).toMatch(
      /stats::mean.*x\\u\{1b\}\[2J\\u\{202e\}&lt;img src=q&gt;&amp;&quot;\\n.*gateway/s,
    );
    expect(page).toMatch(/Operands: [\d.]+ : f64 \(0x\w+\), 2 : f64/);
    // The true and the claimed result differ in one bit: as bits and as numbers.
    expect(page).toMatch(
      /<td>stack slot \d+<\/td><td><code>0x\w+<\/code> <span class="soft">[\d.]+ : f64/,
    );
    expect(page).toMatch(/<dt>pc<\/dt>.*<dt>fuelCounter<\/dt><dd>fuel used since the era began/s);
  });
});

describe("the page", () => {
  test("is well-formed and holds no character that hides or reorders", () => {
    expect(page.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    expect(page).not.toMatch(/<img|<script/);
    const body = page.slice(page.indexOf("<body>"), page.indexOf("</body>") + 7);
    const parser = new SaxesParser();
    parser.on("error", (error) => {
      throw error;
    });
    parser.write(body).close();
  });
});

describe("the legend", () => {
  test("every place of a difference › is explained", () => {
    const program = programOf(
      `(module (import "arbiter" "input_size" (func $size (result i32)))
        (import "arbiter" "output_write" (func $write (param i32 i32))) (global (mut i64) (i64.const 0))
        (memory 1 9) (table 2 9 funcref) (elem $e func $f) (func $f)
        (func (export "gateway") (param) (result i32)
          (drop (memory.grow (i32.const 1))) (i32.store (i32.const 70000) (call $size))
          (global.set 0 (i64.const 5)) (table.set (i32.const 1) (ref.func $f))
          (drop (table.grow (ref.func $f) (i32.const 1))) (elem.drop $e)
          (call $write (i32.const 0) (i32.const 5)) (call $f) (unreachable)))`,
      { gateway: "gateway" },
    );
    const machine = new Machine(program);
    machine.begin(Uint8Array.of(1, 2, 3));
    const places = new Set<string>();
    const before = restore(program, snapshot(machine.state));
    before.input = Uint8Array.of(9, 9);
    while (machine.isRunning) {
      for (const { where } of stateDifference(before, machine.state, 1000)) places.add(where);
      machine.step();
    }
    for (const { where } of stateDifference(before, machine.state, 1000)) places.add(where);
    expect(places.size).toBeGreaterThan(15);
    expect([...places]).toContain("outputLength");
    expect([...places].filter((place) => !isExplained(place))).toEqual([]);
  });
});
