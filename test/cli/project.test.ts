/**
 * The project file: every command reads it, the command line wins, what is not understood is refused with the nearest
 * right key; transcripts that record their program are replayed by it.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { keccak256 } from "ethers";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { projectKeys } from "../../src/cli/session/project.ts";
import { binaryOf } from "../merkle/program.ts";
import { runCommandLine, runJson, temporaryFolder } from "./commandLine.ts";

const folder = temporaryFolder();
const home = process.cwd();
const texts = {
  library: `(module (func (export "twice") (param i32) (result i32) (i32.add (local.get 0) (local.get 0))))`,
  app: `(module (import "library" "twice" (func $twice (param i32) (result i32))) (memory 1 3)
    (func (export "gateway") (result i32) (call $twice (i32.const 21)))
    (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
    (func (export "other") (result i32) (i32.const 7)))`,
  alone: `(module (func (export "gateway") (result i32) (i32.const 3)))`,
};

beforeAll(() => {
  for (const path of ["project", "project/build", "empty"])
    mkdirSync(folder.file(path), { recursive: true });
  for (const [name, text] of Object.entries(texts)) {
    writeFileSync(folder.file(`project/build/${name}.wasm`), binaryOf(text));
  }
});
afterEach(() => process.chdir(home));
afterAll(() => folder.end());

const modules = ["build/library.wasm", "build/app.wasm"];

/** Writes a file and steps into its folder. */
function project(content: unknown, name = "wasm-arbiter.json"): void {
  process.chdir(folder.file("project"));
  writeFileSync(name, JSON.stringify(content));
}

async function lineOf(...args: string[]): Promise<string> {
  const { stderr, stdout, exitCode } = await runCommandLine(...args);
  expect({ exitCode, stdout, lines: stderr.split("\n").length }, args.join(" ")).toEqual({
    exitCode: 2,
    stdout: "",
    lines: 2,
  });
  return stderr;
}

describe("every command", () => {
  test("takes modules and options from the file of the folder", async () => {
    project({ modules, options: { gateway: "other" }, limits: { callFuel: 400_077 } });
    const { value } = await runJson("inspect", "--no-listing");
    expect(value.modules.map((module: { name: string }) => module.name)).toEqual([
      "library",
      "app",
    ]);
    expect(value.limits.callFuel).toBe(400_077);
    for (const args of [
      ["run"],
      ["state", "--at", "1"],
      ["trace"],
      ["profile"],
      ["prove", "--at", "1", "--out", "witness.json"],
      ["diff", "--left", "0", "--right", "0"],
      ["record", "--out", "recording.json"],
      ["prove-memory", "--address", "0", "--length", "1"],
      ["invoke", "grow", "1"],
    ]) {
      const { exitCode, stderr } = await runCommandLine(...args);
      expect({ exitCode, stderr }, args[0]).toEqual({ exitCode: 0, stderr: "" });
    }
    expect((await runJson("run")).value.results).toEqual(["7"]);
    expect((await runJson("bisect", "recording.json", "recording.json")).value.equal).toBe(true);
  });

  test("the command line wins, option by option; modules as a whole", async () => {
    project({ modules, options: { gateway: "other", growth: "fixed" } });
    expect((await runJson("run", "--gateway", "gateway")).value.results).toEqual(["42"]);
    expect((await runJson("invoke", "grow", "1")).value.results).toEqual(["-1"]);
    expect((await runJson("invoke", "--growth", "declared", "grow", "1")).value.results).toEqual([
      "1",
    ]);
    const alone = await runJson("run", "build/alone.wasm", "--gateway", "gateway");
    expect(alone.value.results).toEqual(["3"]);
    const invoked = await runJson("invoke", "build/alone.wasm", "gateway", "--gateway", "gateway");
    expect(invoked.value.results).toEqual(["3"]);
  });

  test("--project names another file, whose paths are its own; --no-project none", async () => {
    project({ modules });
    project({ modules: ["build/alone.wasm"] }, "other.json");
    expect((await runJson("run", "--project", "other.json")).value.results).toEqual(["3"]);
    process.chdir(folder.file("empty"));
    expect((await runJson("run", "--project", "../project/other.json")).value.results).toEqual([
      "3",
    ]);
    expect(await lineOf("run")).toMatch(/no modules are named; .*wasm-arbiter init/);
    process.chdir(folder.file("project"));
    expect(await lineOf("run", "--no-project")).toMatch(/no modules are named/);
    expect(await lineOf("run", "--project", "missing.json")).toMatch(/no such file/);
  });

  test("modules whose names do not end in .wasm › are modules all the same", async () => {
    project({ modules: ["build/library", "app=build/app.bin"] });
    writeFileSync("build/library", readFileSync("build/library.wasm"));
    writeFileSync("build/app.bin", readFileSync("build/app.wasm"));
    expect((await runJson("run")).value.results).toEqual(["42"]);
    expect((await runJson("invoke", "grow", "1")).value.results).toEqual(["1"]);
    expect(await lineOf("invoke")).toMatch(
      /no function is named; choose one of gateway, grow, other/,
    );
  });

  test("the program root › is asked for, unless the command line makes another program", async () => {
    project({ modules });
    const root = (await runJson("inspect")).value.programRoot;
    project({ modules, programRoot: root });
    expect((await runJson("run")).value.programRoot).toBe(root);
    expect((await runJson("run", "--fuel", "99")).value.programRoot).not.toBe(root);
    project({ modules, options: { growth: "fixed" }, programRoot: root });
    expect(await lineOf("run")).toMatch(new RegExp(`make program 0x.*, not ${root}; name those`));
    project({ modules });
    expect(await lineOf("run", "--fuel", "99", "--program-root", root)).toContain(`not ${root}`);
    expect(await lineOf("run", "--program-root", "0x12")).toMatch(/expected a hash/);
  });
});

describe("what is not understood", () => {
  test("unknown keys › refused, with the nearest right one", async () => {
    const refused: readonly (readonly [content: unknown, line: RegExp])[] = [
      [{ modulse: [] }, /there is no modulse in a project file; did you mean modules\?/],
      [{ option: {} }, /did you mean options\?/],
      [{ options: { unknown_imports: "trap" } }, /did you mean options.unknownImports\?/],
      [{ options: { Growth: "fixed" } }, /no options.Growth .* did you mean options.growth\?/],
      [{ options: { frames: 3 } }, /no options.frames .*; it belongs into "limits"/],
      [{ gateway: "main" }, /no gateway .*; it belongs into "options"/],
      [{ limits: { zzzzzzzzzz: 3 } }, /choose from callFuel, stackSlots, frames/],
    ];
    for (const [content, line] of refused) {
      project(content);
      expect(await lineOf("run")).toMatch(line);
    }
  });

  test("values of another kind › refused by what their option takes", async () => {
    const refused: readonly (readonly [content: unknown, line: RegExp])[] = [
      [{ modules: "a.wasm" }, /expected modules to be a list of paths, got "a.wasm"/],
      [{ modules, options: { growth: "maybe" } }, /options.growth to be "declared" or "fixed"/],
      [{ modules, options: { gateway: 3 } }, /options.gateway to be a string, got 3/],
      [{ modules, limits: { frames: "3" } }, /limits.frames to be a whole number, got "3"/],
      [{ modules, limits: { frames: 1.5 } }, /limits.frames to be a whole number from 0 to/],
      [{ modules, limits: { frames: 1e9 } }, /frames/],
      [{ modules, programRoot: "0x12" }, /programRoot to be a hash/],
      [{ modules, limits: [] }, /limits to be an object, got \[\]/],
      [[], /holds no JSON object/],
    ];
    for (const [content, line] of refused) {
      project(content);
      expect(await lineOf("run")).toMatch(line);
    }
    process.chdir(folder.file("project"));
    writeFileSync("wasm-arbiter.json", "{");
    expect(await lineOf("run")).toMatch(/is no JSON/);
  });

  test("arguments that nothing takes › what was meant", async () => {
    process.chdir(folder.file("empty"));
    expect(await lineOf("verify", "w.json", "app.wasm")).toMatch(
      /verify takes <witness>, and got app.wasm besides; it needs no modules: leave app.wasm out/,
    );
    expect(await lineOf("verify-memory", "p.json", "0x12")).toMatch(
      /takes <proof>, and got 0x12 besides; if 0x12 belongs to an option/,
    );
  });
});

describe("init", () => {
  test("writes a file with which every command links the same program", async () => {
    process.chdir(folder.file("empty"));
    const { value } = await runJson(
      ...["init", "../project/build/library.wasm", "app=../project/build/app.wasm"],
      ...["--gateway", "other", "--memory-pages", "9", "--growth", "fixed"],
    );
    const written = JSON.parse(readFileSync("wasm-arbiter.json", "utf8"));
    expect(value).toEqual({ path: "wasm-arbiter.json", ...written });
    expect(written).toMatchObject({
      modules: ["../project/build/library.wasm", "app=../project/build/app.wasm"],
      options: { gateway: "other", growth: "fixed", level: "3.0" },
      limits: { memoryPages: 9 },
    });
    expect((await runJson("run")).value.programRoot).toBe(written.programRoot);
    // Again, with one option changed: the others stay, and what the chain is.
    writeFileSync("wasm-arbiter.json", JSON.stringify({ ...written, chain: { rpc: "http://x" } }));
    const again = await runJson("init", "--gateway", "gateway");
    expect(again.value.options.gateway).toBe("gateway");
    expect(again.value).toMatchObject({ limits: { memoryPages: 9 }, chain: { rpc: "http://x" } });
    expect(again.value.programRoot).not.toBe(written.programRoot);
    expect((await runJson("run")).value.results).toEqual(["42"]);
  });

  test("a file elsewhere › names its modules from there", async () => {
    process.chdir(folder.file("empty"));
    await runJson("init", "../project/build/alone.wasm", "--project", "../project/alone.json");
    const { modules: named } = JSON.parse(readFileSync("../project/alone.json", "utf8"));
    expect(named).toEqual(["build/alone.wasm"]);
  });
});

describe("docs/project-file.md", () => {
  test("lists every key, and no other", () => {
    const text = readFileSync(`${home}/docs/project-file.md`, "utf8");
    const listed = [...text.matchAll(/^\| `([\w.]+)` \|/gm)].map(([, key]) => key);
    const known = Object.entries(projectKeys).flatMap(([group, keys]) =>
      Object.keys(keys).map((key) => `${group}.${key}`),
    );
    expect(listed).toEqual(["modules", "programRoot", ...known]);
  });
});

describe("a transcript that records its program", () => {
  const hashOf = (name: string) =>
    keccak256(readFileSync(folder.file(`project/build/${name}.wasm`)));

  test("is replayed with the recorded names, order and options, and with no others", async () => {
    project({ modules, options: { gateway: "gateway" } });
    const played = await runJson(
      "dispute",
      "--fault",
      "flip-stack@2",
      "--out",
      "out",
      "--fuel",
      "1234",
    );
    expect(played.value.loser).toBe("faulty");
    const { program } = JSON.parse(readFileSync("out/transcript.json", "utf8"));
    expect(program.modules).toEqual([
      { name: "library", hash: hashOf("library") },
      { name: "app", hash: hashOf("app") },
    ]);
    expect(program.options).toMatchObject({ growth: "declared", gateway: "gateway" });
    expect(program.options.limits.callFuel).toBe(1234);
    const replay = ["replay", "out/transcript.json"];
    // Options of the project and of defaults give way to the transcript's; so do names and order.
    expect((await runJson(...replay)).value.verdictHolds).toBe(true);
    writeFileSync("x.wasm", readFileSync("build/library.wasm"));
    expect((await runJson(...replay, "build/app.wasm", "x.wasm")).value.verdictHolds).toBe(true);
    expect(
      (await runJson(...replay, "--module", "x.wasm", "--module", "build/app.wasm")).value
        .verdictHolds,
    ).toBe(true);
    expect(await lineOf(...replay, "build/app.wasm")).toMatch(
      new RegExp(`a module library with Keccak-256 ${hashOf("library")}, and no file of these`),
    );
    expect(await lineOf(...replay, ...modules, "build/alone.wasm")).toMatch(
      /alone \(Keccak-256 0x.*\) is no module of the disputed program; leave it out/,
    );
    expect(await lineOf(...replay, "--fuel", "99")).toMatch(
      /was linked with --fuel 1234, not 99; leave --fuel out/,
    );
    expect((await runJson(...replay, "--fuel", "1234")).value.verdictHolds).toBe(true);
    const named = JSON.parse(readFileSync("out/transcript.json", "utf8"));
    named.program.options.growth = "never";
    writeFileSync("forged.json", JSON.stringify(named));
    expect(await lineOf("replay", "forged.json")).toMatch(/program.options.growth to be fixed or/);
    named.program.options.growth = "fixed";
    writeFileSync("forged.json", JSON.stringify(named));
    expect(await lineOf("replay", "forged.json")).toMatch(/the transcript is about program 0x/);
    expect(await lineOf(...replay, "--no-project")).toMatch(
      /and no file of these bytes is named; name the file that the parties ran/,
    );
  }, 120_000);
});
