/**
 * Names of errors, as callers see them who minify what they serve: a bundler renames classes, and `error.name` is to stay
 * what the documents call it.
 */

import { writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import { afterAll, expect, test } from "vitest";
import { temporaryFolder } from "./cli/commandLine.ts";

const root = new URL("../", import.meta.url).pathname;
const folder = temporaryFolder();
afterAll(() => folder.end());

const libraries = ["interpreter", "merkle", "debug", "game", "history", "sdk"];

test("every exported error, minified › has its name", async () => {
  const { outputFiles } = await build({
    stdin: {
      contents: libraries.map((name) => `export * from "./src/${name}/index.ts";`).join("\n"),
      resolveDir: root,
    },
    bundle: true,
    format: "esm",
    platform: "browser",
    minify: true,
    write: false,
    logLevel: "silent",
  });
  const bundle = folder.file("libraries.mjs");
  writeFileSync(bundle, outputFiles[0].contents);
  const exported: Record<string, unknown> = await import(pathToFileURL(bundle).href);
  const errors = Object.entries(exported).filter(
    (entry): entry is [string, new (...args: unknown[]) => Error] =>
      typeof entry[1] === "function" && entry[1].prototype instanceof Error,
  );
  expect(errors.length).toBeGreaterThan(12);
  for (const [name, Kind] of errors) expect(new Kind("code", 0, "text").name).toBe(name);
});
