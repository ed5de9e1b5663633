/**
 * The start of the command line on an old Node: a plain line and exit code 2, before anything is parsed that it could
 * not; on this Node it runs commands.
 */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { transform } from "esbuild";
import { describe, expect, test } from "vitest";
import { commandRows } from "../../src/cli/commands.ts";
import { examplePath } from "./commandLine.ts";

const start = fileURLToPath(new URL("../../src/cli/start.js", import.meta.url));

/** Starts it with a process that says it is another version. */
function startAs(version: string, ...args: string[]) {
  const pretend = `Object.defineProperty(process, "versions", { value: { ...process.versions, node: "${version}" } })`;
  const loader = `data:text/javascript,${encodeURIComponent(pretend)}`;
  return spawnSync(process.execPath, ["--import", loader, start, ...args], { encoding: "utf8" });
}

describe("start", () => {
  test.each(["16.20.2", "20.20.2", "22.17.1"])("Node %s › is too old, exit 2", (version) => {
    const { status, stdout, stderr } = startAs(version, "--version");
    expect(stderr).toBe(
      `wasm-arbiter: Node ${version} is too old; install Node 22.18 or later (https://nodejs.org)\n`,
    );
    expect([status, stdout]).toEqual([2, ""]);
  });

  test.each(["22.18.0", "23.0.0", "30.1.0"])("Node %s › is new enough", (version) => {
    const { status, stdout } = startAs(version, "--version");
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect(status).toBe(0);
  });

  test("the stack › of what runs programs is deeper than V8's usual one, where the system has it; the choice of who starts it stays", () => {
    const tell = `process.stderr.write(process.execArgv.join(" ").replace(/--import \\S+ ?/, "") + ";")`;
    const loader = `data:text/javascript,${encodeURIComponent(tell)}`;
    const ran = (options: readonly string[], ...args: string[]) =>
      spawnSync(process.execPath, [...options, "--import", loader, start, ...args], {
        encoding: "utf8",
      }).stderr;
    const told = (...options: string[]) => ran(options, "run", examplePath("sha256"), "--json");
    const [, soft] =
      /^Max stack size +(\S+)/m.exec(readFileSync("/proc/self/limits", "utf8")) ?? [];
    const isDeep = soft === "unlimited" || Number(soft) >= 7800 * 1024;
    expect(told()).toBe(isDeep ? ";--stack-size=3900 ;" : ";");
    expect(told("--stack-size=900")).toBe("--stack-size=900 ;");
    expect(ran([], "--version")).toBe(";");
    expect(ran([], "run", "--help")).toBe(";");
    expect(ran([], "inspect", examplePath("sha256"), "--json")).toBe(";");
  });

  test("commands that begin once › are commands", () => {
    const [, list] = /const restful = \[(.*)\];/.exec(readFileSync(start, "utf8")) ?? [];
    const names = [...list.matchAll(/"([\w-]+)"/g)].map(([, name]) => name);
    const known = commandRows.map(({ name }) => name);
    expect(names).toContain("inspect");
    expect(names.filter((name) => name !== "help" && !known.includes(name))).toEqual([]);
  });

  test("its text › is of 2020, and imports nothing before the version is known", async () => {
    const text = readFileSync(start, "utf8");
    const [old, recent] = await Promise.all(
      ["es2020", "esnext"].map((target) => transform(text, { target, format: "esm" })),
    );
    expect(old.code).toBe(recent.code);
    expect(text).not.toMatch(/^import /m);
  });

  test("the version that is asked for › is the package's", () => {
    const manifest = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
    const needed = JSON.parse(manifest).engines.node.replace(">=", "");
    expect(readFileSync(start, "utf8")).toContain(`const needed = [${needed.replace(".", ", ")}]`);
  });
});
