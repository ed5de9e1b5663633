/**
 * What commands write: never over what they read, never twice, told before any work if it cannot be, and through links
 * and pipes as everything else writes.
 */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { examplePath, runCommandLine, temporaryFolder } from "./commandLine.ts";

const folder = temporaryFolder();
const module = folder.file("program.wasm");
const input = folder.file("input");
const state = folder.file("program.state");
const project = folder.file("wasm-arbiter.json");
const transcript = folder.file("transcript.json");

beforeAll(async () => {
  copyFileSync(examplePath("sha256"), module);
  writeFileSync(input, "abc");
  await runCommandLine("run", module, "--save", state);
  writeFileSync(project, JSON.stringify({ modules: ["program.wasm"] }));
  writeFileSync(transcript, "{}");
});
afterAll(() => folder.end());

/** One line, exit code 2, and every file as it was. */
async function expectRefused(args: readonly string[], text: RegExp): Promise<void> {
  const before = contents();
  const { stdout, stderr, exitCode } = await runCommandLine(...args);
  const label = args.join(" ");
  expect(stderr, label).toMatch(text);
  expect([stdout, exitCode, stderr.trim().split("\n").length], label).toEqual(["", 2, 1]);
  expect(contents(), label).toEqual(before);
}

function contents(): (readonly [string, string])[] {
  return readdirSync(folder.file("."), { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => [name, readFileSync(folder.file(name), "base64")]);
}

describe("an output that the command reads", () => {
  const cases: readonly (readonly [string, () => string[]])[] = [
    ["the module", () => ["record", module, "--out", module]],
    ["a module with a name", () => ["record", `x=${module}`, "--out", module]],
    ["the input", () => ["run", module, "--input", input, "--output", input]],
    ["the state, by another output", () => ["run", module, "--from", state, "--output", state]],
    ["the project file", () => ["prove", "--project", project, "--at", "1", "--out", project]],
    ["a module of the project", () => ["profile", "--project", project, "--folded", module]],
    ["the transcript", () => ["replay", transcript, module, "--html", transcript]],
    [
      "the same by another path",
      () => ["state", module, "--at", "1", "--save", `${folder.file("x")}/../program.wasm`],
    ],
  ];
  for (const [name, args] of cases) {
    test(`${name} › refused, and whole`, async () => {
      mkdirSync(folder.file("x"), { recursive: true });
      await expectRefused(args(), /would be written over; name another file/);
    });
  }

  test("a state that the next one follows › is replaced", async () => {
    const steps = async () =>
      (await runCommandLine("run", module, "--from", state, "--input", input, "--save", state))
        .stdout;
    const [first, second] = [await steps(), await steps()];
    expect(first).toMatch(/^status +returned/m);
    expect(second).not.toBe(first);
  });
});

describe("an output", () => {
  test("for two options › refused", async () => {
    const out = folder.file("both");
    const args = ["run", module, "--save", out, "--output", out];
    await expectRefused(args, /would be written twice; name a file for each/);
  });

  test("that cannot be written › is told before anything is run", async () => {
    const absent = folder.file("absent");
    const late = ["run", module, "--from", absent];
    await expectRefused([...late, "--save", `${absent}/x`], /cannot write .*absent.x; no such/);
    await expectRefused([...late, "--output", folder.file(".")], /it is a folder; name a file/);
    await expectRefused([...late, "--output", `${input}/x`], /cannot write .*input.x; /);
    await expectRefused([...late, "--output", "-"], /- names no file to write/);
  });

  test("at a link › goes where it leads, and the link stays", async () => {
    const [link, dangling] = [folder.file("link"), folder.file("dangling")];
    writeFileSync(folder.file("place"), "old");
    chmodSync(folder.file("place"), 0o600);
    symlinkSync("place", link);
    symlinkSync("elsewhere", dangling);
    for (const [path, place] of [
      [link, "place"],
      [dangling, "elsewhere"],
    ]) {
      const run = await runCommandLine("prove", module, "--at", "1", "--out", path);
      expect(run.exitCode, run.stderr).toBe(0);
      expect(lstatSync(path).isSymbolicLink()).toBe(true);
      expect(readFileSync(folder.file(place), "utf8")).toContain("step witness");
    }
    expect(statSync(folder.file("place")).mode & 0o777).toBe(0o600);
  });

  test("at a pipe › is read from it, and the pipe stays", async () => {
    const pipe = folder.file("pipe");
    execFileSync("mkfifo", [pipe]);
    const reader = spawn("cat", [pipe], { stdio: ["ignore", "pipe", "ignore"] });
    const read: Buffer[] = [];
    reader.stdout.on("data", (part: Buffer) => read.push(part));
    await runCommandLine("prove", module, "--at", "1", "--out", pipe);
    await once(reader, "close");
    expect(Buffer.concat(read).toString()).toContain("step witness");
    expect(lstatSync(pipe).isFIFO()).toBe(true);
  });

  test("no draft is left", () => {
    expect(readdirSync(folder.file(".")).filter((name) => name.endsWith(".tmp"))).toEqual([]);
    expect(existsSync(folder.file("absent"))).toBe(false);
  });
});
