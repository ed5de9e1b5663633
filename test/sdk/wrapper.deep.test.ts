/** The wrapper's binary is what its source compiles to, where the compiler is that of the committed one. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const path = (name: string) => fileURLToPath(new URL(`../../${name}`, import.meta.url));
const builtBy = "rustc 1.95.0 (59807616e 2026-04-14)";
const said = (command: string, ...args: string[]) =>
  spawnSync(command, args, { encoding: "utf8" }).stdout?.trim() ?? "";

test("sdk/wrapper.wasm is what its source compiles to", () => {
  const target = said("rustc", "--print", "target-libdir", "--target", "wasm32-unknown-unknown");
  const fetched = spawnSync("cargo", ["fetch", "--locked"], { cwd: path("sdk/wrapper") });
  if (said("rustc", "--version") !== builtBy || !existsSync(target) || fetched.status !== 0) {
    console.error(
      `NOT RUN: sdk/wrapper.wasm: needs ${builtBy}, its target wasm32-unknown-unknown and cargo's crates`,
    );
    return;
  }
  const build = [path("sdk/build.ts"), "--check"];
  const { status, stdout } = spawnSync(process.execPath, build, { encoding: "utf8" });
  expect(stdout).toContain("is as built");
  expect(status).toBe(0);
});
