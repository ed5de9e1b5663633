/**
 * Runs a command line in this process and catches what it writes and its exit code: the ground of the CLI's tests.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { main } from "../../src/cli/main.ts";

export interface CommandRun {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export function runCommandLine(...args: readonly string[]): Promise<CommandRun> {
  return captured(() => main(args));
}

/** What `work` writes, and the exit code that it sets. */
export async function captured(work: () => void | Promise<void>): Promise<CommandRun> {
  const written = { stdout: "", stderr: "" };
  const before = { stdout: process.stdout.write, stderr: process.stderr.write };
  process.exitCode = undefined;
  for (const name of ["stdout", "stderr"] as const) {
    process[name].write = ((text: string) => {
      written[name] += text;
      return true;
    }) as typeof process.stdout.write;
  }
  try {
    await work();
    return { exitCode: Number(process.exitCode ?? 0), ...written };
  } finally {
    process.stdout.write = before.stdout;
    process.stderr.write = before.stderr;
    process.exitCode = undefined;
  }
}

/** The one JSON object that a command with --json writes to stdout, and nothing else there. */
export async function runJson(...args: readonly string[]) {
  const { stdout, stderr, exitCode } = await runCommandLine(...args, "--json");
  try {
    return { exitCode, stderr, value: JSON.parse(stdout) };
  } catch {
    throw new Error(`expected one JSON object on stdout, got ${stdout || "nothing"}${stderr}`);
  }
}

export function examplePath(name: string): string {
  return fileURLToPath(new URL(`../../examples/wasm/${name}.wasm`, import.meta.url));
}

/** A folder that is gone when `end` is called. */
export function temporaryFolder(): { readonly file: (name: string) => string; end(): void } {
  const folder = mkdtempSync(join(tmpdir(), "wasm-arbiter-"));
  return {
    file: (name) => join(folder, name),
    end: () => rmSync(folder, { recursive: true, force: true }),
  };
}
