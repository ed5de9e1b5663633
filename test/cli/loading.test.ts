/**
 * What a command line reads before it answers: the modules of the command that is chosen, and of no other.
 *
 * Invariant: counts and names of modules alone, no times.
 */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { commandRows, commandsFor } from "../../src/cli/commands.ts";
import { examplePath, runCommandLine } from "./commandLine.ts";

const start = fileURLToPath(new URL("../../src/cli/start.js", import.meta.url));
const ending = "the modules that were read:";

/** URLs of all modules that a process of the command line reads. */
function modulesOf(...args: readonly string[]): string[] {
  const hooks = `
    import { registerHooks } from "node:module";
    const urls = [];
    registerHooks({ load: (url, context, next) => (urls.push(url), next(url, context)) });
    process.on("exit", () => process.stderr.write(${JSON.stringify(ending)} + JSON.stringify(urls)));`;
  const loader = `data:text/javascript,${encodeURIComponent(hooks)}`;
  const { stderr } = spawnSync(
    process.execPath,
    ["--stack-size=984", "--import", loader, start, ...args],
    { encoding: "utf8" },
  );
  return JSON.parse(stderr.slice(stderr.indexOf(ending) + ending.length));
}

/** Those of this package that lie in a folder of src/. */
const within = (urls: readonly string[], folder: string) =>
  urls.filter((url) => url.includes(`/src/${folder}/`));
const ofPackage = (urls: readonly string[], name: string) =>
  urls.filter((url) => url.includes(`/node_modules/${name}/`));

describe("what is read", () => {
  test.each([["--version"], ["--help"], ["--no-such-option"], ["runn"]])(
    "%s › neither a library of this package nor ethers",
    (word) => {
      const urls = modulesOf(word);
      expect(ofPackage(urls, "commander")).not.toEqual([]);
      const foreign = ["ethers", "cli-table3", "cli-progress", "gecko-profiler-demangle"];
      expect(foreign.filter((name) => ofPackage(urls, name).length > 0)).toEqual([]);
      const rooms = ["interpreter", "merkle", "debug", "history", "sdk", "node", "cli/session"];
      expect(rooms.filter((room) => within(urls, room).length > 0)).toEqual([]);
      expect(urls.length).toBeLessThan(40);
    },
    30_000,
  );

  test.each([
    ["run", [examplePath("sha256"), "--json"]],
    ["run", ["--help"]],
    ["invoke", [examplePath("sha256"), "gateway", "--json"]],
    ["inspect", [examplePath("sha256"), "--no-listing", "--json"]],
    ["state", [examplePath("sha256"), "--at", "7", "--json"]],
  ] as const)(
    "%s, %# › no chain, no cluster and no other command",
    (name, args) => {
      const urls = modulesOf(name, ...args);
      expect(within(urls, "interpreter")).not.toEqual([]);
      for (const room of ["history", "sdk", "game/chain", "node/cluster"]) {
        expect([room, within(urls, room)]).toEqual([room, []]);
      }
      for (const foreign of ["ethers", "cli-table3", "cli-progress"]) {
        expect([foreign, ofPackage(urls, foreign)]).toEqual([foreign, []]);
      }
      for (const builtin of ["node:crypto", "node:zlib"]) expect(urls).not.toContain(builtin);
      const files = urls.map((url) => /\/src\/cli\/(\w+)\.ts$/.exec(url)?.[1]);
      const commands = commandRows.map((row) => row.name);
      expect(files.filter((file) => commands.includes(file ?? ""))).toEqual([name]);
    },
    30_000,
  );
});

describe("commands", () => {
  test.each(commandRows.map(({ name }) => name))("%s › is what its row says", async (name) => {
    for (const words of [[name], ["help", name], ["--json", name]]) {
      const commands = await commandsFor(words);
      expect(commands.map((command) => command.name())).toEqual(commandRows.map((row) => row.name));
      const described = commands.filter((command) => command.description() !== "");
      expect(described.map((command) => command.name())).toEqual([name]);
    }
  });

  test("the name of a command as an argument of another › chooses nothing", async () => {
    const commands = await commandsFor(["invoke", "a.wasm", "gateway", "--json"]);
    const described = commands.filter((command) => command.description() !== "");
    expect(described.map((command) => command.name())).toEqual(["invoke"]);
  });

  test("help of a command › the same by `help` and by `--help`", async () => {
    const [byWord, byOption] = [
      await runCommandLine("help", "run"),
      await runCommandLine("run", "--help"),
    ];
    expect(byWord.stdout).toContain("--save <file>");
    expect(byWord).toEqual(byOption);
  });
});
