/**
 * Builds the import adapters from source (`npm run build:adapters`): C by clang and lld (Debian: `apt-get install clang
 * lld`), then wasm-merge of the npm package binaryen puts the compiled adapter and glue.wat together.
 *
 * Invariant: the same compilers make the same bytes; test/wasi/adapter.test.ts compares them where clang is of the version
 * that built what is committed. With `--check` nothing is written, and the exit code says whether it is the same.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bareC, compile, compileByPackage, stackOf } from "../scripts/compilers.ts";

const source = fileURLToPath(new URL("wasi/source/", import.meta.url));
const binary = fileURLToPath(new URL("wasi/wasi.wasm", import.meta.url));
const module = fileURLToPath(
  new URL("../src/interpreter/wasi/generated/adapter.ts", import.meta.url),
);

const cFlags = [...bareC, stackOf(32768)];
const features = [
  "--enable-multimemory",
  "--enable-bulk-memory",
  "--enable-sign-ext",
  "--enable-nontrapping-float-to-int",
];

function binaryen(tool: string, args: readonly string[]): void {
  compileByPackage(source, binaryenTool(tool), [...args, ...features, "-g"]);
}

/** The package exports no tool, so its place is found beside its entry. */
const binaryenTool = (tool: string): string =>
  new URL(`bin/${tool}`, import.meta.resolve("binaryen")).href;

function built(): Uint8Array {
  const folder = mkdtempSync(join(tmpdir(), "wasm-arbiter-adapters-"));
  try {
    const [core, merged, small] = ["core", "merged", "small"].map((name) =>
      join(folder, `${name}.wasm`),
    );
    const sources = readdirSync(source).filter((file) => file.endsWith(".c"));
    compile(source, "clang", [...cFlags, "-o", core, ...sources.sort()]);
    binaryen("wasm-merge", [core, "adapter", join(source, "glue.wat"), "glue", "-o", merged]);
    binaryen("wasm-opt", [merged, "-O2", "-o", small]);
    return readFileSync(small);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The binary as a module, so that a browser has it without asking for a file. */
function moduleText(bytes: Uint8Array): string {
  const text = Buffer.from(bytes).toString("base64");
  return `// Written by adapters/build.ts: adapters/wasi/wasi.wasm in base64.\nexport const adapterBase64 =\n  "${text}";\n`;
}

const bytes = built();
if (process.argv.includes("--check")) {
  const same = Buffer.compare(bytes, readFileSync(binary)) === 0;
  console.log(same ? "adapters/wasi/wasi.wasm is as built" : "adapters/wasi/wasi.wasm differs");
  process.exitCode = same ? 0 : 1;
} else {
  writeFileSync(binary, bytes);
  writeFileSync(module, moduleText(bytes));
  console.log(`adapters/wasi/wasi.wasm ${bytes.length} bytes`);
}
