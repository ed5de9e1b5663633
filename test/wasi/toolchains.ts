/** Compilers that make WASI programs of the tests' sources, and node:wasi, which runs them for comparison. */
import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { PackedFile } from "../../src/interpreter/wasi/image.ts";

const programs = fileURLToPath(new URL("programs/", import.meta.url));

/** What a program finds around it. */
export interface Surroundings {
  readonly args: readonly string[];
  readonly environment: readonly (readonly [string, string])[];
  readonly files: readonly PackedFile[];
  readonly input: Uint8Array;
}

/** Compiles a source of `programs/` by its ending; what stands in the way if it cannot. */
export function compileWasi(source: string, output: string): string | undefined {
  const path = join(programs, source);
  const compilers: Readonly<Record<string, readonly string[]>> = {
    c: ["clang", "--target=wasm32-wasi", "-O1", "-o", output, path],
    rs: [
      ...["rustc", "--edition=2021", "--target=wasm32-wasip1", "-Copt-level=2"],
      ...["-o", output, path],
    ],
    go: [
      ...["go", "build", ...(source.startsWith("reactor") ? ["-buildmode=c-shared"] : [])],
      ...["-ldflags=-s -w", "-o", output, path],
    ],
  };
  const [command, ...args] = compilers[source.slice(source.lastIndexOf(".") + 1)];
  const { status, stderr, error } = spawnSync(command, args, {
    cwd: dirname(output),
    encoding: "utf8",
    env: {
      ...process.env,
      GOOS: "wasip1",
      GOARCH: "wasm",
      GOFLAGS: "-mod=mod",
      GO111MODULE: "off",
    },
  });
  if (status === 0 && existsSync(output)) return undefined;
  return error?.message ?? stderr.trim().split("\n").slice(0, 3).join(" ");
}

/** Runs a program under node:wasi in a folder of its own; what it wrote, and its exit code. */
export function runUnderNode(binary: string, surroundings: Surroundings) {
  const folder = mkdtempSync(join(tmpdir(), "wasm-arbiter-wasi-"));
  try {
    const root = join(folder, "root");
    mkdirSync(root);
    for (const { path, bytes } of surroundings.files) {
      mkdirSync(join(root, dirname(path)), { recursive: true });
      writeFileSync(join(root, path), bytes);
    }
    copyFileSync(binary, join(folder, "program.wasm"));
    const options = {
      version: "preview1",
      args: surroundings.args,
      env: Object.fromEntries(surroundings.environment),
      preopens: { "/": root },
      returnOnExit: true,
    };
    const script = `import { WASI } from "node:wasi"; import { readFileSync } from "node:fs";
      const wasi = new WASI(${JSON.stringify(options)});
      const module = await WebAssembly.compile(readFileSync("program.wasm"));
      process.exitCode = wasi.start(await WebAssembly.instantiate(module, wasi.getImportObject()));`;
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ["--no-warnings", "--input-type=module", "-e", script],
      { cwd: folder, input: surroundings.input, encoding: "utf8", timeout: 120_000 },
    );
    return { exitCode: status, output: stdout, errors: stderr };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
