/**
 * The commands of a cluster: the whole story in one process, settings by file and environment, and one line for what is
 * wrong.
 */
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { runCommandLine, temporaryFolder } from "./commandLine.ts";

const folder = temporaryFolder();
afterAll(() => folder.end());
const counters = fileURLToPath(new URL("../../examples/cluster/counters.wasm", import.meta.url));

test("cluster --json › the story, with the liar convicted and every step held", async () => {
  const { stdout, exitCode } = await runCommandLine("cluster", "--json", "--transactions", "10");
  const story = JSON.parse(stdout);
  expect(Object.keys(story)).toEqual([
    "engine",
    "blocks",
    "transactions",
    "liars",
    "convicted",
    "client",
    "seconds",
  ]);
  expect(story.engine).toBe("embedded");
  expect(story.transactions).toBeGreaterThanOrEqual(10);
  expect(story.blocks).toBeGreaterThan(10);
  expect(story.liars.length).toBe(1);
  expect(story.convicted).toEqual(story.liars);
  expect(story.client.steps.length).toBe(13);
  for (const step of story.client.steps) {
    expect(Object.keys(step)).toEqual(["name", "ok"]);
    expect(step.ok).toBe(true);
  }
  expect(exitCode).toBe(0);
}, 120_000);

describe("what is wrong › is told in one line:", () => {
  const other = folder.file("other.json");
  writeFileSync(other, '{"chain_id":5}');
  const settings = (text: string) => {
    const path = folder.file(`settings${text.length}.toml`);
    writeFileSync(path, text);
    return path;
  };
  const cases: readonly (readonly [string, readonly string[], RegExp])[] = [
    ["a worker without program", ["worker", "--no-project"], /no modules are named/],
    ["a worker without genesis", ["worker", counters, "--no-project"], /no genesis is named/],
    [
      "another file as genesis",
      ["worker", counters, "--no-project", "--genesis", other],
      /is no genesis of CometBFT/,
    ],
    ["a gateway without genesis", ["gateway", counters, "--no-project"], /no genesis is named/],
    ["a storage node of no cluster", ["storage"], /no cluster is named/],
    ["a validator of no network", ["validator", counters, "--no-project"], /no network is named/],
    ["one validator", ["cluster", "--validators", "1"], /1 validators/],
    ["five liars", ["cluster", "--liars", "5"], /5 liars/],
    ["two liars", ["cluster", "--liars", "2"], /no block is decided/],
    ["three liars and no validator", ["cluster", "--liars", "3"], /only a validator convicts/],
    ["a page of nobody", ["cluster", "--page", "x.html"], /nobody validates/],
    [
      "a probe of one node",
      ["probe", "--height", "1", "--node", "http://127.0.0.1:9"],
      /several nodes/,
    ],
    [
      "a probe of no step",
      ["probe", "--height", "1", "--node", "http://127.0.0.1:9", "--node", "http://127.0.0.1:8"],
      /--step or --steps/,
    ],
    ["settings that are no TOML", ["storage", "--settings", settings("a = = 1")], /write TOML/],
    [
      "a setting that there is not",
      ["storage", "--settings", settings("colour = 1")],
      /no setting colour/,
    ],
    [
      "a setting of another kind",
      ["storage", "--settings", settings('http = "many"')],
      /http: expected/,
    ],
  ];
  test.each(cases)("%s", async (_, args, text) => {
    const { stdout, stderr, exitCode } = await runCommandLine(...args);
    expect(stdout).toBe("");
    expect(stderr.trim().split("\n").length).toBe(1);
    expect(stderr).toMatch(text);
    expect(exitCode).toBe(2);
  });
});

test("settings › from the file where neither flag nor environment says anything", async () => {
  const path = folder.file("storage.toml");
  writeFileSync(path, `cluster = "0x${"11".repeat(32)}"\nchain-id = 31337\ncontract = "0x12"\n`);
  // Everything is read; what stops it is the key, and then the address.
  const { stderr } = await runCommandLine("storage", "--settings", path);
  expect(stderr).toMatch(/no account to sign with/);
});
