/**
 * A program on the host's engine under node:wasi, which is what the gallery's runs are held against: its output, and the
 * time of the later half of several runs of one compiled module.
 *
 * Invariant: standard input and output are files, as they would be in a pipe-line; each run has an instance of its own.
 */
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { PackedFile } from "../../src/index.ts";

export interface NativeRun {
  readonly output: Buffer;
  readonly exitCode: number;
  /** Processor time of a warm run, in milliseconds. */
  readonly ms: number;
}

const script = `
import { WASI } from "node:wasi";
import { closeSync, openSync, readFileSync } from "node:fs";
const { args, runs } = JSON.parse(process.argv[1]);
const module = await WebAssembly.compile(readFileSync("program.wasm"));
const times = [];
let [total, exitCode] = [0, 0];
while (times.length < runs || (runs > 1 && total < 1000)) {
  const [stdin, stdout] = [openSync("input", "r"), openSync("output", "w")];
  const wasi = new WASI({ version: "preview1", args, env: {}, preopens: { "/": "root" }, stdin, stdout, returnOnExit: true });
  const instance = await WebAssembly.instantiate(module, wasi.getImportObject());
  const before = process.threadCpuUsage();
  exitCode = wasi.start(instance);
  const { user, system } = process.threadCpuUsage(before);
  times.push((user + system) / 1000);
  total += times.at(-1);
  closeSync(stdin);
  closeSync(stdout);
}
const warm = times.slice(times.length >> 1);
const ms = warm.reduce((sum, time) => sum + time, 0) / warm.length;
console.log(JSON.stringify({ ms, exitCode }));
`;

/** @param args with the program's name first. */
export function runNatively(
  binary: string,
  input: Uint8Array,
  args: readonly string[],
  files: readonly PackedFile[],
  runs: number,
): NativeRun {
  const folder = mkdtempSync(join(tmpdir(), "wasm-arbiter-gallery-"));
  try {
    mkdirSync(join(folder, "root"));
    for (const { path, bytes } of files) {
      mkdirSync(join(folder, "root", dirname(path)), { recursive: true });
      writeFileSync(join(folder, "root", path), bytes);
    }
    copyFileSync(binary, join(folder, "program.wasm"));
    writeFileSync(join(folder, "input"), input);
    const flags = ["--no-warnings", "--input-type=module", "-e", script];
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [...flags, JSON.stringify({ args, runs })],
      {
        cwd: folder,
        encoding: "utf8",
      },
    );
    if (status !== 0) throw new Error(`node:wasi: ${stderr}`);
    const { ms, exitCode } = JSON.parse(stdout);
    return { output: readFileSync(join(folder, "output")), exitCode, ms };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
