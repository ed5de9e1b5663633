/** The adapter's binary: whole, of the right types, and what its source compiles to. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { WASI } from "node:wasi";
import { describe, expect, test } from "vitest";
import { importedFunctions } from "../../src/interpreter/binary/module.ts";
import { adapterBytes, decodeModule } from "../../src/interpreter/index.ts";
import { typeText } from "../../src/interpreter/inspect/disassemble.ts";

const path = (name: string) => fileURLToPath(new URL(`../../${name}`, import.meta.url));
const module = decodeModule(adapterBytes());
const builtBy = "Debian clang version 14.0.6";

describe("the adapter", () => {
  test("gives every function of preview 1 that node:wasi gives", () => {
    const imports = new WASI({ version: "preview1" }).getImportObject() as {
      readonly wasi_snapshot_preview1: object;
    };
    const names = Object.keys(imports.wasi_snapshot_preview1);
    expect(names.length).toBeGreaterThan(44);
    const own = module.exports.flatMap(({ kind, name }) => (kind === "function" ? [name] : []));
    expect(names.filter((name) => !own.includes(name))).toEqual([]);
  });

  test("types are the specification's", () => {
    const imported = importedFunctions(module);
    const types = Object.fromEntries(
      module.exports
        .filter(({ kind }) => kind === "function")
        .map(({ name, index }) => [
          name,
          typeText(module.types[module.functions[index - imported]]),
        ]),
    );
    const errno = (params: string) => `(param ${params}) (result i32)`;
    expect(types).toMatchObject({
      clock_time_get: errno("i32 i64 i32"),
      fd_seek: errno("i32 i64 i32 i32"),
      fd_pread: errno("i32 i32 i32 i64 i32"),
      fd_readdir: errno("i32 i32 i32 i64 i32"),
      path_open: errno("i32 i32 i32 i32 i32 i64 i64 i32 i32"),
      path_filestat_set_times: errno("i32 i32 i32 i32 i64 i64 i32"),
      path_rename: errno("i32 i32 i32 i32 i32 i32"),
      poll_oneoff: errno("i32 i32 i32 i32"),
      proc_exit: "(param i32)",
      sched_yield: "(result i32)",
    });
  });

  test("imports two memories and the host's functions, and nothing else", () => {
    const names = module.imports.map((item) => `${item.module}.${item.name}`);
    expect(names.slice(0, 2)).toEqual(["program.memory", "image.memory"]);
    const rest = names.slice(2).sort();
    const host = ["exit", "input_read", "input_size", "output_write", "time_ms"];
    expect(rest).toEqual(host.map((name) => `arbiter.${name}`));
  });

  test("the committed binary is the one that the library has", () => {
    expect(Buffer.compare(readFileSync(path("adapters/wasi/wasi.wasm")), adapterBytes())).toBe(0);
  });

  test("the source compiles to it", () => {
    const version = spawnSync("clang", ["--version"], { encoding: "utf8" }).stdout ?? "";
    if (!version.startsWith(builtBy)) {
      console.error(`NOT RUN: the adapter's build is compared by ${builtBy}: ${version || "none"}`);
      return;
    }
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [path("adapters/build.ts"), "--check"],
      { encoding: "utf8" },
    );
    expect(status, stdout + stderr).toBe(0);
  });
});
