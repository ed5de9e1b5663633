/**
 * Builds examples/wasm/*.wasm from source: C with clang and lld (Debian: `apt-get install clang lld`),
 * AssemblyScript with the npm package. The results are committed, because they are the inputs of every benchmark
 * and dispute: a newer compiler would silently change them, so `npm run build:examples` is run by hand.
 */
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL(".", import.meta.url));

/** Stack below the data, so that an overflow traps; memory is declared whole, as the policy `fixed` wants it. */
const cFlags = [
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
  "-Wl,-z,stack-size=65536",
  "-Wl,--export-if-defined=output",
];

/** Pages of 64 KiB that each program's data and stack fit into. */
const pages: Readonly<Record<string, number>> = {
  calls: 2,
  forth: 11,
  keccak: 3,
  kvstore: 98,
  lz: 56,
  mandelbrot: 2,
  matrix: 26,
  mixed: 2,
  nbody: 2,
  sha256: 2,
  sort: 66,
};

function run(command: string, args: readonly string[]): void {
  execFileSync(command, args, { cwd: root, env: environment, stdio: "inherit" });
}

/** Without wasm-opt on the path, which clang would run behind our back and which drops the names. */
const environment = {
  ...process.env,
  PATH: (process.env.PATH ?? "")
    .split(":")
    .filter((folder) => !folder.includes("node_modules"))
    .join(":"),
};

for (const file of readdirSync(new URL("c/", import.meta.url)).sort()) {
  if (!file.endsWith(".c")) continue;
  const name = file.slice(0, -2);
  const bytes = pages[name] * 65536;
  if (Number.isNaN(bytes)) throw new Error(`no memory size given for ${file}`);
  const memory = [`-Wl,--initial-memory=${bytes}`, `-Wl,--max-memory=${bytes}`];
  run("clang", [...cFlags, ...memory, "-o", `wasm/${name}.wasm`, `c/${file}`]);
}

run(process.execPath, [
  fileURLToPath(import.meta.resolve("assemblyscript/bin/asc.js")),
  "ledger/assembly/index.ts",
  "--outFile",
  "wasm/ledger.wasm",
  "--runtime",
  "stub",
  "--optimizeLevel",
  "3",
  "--initialMemory",
  "20",
  "--maximumMemory",
  "20",
  "--use",
  "abort=",
  "--debug",
]);

for (const file of readdirSync(new URL("wasm/", import.meta.url)).sort()) {
  const bytes = readFileSync(new URL(`wasm/${file}`, import.meta.url));
  console.log(`${file} ${bytes.length} bytes`);
}
