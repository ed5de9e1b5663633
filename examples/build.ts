/**
 * Builds examples/wasm/*.wasm and the tutorial's binaries from source: C with clang and lld, Rust with rustc and its
 * target wasm32-unknown-unknown (Debian: `apt-get install clang lld rustc libstd-rust-dev-wasm32`), AssemblyScript with
 * the npm package. The results are committed, because they are the inputs of every benchmark
 * and dispute: a newer compiler would silently change them, so `npm run build:examples` is run by hand.
 */
import { mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  bareC,
  bareRust,
  compile,
  compileByPackage,
  rustModule,
  stackOf,
} from "../scripts/compilers.ts";

const root = fileURLToPath(new URL(".", import.meta.url));

/** Memory is declared whole, as the policy `fixed` wants it. */
const cFlags = [...bareC, stackOf(65536), "-Wl,--export-if-defined=output"];

/** Pages of 64 KiB that each program's data and stack fit into. */
const pages: Readonly<Record<string, number>> = {
  blake3: 6,
  calls: 2,
  edges: 20,
  forth: 11,
  gemm: 14,
  json: 83,
  keccak: 3,
  kvstore: 98,
  lz: 56,
  mandelbrot: 2,
  matrix: 26,
  mixed: 2,
  nbody: 2,
  sha256: 2,
  sort: 66,
  sparse: 34,
};

/** Programs written with 128-bit vectors. */
const withVectors: ReadonlySet<string> = new Set(["blake3", "edges", "gemm", "json"]);

/** Programs for 64-bit addresses. */
const withWideAddresses: ReadonlySet<string> = new Set(["sparse"]);

const run = (command: string, args: readonly string[]): void => compile(root, command, args);

const declared = (bytes: number): string[] => [
  `-Wl,--initial-memory=${bytes}`,
  `-Wl,--max-memory=${bytes}`,
];

for (const file of readdirSync(new URL("c/", import.meta.url)).sort()) {
  if (!file.endsWith(".c")) continue;
  const name = file.slice(0, -2);
  const bytes = pages[name] * 65536;
  if (Number.isNaN(bytes)) throw new Error(`no memory size given for ${file}`);
  const options = withVectors.has(name) ? ["-msimd128"] : [];
  if (withWideAddresses.has(name)) options.push("--target=wasm64");
  const target = ["-o", `wasm/${name}.wasm`, `c/${file}`];
  run("clang", [...cFlags, ...options, ...declared(bytes), ...target]);
}

run("clang", [...cFlags, ...declared(131072), "-o", "tutorial/tally.c.wasm", "tutorial/tally.c"]);
run("rustc", [
  ...rustModule,
  "-Clink-arg=-zstack-size=65536",
  "-o",
  "tutorial/tally.rs.wasm",
  "tutorial/tally.rs",
]);

/** The tutorial's commands: memory grows as it likes. */
const words = "tutorial/words";
const wordFlags = ["--target=wasm32", "-O2", "-nostdlib", "-Wl,--no-entry", "-Wl,--stack-first"];
run("clang", [...wordFlags, "-o", `${words}.c.wasm`, `${words}.c`]);
const cppFlags = ["-mbulk-memory", "-fno-exceptions", "-fno-rtti"];
run("clang++", [...wordFlags, ...cppFlags, "-o", `${words}.cpp.wasm`, `${words}.cpp`]);
run("rustc", [...bareRust, "-Cstrip=debuginfo", "-o", `${words}.rs.wasm`, `${words}.rs`]);
compileByPackage(root, "assemblyscript/bin/asc.js", [
  "tutorial/assembly/words.ts",
  "--use",
  "abort=",
  "-O3",
  "-o",
  `${words}.as.wasm`,
]);

// Zig is not among Debian's packages: `pip install ziglang`.
const zig = ["build-exe", "tutorial/words.zig", "-target", "wasm32-freestanding", "-fno-entry"];
run("python3", [
  "-m",
  "ziglang",
  ...zig,
  "-rdynamic",
  "-OReleaseSmall",
  `-femit-bin=${words}.zig.wasm`,
]);

/** AssemblyScript without run-time library: no allocation, no abort function to import. */
function assemblyScript(source: string, target: string, pageCount: number): void {
  compileByPackage(root, "assemblyscript/bin/asc.js", [
    source,
    "--outFile",
    target,
    "--runtime",
    "stub",
    "--optimizeLevel",
    "3",
    "--initialMemory",
    String(pageCount),
    "--maximumMemory",
    String(pageCount),
    "--use",
    "abort=",
    "--debug",
  ]);
}

assemblyScript("ledger/assembly/index.ts", "wasm/ledger.wasm", 20);
assemblyScript("cluster/assembly/counters.ts", "cluster/counters.wasm", 1);
assemblyScript("tutorial/assembly/tally.ts", "tutorial/tally.as.wasm", 1);

/** The ledger on the SDK, in three languages (docs/sdk.md). */
const ledger = "sdk/ledger";
run("clang", [...cFlags, ...declared(2359296), "-o", `${ledger}.c.wasm`, `${ledger}.c`]);
assemblyScript("sdk/assembly/ledger.ts", `${ledger}.as.wasm`, 34);
const library = join(mkdtempSync(join(tmpdir(), "wasm-arbiter-examples-")), "libapplication.rlib");
const rustLibrary = [...bareRust, "--crate-type=rlib", "-Cstrip=debuginfo"];
run("rustc", [...rustLibrary, "-o", library, "../sdk/rust/src/lib.rs"]);
run("rustc", [
  ...rustModule,
  "-Cstrip=debuginfo",
  "-Clink-arg=-zstack-size=65536",
  "--extern",
  `application=${library}`,
  "-o",
  `${ledger}.rs.wasm`,
  `${ledger}.rs`,
]);

for (const file of readdirSync(new URL("wasm/", import.meta.url)).sort()) {
  const bytes = readFileSync(new URL(`wasm/${file}`, import.meta.url));
  console.log(`${file} ${bytes.length} bytes`);
}
