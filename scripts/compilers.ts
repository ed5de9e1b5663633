/**
 * How other people's compilers are called, for the adapters (adapters/build.ts) and the examples (examples/build.ts).
 *
 * Invariant: the same compilers make the same bytes, so nothing of the machine that builds may show: no wasm-opt that lies
 * on its path.
 */
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

/** C for a bare wasm32 machine, without warnings; the stack lies below the data, so that an overflow traps. */
export const bareC = [
  "--target=wasm32",
  "-O2",
  "-Wall",
  "-Wextra",
  "-Werror",
  "-ffreestanding",
  "-nostdlib",
  "-mbulk-memory",
  "-msign-ext",
  "-mnontrapping-fptoint",
  "-Wl,--no-entry",
  "-Wl,--stack-first",
] as const;

/** Rust for the same machine. */
export const bareRust = [
  "--edition=2021",
  "--target=wasm32-unknown-unknown",
  "-Copt-level=2",
  "-Cpanic=abort",
] as const;

/** A Rust module that exports what its source says. */
export const rustModule = ["--crate-type=cdylib", ...bareRust] as const;

/** Bytes of the stack, as a linker's flag. */
export const stackOf = (bytes: number): string => `-Wl,-z,stack-size=${bytes}`;

/** Without binaryen on the path, whose wasm-opt clang would run behind our back, and which drops the names. */
const environment = {
  ...process.env,
  PATH: (process.env.PATH ?? "")
    .split(":")
    .filter((folder) => !folder.includes("node_modules"))
    .join(":"),
};

/** Runs a compiler in a folder; what it says goes to the terminal, and its failure is an error. */
export function compile(folder: string, command: string, args: readonly string[]): void {
  execFileSync(command, args, { cwd: folder, env: environment, stdio: "inherit" });
}

/** Runs a tool of an npm package. */
export function compileByPackage(folder: string, path: string, args: readonly string[]): void {
  compile(folder, process.execPath, [fileURLToPath(import.meta.resolve(path)), ...args]);
}
