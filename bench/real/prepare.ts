/**
 * What `bench:real` needs beside the repository: npm packages, recordings of what their JavaScript does with them, and
 * Python with wasmtime, all in one cache folder.
 *
 * Invariant: a recording is made anew when what records it or what is recorded has changed.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Length, type RealProgram, realPrograms } from "./programs.ts";

const wasmtimeVersion = "50.0.1";
const script = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const recorderFiles = ["programs.ts", "inputs.ts", "record.ts", "recordRun.ts", "tapeModules.ts"];

/** Output of a command; throws Error with what it wrote of its failure. */
export function outputOf(command: string, args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    encoding: "utf8",
    maxBuffer: 2 ** 26,
  });
  if (status === 0) return stdout;
  throw new Error(
    `${command} ${args.slice(0, 3).join(" ")} failed: ${error ?? stderr.slice(-2000)}`,
  );
}

function recorderHash(): string {
  const hash = createHash("sha256");
  for (const file of recorderFiles) hash.update(readFileSync(script(file)));
  return hash.digest("hex");
}

/** The folder with a program's recording; packages and recording are made if they are not there. */
export function preparedTape(cache: string, { name }: RealProgram, length: Length): string {
  const folder = join(cache, "tapes", length, name);
  const mark = join(folder, "recorder.sha256");
  const recorder = recorderHash();
  if (existsSync(mark) && readFileSync(mark, "utf8") === recorder) return folder;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(cache, { recursive: true });
  const packages = realPrograms.flatMap((program) => program.packages);
  const npm = ["install", "--prefix", cache, "--no-save", "--no-audit", "--no-fund"];
  outputOf("npm", [...npm, "--prefer-offline", "--ignore-scripts", ...packages]);
  outputOf(process.execPath, [script("record.ts"), name, length, cache, folder]);
  writeFileSync(mark, recorder);
  return folder;
}

/** Python with wasmtime; undefined where there is no Python. */
export function pythonWithWasmtime(cache: string): string | undefined {
  const environment = join(cache, "python");
  const python = join(environment, "bin", "python");
  try {
    if (!existsSync(python)) {
      outputOf("python3", ["-m", "venv", environment]);
      outputOf(python, ["-m", "pip", "install", "-q", `wasmtime==${wasmtimeVersion}`]);
    }
    return python;
  } catch (error) {
    process.stderr.write(`NOT RUN: wasmtime: ${error instanceof Error ? error.message : error}\n`);
    return undefined;
  }
}
