/**
 * Source lines in commands: trace, state, trap reports, dispute, replay and the report, over DWARF of C and a source map of
 * AssemblyScript; sources are read only where the command line says, and broken data are a note.
 */
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runCommandLine, runJson, temporaryFolder } from "./commandLine.ts";

const folder = temporaryFolder();
afterAll(() => folder.end());

const programs = fileURLToPath(new URL("../debug/programs/", import.meta.url));
const inlined = `${programs}inlined.dwarf5.wasm`;
const call = ["--input-hex", "0102"];
const source = readFileSync(`${programs}inlined.c`, "utf8").split("\n");
const lineOf = (code: string) => source.findIndex((line) => line.includes(code)) + 1;

interface Step {
  readonly step: number;
  readonly instruction: string;
  readonly source: {
    readonly line: number;
    readonly function: string;
    readonly inlinedInto: readonly object[];
  };
}

describe("trace", () => {
  test("each step has its place, and the text shows every line that is entered", async () => {
    const { value } = await runJson("trace", inlined, ...call);
    const steps = value.steps as Step[];
    const multiplied = steps.find(({ instruction }) => instruction === "i32.mul");
    expect(multiplied?.source).toMatchObject({
      ...{ file: "/src/inlined.c", line: lineOf("return x * x"), function: "square" },
      inlinedInto: [
        { line: lineOf("sum += square"), function: "squares" },
        { line: lineOf("squares(1, size"), function: "gateway" },
      ],
    });
    const { stdout } = await runCommandLine("trace", inlined, ...call, "--sources", programs);
    expect(stdout).toMatch(/^ +\/src\/inlined\.c:\d+:\d+ square, inlined into .* return x \* x/m);
    // A line stands once, however many of its columns are passed.
    const headers = stdout.split("\n").filter((line) => /^ +\/src/.test(line));
    const places = headers.map((line) => line.replaceAll(/:(\d+):\d+/g, ":$1"));
    expect(places.some((place, i) => place === places[i - 1])).toBe(false);
  });

  test("without debugging data a step has no place", async () => {
    const { value } = await runJson(
      "trace",
      fileURLToPath(new URL("../../examples/wasm/sort.wasm", import.meta.url)),
    );
    expect(value.steps[0].source).toBe(null);
  });
});

describe("where sources are looked for", () => {
  const shown = async (...options: string[]) => {
    const { stdout, exitCode, stderr } = await runCommandLine(
      "state",
      inlined,
      ...call,
      "--at",
      "26",
      ...options,
    );
    expect(exitCode, stderr).toBe(0);
    return /^line +(.*)$/m.exec(stdout)?.[1];
  };
  const text = "return x * x ^ table[x & 15];";

  test("nowhere, unless it is said; a prefix is replaced, or the end of the path is found", async () => {
    expect(await shown()).toBe(undefined);
    expect(await shown("--sources", programs)).toBe(text);
    expect(await shown("--sources", `/src=${programs}`)).toBe(text);
    expect(await shown("--sources", `/elsewhere=${programs}`)).toBe(undefined);
    mkdirSync(folder.file("tree/src"), { recursive: true });
    copyFileSync(`${programs}inlined.c`, folder.file("tree/src/inlined.c"));
    expect(await shown("--sources", folder.file("tree"))).toBe(text);
  });

  test("a link that leads out of the folder is not followed", async () => {
    mkdirSync(folder.file("linked"));
    symlinkSync(`${programs}inlined.c`, folder.file("linked/inlined.c"));
    expect(await shown("--sources", folder.file("linked"))).toBe(undefined);
  });

  test("a folder that is none is refused", async () => {
    const { exitCode, stderr } = await runCommandLine(
      "state",
      inlined,
      "--at",
      "1",
      "--sources",
      "nowhere",
    );
    expect([exitCode, stderr]).toEqual([
      2,
      expect.stringMatching(/nowhere is no folder; give --sources/),
    ]);
  });
});

describe("AssemblyScript", () => {
  const module = folder.file("sum.wasm");
  const code = [
    "export function gateway(): i64 {",
    "  let sum: i64 = 0;",
    "  for (let i = 0; i < 5; i++) {",
    "    sum += i * i;",
    "  }",
    "  if (sum == 30) unreachable();",
    "  return sum;",
    "}",
  ];

  beforeAll(() => {
    writeFileSync(folder.file("sum.ts"), code.join("\n"));
    const compiler = fileURLToPath(
      new URL("../../node_modules/assemblyscript/bin/asc.js", import.meta.url),
    );
    const args = [
      "sum.ts",
      "-O1",
      "--runtime",
      "stub",
      "--use",
      "abort=",
      "--sourceMap",
      "-o",
      "sum.wasm",
    ];
    execFileSync(process.execPath, [compiler, ...args], { cwd: folder.file("") });
  }, 60_000);

  test("the map beside the module gives lines, and the text that it carries", async () => {
    const { value } = await runJson("trace", module);
    const steps = value.steps as Step[];
    const lines = steps.map((step) => step.source?.line);
    expect(new Set(lines.filter((line) => line !== undefined))).toEqual(new Set([2, 3, 4, 6]));
    const entered = lines.filter((line, i) => line === 4 && lines[i - 1] !== 4);
    expect(entered.length).toBeGreaterThanOrEqual(5);
    const { stdout } = await runCommandLine("trace", module);
    expect(stdout).toMatch(/sum\.ts:4:\d+ +sum \+= i \* i;/);
  });

  test("a trap names its line, in text and in JSON", async () => {
    const { stderr } = await runCommandLine("run", module);
    expect(stderr).toMatch(/unreachable in \S+ \(.*sum\.ts:6:\d+; sum, byte \d+\)/);
    const { value } = await runJson("run", module);
    expect(value.trapReport.source).toMatch(/sum\.ts:6:\d+$/);
  });

  test("a map that is not there, and one that is broken, are a note, told once", async () => {
    for (const [name, map, note] of [
      ["alone", undefined, /the map \.\/sum\.wasm\.map is not there/],
      ["broken", "{", /has a map that cannot be read/],
    ] as const) {
      mkdirSync(folder.file(name));
      copyFileSync(module, folder.file(`${name}/sum.wasm`));
      if (map !== undefined) writeFileSync(folder.file(`${name}/sum.wasm.map`), map);
      const run = await runCommandLine("trace", folder.file(`${name}/sum.wasm`));
      expect(run.exitCode).toBe(0);
      expect(run.stderr.match(/sourceMappingURL/g)).toHaveLength(1);
      expect(run.stderr).toMatch(note);
    }
  });
});

describe("profile", () => {
  test("counts source functions and lines, to the same sums", async () => {
    const totals = [];
    for (const unit of ["function", "source", "line"]) {
      const { value } = await runJson("profile", inlined, ...call, "--by", unit);
      totals.push([value.steps, value.fuel]);
      const rows = value.functions as { function: string; selfSteps: number; selfFuel: number }[];
      expect(rows.reduce((sum, row) => sum + row.selfSteps, 0)).toBe(value.steps);
      const names = rows.map((row) => row.function);
      expect(names.includes("square")).toBe(unit === "source");
      expect(names.includes(`square /src/inlined.c:${lineOf("return x * x")}`)).toBe(
        unit === "line",
      );
    }
    expect(new Set(totals.map(String)).size).toBe(1);
  });
});

describe("a dispute", () => {
  test("says the judged line; the report shows it among its neighbours, and so does a replay", async () => {
    const out = folder.file("dispute");
    const input = folder.file("input");
    writeFileSync(input, Uint8Array.of(1, 2));
    const sources = ["--sources", programs];
    const given = [inlined, "--input", input, ...sources];
    const { value } = await runJson("dispute", ...given, "--fault", "flip-stack@26", "--out", out);
    expect(value.source).toMatchObject({ file: "/src/inlined.c", function: "square" });
    const isThere = (page: string) => ({
      place:
        /<p class="strong">Source<\/p><p class="soft">\/src\/inlined\.c:\d+:\d+ square, inlined into/.test(
          page,
        ),
      judged: page.includes(
        `<div class="judged"> ${lineOf("return x * x")}    return x * x ^ table[x &amp; 15];</div>`,
      ),
      neighbour: page.includes("__attribute__((always_inline)) unsigned squares("),
    });
    const shows = (page: string) =>
      expect(isThere(page)).toEqual({ place: true, judged: true, neighbour: true });
    shows(readFileSync(value.report, "utf8"));
    const html = folder.file("replayed.html");
    const replayed = await runJson("replay", value.transcript, ...given, "--html", html);
    expect(replayed.value.source).toEqual(value.source);
    shows(readFileSync(html, "utf8"));
  });
});
