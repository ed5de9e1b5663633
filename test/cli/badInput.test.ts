/**
 * The table of bad inputs: each command line that cannot work ends in one line that says what to do, with exit code 2
 * (or 1 where a verification was asked for and failed), no stack trace, nothing on stdout, nothing written.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { examplePath, runCommandLine, temporaryFolder } from "./commandLine.ts";

const folder = temporaryFolder();
const sha256 = examplePath("sha256");
const ledger = examplePath("ledger");
const file = {
  truncated: folder.file("truncated.wasm"),
  empty: folder.file("empty.wasm"),
  text: folder.file("text.wat"),
  garbage: folder.file("garbage.wasm"),
  invalid: folder.file("invalid.wasm"),
  importing: folder.file("importing.wasm"),
  folder: folder.file("folder"),
  missing: folder.file("missing"),
  json: folder.file("other.json"),
  array: folder.file("array.json"),
  state: folder.file("sha256.state"),
  cutState: folder.file("cut.state"),
  badState: folder.file("bad.state"),
  witness: folder.file("witness.json"),
  proof: folder.file("proof.json"),
  badWitness: folder.file("badWitness.json"),
  laterWitness: folder.file("laterWitness.json"),
  recording: folder.file("recording.json"),
  otherRecording: folder.file("otherRecording.json"),
};

const notEthereum = createServer((_request, response) => response.end("<html>hello</html>"));

const bytes = (...values: number[]) =>
  Uint8Array.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, ...values]);

beforeAll(async () => {
  const wasm = readFileSync(sha256);
  writeFileSync(file.truncated, wasm.subarray(0, wasm.length / 2));
  writeFileSync(file.empty, "");
  writeFileSync(file.text, "(module)");
  writeFileSync(file.garbage, "not a module at all, but long enough to look at");
  // One function of type [] -> [i32] with an empty body.
  writeFileSync(file.invalid, bytes(1, 5, 1, 0x60, 0, 1, 0x7f, 3, 2, 1, 0, 10, 4, 1, 2, 0, 0x0b));
  // Imports function "a" "b".
  writeFileSync(file.importing, bytes(1, 4, 1, 0x60, 0, 0, 2, 7, 1, 1, 0x61, 1, 0x62, 0, 0));
  mkdirSync(file.folder);
  writeFileSync(file.json, '{"kind":"something else","version":1}');
  writeFileSync(file.array, "[1]");
  await runCommandLine("run", sha256, "--save", file.state);
  const state = readFileSync(file.state);
  writeFileSync(file.cutState, state.subarray(0, state.length - 3));
  state[200] ^= 1;
  writeFileSync(file.badState, state);
  await runCommandLine("prove", sha256, "--at", "10", "--out", file.witness);
  writeFileSync(file.badWitness, JSON.stringify({ ...readJson(file.witness), preState: 5 }));
  writeFileSync(file.laterWitness, JSON.stringify({ ...readJson(file.witness), version: 2 }));
  const range = ["--address", "0", "--length", "8"];
  await runCommandLine("prove-memory", sha256, ...range, "--out", file.proof);
  await runCommandLine("record", sha256, "--every", "50", "--out", file.recording);
  await runCommandLine("record", ledger, "--every", "50", "--out", file.otherRecording);
  await new Promise<void>((resolve) => notEthereum.listen(0, "127.0.0.1", resolve));
});

afterAll(() => {
  folder.end();
  notEthereum.close();
});

const readJson = (path: string) => JSON.parse(readFileSync(path, "utf8"));
const address = `0x${"12".repeat(20)}`;
const hash = `0x${"00".repeat(32)}`;

/** Command lines that all have the same thing wrong with their modules. */
const commandsWithModules = (module: string): string[][] => [
  ["inspect", module],
  ["invoke", module, "gateway"],
  ["run", module],
  ["state", module, "--at", "1"],
  ["prove", module, "--at", "1"],
  ["prove-memory", module, "--address", "0", "--length", "1"],
  ["trace", module],
  ["diff", module, "--left", "1", "--right", "2"],
  ["record", module, "--out", file.missing],
  ["profile", module],
  ["dispute", module, "--out", file.missing],
  ["serve", module, "--rpc", "http://127.0.0.1:1", "--arbiter", address],
];

/** What stands in the one line. */
const cases: readonly (readonly [string, () => string[], RegExp])[] = [
  ["no command", () => [], /Usage|required|command/],
  ["no WASI program to pack", () => ["pack", sha256], /imports nothing of wasi_snapshot_preview1/],
  ["a file that is not there to pack", () => ["pack", file.missing], /no such file/],
  ["a variable without value", () => ["pack", sha256, "--env", "NAME"], /NAME=VALUE/],
  ["a folder that is not there", () => ["pack", sha256, "--dir", file.missing], /cannot read/],
  ["a folder above the root", () => ["pack", sha256, "--dir", "../x"], /HOST::GUEST/],
  ["a seed too large", () => ["pack", sha256, "--seed", "1e30"], /2\^64/],
  ["unknown command", () => ["rum", sha256], /unknown command|too many arguments/],
  ["unknown option", () => ["run", sha256, "--gatway", "x"], /unknown option/],
  ["missing modules", () => ["run"], /no modules are named/],
  ["missing argument", () => ["verify"], /missing required argument/],
  ["missing option", () => ["state", sha256], /--at/],
  ["no number", () => ["state", sha256, "--at", "soon"], /whole number/],
  ["a fraction", () => ["state", sha256, "--at", "1.5"], /whole number/],
  ["a negative number", () => ["state", sha256, "--at=-1"], /whole number/],
  ["beyond 2^53", () => ["run", sha256, "--fuel", "1e17"], /whole number/],
  ["no such policy", () => ["run", sha256, "--growth", "maybe"], /Allowed choices/],
  ["no such executor", () => ["run", sha256, "--executor", "quick"], /Allowed choices/],
  ["no such level", () => ["run", sha256, "--level", "4.0"], /Allowed choices/],
  ["a limit too large", () => ["run", sha256, "--frames", "99999999"], /--frames .* to 1048576/],
  [
    "pages too many",
    () => ["run", sha256, "--memory-pages", "70000"],
    /--memory-pages .* from 0 to 65536/,
  ],
  ["missing input", () => ["run", sha256, "--input", file.missing], /no such file/],
  ["a folder as input", () => ["run", sha256, "--input", file.folder], /is a folder/],
  ["odd hex", () => ["run", sha256, "--input-hex", "abc"], /two digits a byte/],
  [
    "an input too long",
    () => ["run", sha256, "--input-hex", "00", "--input-bytes", "0"],
    /the input has 1 byte, the program takes at most 0; raise --input-bytes/,
  ],
  [
    "no such gateway",
    () => ["run", sha256, "--gateway", "main"],
    /named "main"; its exported functions without parameters are gateway /,
  ],
  ["gateway with parameters", () => ["run", ledger, "--gateway", "balanceOf"], /parameters/],
  ["a module without a file", () => ["run", "name="], /name= names no file; write NAME=FILE/],
  [
    "a project file that is none",
    () => ["run", "--project", file.text],
    /is no JSON; give a project file, as wasm-arbiter init/,
  ],
  ["a cluster without transactions", () => ["cluster", "--transactions", "0"], /give 1 or more/],
  ["the same name twice", () => ["run", sha256, sha256], /module name/],
  ["no such export", () => ["invoke", sha256, "main"], /choose one of gateway/],
  ["too few arguments", () => ["invoke", ledger, "balanceOf"], /takes 1 argument, got 0/],
  ["an argument of wrong type", () => ["invoke", ledger, "balanceOf", "1.5"], /whole number/],
  ["an argument too large", () => ["invoke", ledger, "balanceOf", "4294967296"], /32 bits/],
  ["no such function", () => ["inspect", sha256, "--function", "main"], /no function main/],
  ["beyond the end", () => ["state", sha256, "--at", "99999999"], /the run ends at step/],
  ["prove beyond the end", () => ["prove", sha256, "--at", "99999999"], /the run ends at step/],
  [
    "memory beyond its end",
    () => ["prove-memory", sha256, "--address", "131070", "--length", "9"],
    /within it/,
  ],
  [
    "no such memory",
    () => ["prove-memory", sha256, "--memory", "4", "--address", "0", "--length", "9"],
    /memory 4/,
  ],
  ["nothing to prove", () => ["prove-memory", sha256, "--address", "0", "--length", "0"], /1 to/],
  [
    "an unwritable place",
    () => ["prove", sha256, "--at", "1", "--out", `${file.missing}/x.json`],
    /cannot write/,
  ],
  [
    "a state of another program",
    () => ["run", ledger, "--from", file.state],
    /another program.*snapshot-program/,
  ],
  [
    "a state with other options",
    () => ["run", sha256, "--from", file.state, "--fuel", "5"],
    /another program/,
  ],
  ["a cut state", () => ["run", sha256, "--from", file.cutState], /snapshot-truncated/],
  ["a changed state", () => ["run", sha256, "--from", file.badState], /snapshot-corrupt/],
  ["no state at all", () => ["run", sha256, "--from", file.json], /snapshot-(format|truncated)/],
  ["a missing state", () => ["run", sha256, "--from", file.missing], /no such file/],
  [
    "a step before the state",
    () => ["state", sha256, "--from", file.state, "--at", "1"],
    /before the saved state/,
  ],
  ["a missing witness", () => ["verify", file.missing], /no such file/],
  ["no JSON", () => ["verify", file.text], /no JSON/],
  [
    "a witness of later days",
    () => ["verify", file.laterWitness],
    /step witness of version 2; write/,
  ],
  ["no object", () => ["verify", file.array], /no JSON object/],
  ["another kind of file", () => ["verify", file.proof], /no wasm-arbiter step witness/],
  ["a field of wrong type", () => ["verify", file.badWitness], /preState/],
  ["no hash", () => ["verify", file.witness, "--state", "0x12"], /64 hex digits/],
  [
    "--rpc without --judge",
    () => ["verify", file.witness, "--rpc", "http://127.0.0.1:1"],
    /go together/,
  ],
  [
    "an unreachable chain",
    () => ["verify", file.witness, "--rpc", "http://127.0.0.1:1", "--judge", address],
    /no chain answers/,
  ],
  [
    "no URL",
    () => ["verify", file.witness, "--rpc", "somewhere", "--judge", address],
    /no chain answers/,
  ],
  [
    "no address",
    () => ["verify", file.witness, "--rpc", "http://127.0.0.1:1", "--judge", "0x12"],
    /address/,
  ],
  [
    "no Ethereum node",
    () => ["verify", file.witness, "--rpc", serverUrl(), "--judge", address],
    /an HTTP server answers at .* but no Ethereum node \(status 200\)/,
  ],
  [
    "verify-memory of a witness",
    () => ["verify-memory", file.witness],
    /no wasm-arbiter memory proof/,
  ],
  ["trace backwards", () => ["trace", sha256, "--from-step", "9", "--to-step", "3"], /ascending/],
  [
    "a trace too long",
    () => ["trace", sha256, "--to-step", "2000000"],
    /at most 1,000,000 steps, asked for 2,000,000/,
  ],
  ["a sample of nothing", () => ["profile", sha256, "--sample", "0"], /1 or more/],
  [
    "an unknown picture",
    () => ["profile", sha256, "--flame-graph", folder.file("x.png")],
    /\.svg or \.html/,
  ],
  [
    "no steps between",
    () => ["record", sha256, "--every", "0", "--out", file.missing],
    /--every is 0; choose 1 or more/,
  ],
  [
    "an unknown fault",
    () => ["record", sha256, "--fault", "lie", "--out", file.missing],
    /flip-memory@N/,
  ],
  ["a dispute's unknown fault", () => ["dispute", "--fault", "lie"], /unknown fault lie; choose/],
  ["rounds of one part", () => ["dispute", "--k", "1"], /from 2 to 256/],
  ["a dispute on no chain", () => ["dispute", "--rpc", "http://127.0.0.1:1"], /no chain answers/],
  ["a dispute's missing input", () => ["dispute", "--input", file.missing], /no such file/],
  ["no transcript", () => ["replay", file.witness], /expected a transcript/],
  ["a missing transcript", () => ["replay", file.missing], /no such file/],
  [
    "a player on no chain",
    () => ["serve", ledger, "--rpc", "http://127.0.0.1:1", "--arbiter", address],
    /no chain answers/,
  ],
  [
    "a player without arbiter",
    () => ["serve", ledger, "--rpc", "http://127.0.0.1:1"],
    /no Arbiter is named; give --rpc and --arbiter/,
  ],
  ["no recording", () => ["bisect", file.recording, file.json], /no recorded run/],
  [
    "recordings of two programs",
    () => ["bisect", file.recording, file.otherRecording],
    /different programs/,
  ],
];

const serverUrl = () => `http://127.0.0.1:${(notEthereum.address() as AddressInfo).port}`;

/** A command that cannot work must say so in this form. */
async function expectRefusal(args: readonly string[], text: RegExp, exitCode = 2): Promise<void> {
  const run = await runCommandLine(...args);
  const label = args.join(" ");
  expect(run.stdout, label).toBe("");
  expect(run.stderr, label).toMatch(text);
  expect(run.stderr, label).not.toMatch(/\n\s+at /);
  expect(run.exitCode, label).toBe(exitCode);
  const lines = run.stderr.trim().split("\n");
  if (run.stderr.startsWith("wasm-arbiter:")) expect(lines.length, label).toBe(1);
  expect(existsSync(file.missing), label).toBe(false);
}

/** With --json the same is told as one object, too. */
async function expectJson(args: readonly string[], text: RegExp): Promise<void> {
  const { stdout, exitCode } = await runCommandLine(...args, "--json");
  const label = args.join(" ");
  expect(exitCode, label).toBe(2);
  const { error } = JSON.parse(stdout);
  expect(error.message, label).toMatch(text);
  expect(error.code, label).toMatch(/^[a-z][a-z0-9-]*$/);
}

describe("bad input", () => {
  for (const [name, args, text] of cases) {
    test(`${name} › one line, exit 2, one object with --json`, async () => {
      await expectRefusal(args(), text);
      const [command] = args();
      if (command !== undefined && command !== "serve" && command !== "rum") {
        await expectJson(args(), text);
      }
    });
  }

  const modules: readonly (readonly [string, string, RegExp])[] = [
    ["missing", file.missing, /no such file; check the path/],
    ["a folder", file.folder, /is a folder/],
    ["empty", file.empty, /is empty; give a \.wasm file/],
    ["text", file.text, /WebAssembly text; translate it/],
    ["garbage", file.garbage, /no WebAssembly binary: .*give a complete/],
    ["truncated", file.truncated, /no WebAssembly binary: .*\(byte \d+\)/],
    ["invalid", file.invalid, /not a valid module: .*compile it again/],
    [
      "in need of an import",
      file.importing,
      /do not link: .*nothing gives a: b .*unknown-import.*--unknown-imports trap/,
    ],
  ];
  for (const [name, path, text] of modules) {
    test(`a module that is ${name} › every command says so`, async () => {
      // inspect shows what is missing.
      const [, ...others] = commandsWithModules(path);
      const affected = path === file.importing ? others : commandsWithModules(path);
      for (const args of affected) {
        await expectRefusal(args, text);
      }
    });
  }

  test("evidence that does not hold › exit 1", async () => {
    await expectRefusal(["verify", file.witness, "--state", hash], /not proven/, 1);
    await expectRefusal(["verify", file.witness, "--program-root", hash], /not proven/, 1);
    await expectRefusal(["verify-memory", file.proof, "--state", hash], /not proven/, 1);
  });

  test("help › exit 0 for the program and every command", async () => {
    const { stdout, exitCode } = await runCommandLine("--help");
    expect(exitCode).toBe(0);
    const list = stdout.slice(stdout.indexOf("Commands:"));
    const commands = [...list.matchAll(/^ {2}([a-z-]+) {2}/gm)].map((match) => match[1]);
    for (const line of stdout.split("\n")) expect(line.length, line).toBeLessThanOrEqual(80);
    expect(commands.length).toBeGreaterThan(8);
    for (const command of commands) {
      expect((await runCommandLine(command, "--help")).exitCode, command).toBe(0);
    }
  });
});
