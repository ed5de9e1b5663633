/**
 * The whole network in one command: fragments become final, a lazy validator is caught, three of four workers lie and are
 * convicted by whoever replays their block; with the object that scripts read, and the page that draws it.
 */
import { readFileSync } from "node:fs";
import { afterAll, expect, test } from "vitest";
import { runCommandLine, temporaryFolder } from "./commandLine.ts";

const folder = temporaryFolder();
afterAll(() => folder.end());

test("cluster --validators 3 --liars 3 --json › the story to the verdict, and its page", async () => {
  const path = folder.file("page.html");
  const { stdout, stderr, exitCode } = await runCommandLine(
    ...["cluster", "--json", "--transactions", "3"],
    ...["--validators", "3", "--liars", "3", "--page", path],
  );
  expect(exitCode, stderr).toBe(0);
  const story = JSON.parse(stdout);
  expect(Object.keys(story)).toEqual([
    "engine",
    "blocks",
    "transactions",
    "liars",
    "convicted",
    "client",
    "seconds",
    "final",
    "validations",
    "lazyConvicted",
  ]);
  expect(story.liars.length).toBe(3);
  expect([...story.convicted].sort()).toEqual(story.liars);
  expect(story.lazyConvicted).toBe(1);
  expect(story.final.length).toBeGreaterThanOrEqual(2);
  // Checkpoints are 6 heights apart, and become final in the order of the line.
  expect(story.final).toEqual(story.final.map((_: number, index: number) => 6 * (index + 1)));
  expect(story.validations).toBeGreaterThanOrEqual(2 * story.final.length);
  const page = readFileSync(path, "utf8");
  const count = (mark: string) => page.split(`</title>${mark}</text>`).length - 1;
  expect(page.match(/>heights \d+–\d+</g)?.length).toBeGreaterThanOrEqual(story.final.length);
  expect(count("★")).toBe(story.final.length);
  expect(count("●")).toBe(story.validations);
  // The lazy validator's confirmation, and the workers.
  expect(count("✕")).toBeGreaterThanOrEqual(1 + story.convicted.length);
  expect(page).not.toMatch(/<script|https?:/);
  expect(page.match(/: Convicted<\/title>✕/g)?.length).toBe(story.convicted.length);
  expect(page).toMatch(/prefers-color-scheme:dark/);
}, 300_000);
