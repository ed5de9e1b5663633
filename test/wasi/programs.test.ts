/**
 * C with libc, Rust with std and Go under the WASI adapter: what they put out and their exit codes are those of node:wasi, on
 * every executor, and steps of them are judged on the embedded chain.
 */
import { readFileSync } from "node:fs";
import { afterAll, describe, expect, test } from "vitest";
import { judgeStep } from "../../src/cli/session/judge.ts";
import { call, instantiate, load, type Program, pack } from "../../src/index.ts";
import { prove, stateHash, verify } from "../../src/verbs.ts";
import { temporaryFolder } from "../cli/commandLine.ts";
import { compileWasi, runUnderNode, type Surroundings } from "./toolchains.ts";

const folder = temporaryFolder();
afterAll(() => folder.end());
const utf8 = (text: string) => new TextEncoder().encode(text);

const surroundings: Surroundings = {
  args: ["probe", "first", "second argument"],
  environment: [
    ["NAME", "a value"],
    ["OTHER", ""],
  ],
  files: [
    { path: "/data/text.txt", bytes: utf8("line one\nline two\nthe last line") },
    { path: "/data/inner/empty", bytes: utf8("") },
  ],
  input: utf8("hello\nworld\n"),
};

function packed(binary: string): Program {
  const { input: _, ...options } = surroundings;
  return load(pack(readFileSync(binary), options));
}

/** Lines that differ from node:wasi's, and why. */
const ours: Readonly<Record<string, { readonly line: string; readonly because: string }>> = {
  "prestat of stdin 28": { line: "prestat of stdin 8", because: "it was not opened before" },
  "name too short 42": { line: "name too short 37", because: "the name is too long for the room" },
  "seek stdin 76": { line: "seek stdin 70", because: "a stream has no place, whatever its rights" },
  "allocate nothing 0": { line: "allocate nothing 28", because: "POSIX: a length of 0 is invalid" },
  "readdir of a file 76": { line: "readdir of a file 54", because: "a file, whatever its rights" },
  "empty path 28": { line: "empty path 44", because: "POSIX: an empty path names nothing" },
  "not UTF-8 44": { line: "not UTF-8 25", because: "a path is UTF-8 (ilseq)" },
  "link to what is not UTF-8 0": {
    line: "link to what is not UTF-8 25",
    because: "so is a target",
  },
  "socket 58": { line: "socket 57", because: "the descriptor is no socket" },
  "outside 44": { line: "outside 63", because: "above the directory there is nothing to look for" },
};

const rows = [
  { name: "C with libc", source: "probe.c", tool: "wasi-libc" },
  { name: "C, what cannot be done", source: "errors.c", tool: "wasi-libc" },
  { name: "Rust with std", source: "probe.rs", tool: "rustup target add wasm32-wasip1" },
  { name: "Go", source: "probe.go", tool: "go" },
];

for (const { name, source, tool } of rows) {
  const binary = folder.file(`${source}.wasm`);
  const missing = compileWasi(source, binary);

  describe(name, () => {
    // CI installs wasi-libc; Debian's Go and Rust are too old for this target.
    test("its compiler is there in CI, if it is C's", () => {
      if (missing !== undefined) console.error(`NOT RUN: ${source} needs ${tool}: ${missing}`);
      const isWanted = process.env.CI === "true" && source.endsWith(".c");
      expect(missing === undefined || !isWanted, missing).toBe(true);
    });

    test.runIf(missing === undefined)("puts out what it does under node:wasi", () => {
      const node = runUnderNode(binary, surroundings);
      const expected = node.output.split("\n").map((line) => ours[line]?.line ?? line);
      const program = packed(binary);
      const outcome = call(instantiate(program), surroundings.input);
      expect(outcome.trapReport).toBe(undefined);
      expect(new TextDecoder().decode(outcome.output).split("\n")).toEqual(expected);
      expect(outcome.exitCode ?? 0, node.errors).toBe(node.exitCode);
      expect(outcome.output.length).toBeGreaterThan(100);
      // The same on the block executor, and from genesis again.
      const again = instantiate(program);
      again.begin(surroundings.input);
      again.run({ executor: "auto", steps: Math.floor(outcome.steps / 2) });
      again.run({ executor: "step", steps: 1000 });
      again.run({ executor: "auto" });
      expect([again.state.stepCounter, again.state.fuelCounter]).toEqual([
        outcome.steps,
        outcome.fuel,
      ]);
      expect(again.output).toEqual(outcome.output);
    });

    if (!source.startsWith("probe")) return;
    test.runIf(missing === undefined)("a step of it is judged", async () => {
      const program = packed(binary);
      const whole = instantiate(program);
      const { steps } = call(whole, surroundings.input);
      const machine = instantiate(program);
      machine.begin(surroundings.input);
      machine.run({ steps: Math.floor(steps * 0.6) });
      const before = stateHash(machine);
      const witness = prove(machine);
      machine.run({ steps: 1 });
      const after = stateHash(machine);
      expect(verify(before, witness)).toEqual(after);
      const { postState } = await judgeStep(undefined, before, witness);
      expect(postState).toEqual(after);
      // A liar's claim about the same step is another state.
      machine.run({ steps: 1 });
      expect(postState).not.toEqual(stateHash(machine));
    });
  });
}

describe("a reactor in Go", () => {
  const binary = folder.file("reactor.go.wasm");
  const missing = compileWasi("reactor.go", binary);
  if (missing !== undefined) console.error(`NOT RUN: reactor.go needs go: ${missing}`);

  test.runIf(missing === undefined)("keeps its memory and its files from call to call", () => {
    const machine = instantiate(load(pack(readFileSync(binary))));
    machine.run();
    const outputs = ["abc", "defgh"].map((text) => {
      const { results, output } = call(machine, utf8(text));
      return [results[0], new TextDecoder().decode(output)];
    });
    expect(outputs).toEqual([
      [3n, "3 bytes in all\n"],
      [8n, "before: 3; 8 bytes in all\n"],
    ]);
  });
});
