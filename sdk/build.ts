/**
 * Builds the wrapper from source (`npm run build:sdk`): Rust with its target wasm32-unknown-unknown (`rustup target add
 * wasm32-unknown-unknown`), then wasm-merge of the npm package binaryen puts the compiled wrapper and glue.wat together.
 *
 * Invariant: the same compilers make the same bytes, wherever they stand; test/sdk/wrapper.test.ts compares them where
 * rustc is of the version that built what is committed. With `--check` nothing is written, and the exit code says
 * whether it is the same.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const source = fileURLToPath(new URL("wrapper/", import.meta.url));
const binary = fileURLToPath(new URL("wrapper.wasm", import.meta.url));
const module = fileURLToPath(new URL("../src/sdk/generated/wrapper.ts", import.meta.url));

const target = "wasm32-unknown-unknown";
const features = [
  "--enable-multimemory",
  "--enable-bulk-memory",
  "--enable-sign-ext",
  "--enable-nontrapping-float-to-int",
  "--enable-mutable-globals",
];

function binaryen(tool: string, args: readonly string[]): void {
  const path = fileURLToPath(new URL(`bin/${tool}`, import.meta.resolve("binaryen")));
  execFileSync(process.execPath, [path, ...args, ...features, "-g"], { stdio: "inherit" });
}

/** Stack below the data, so that an overflow traps; no path of this machine in the names. */
function rustFlags(folder: string): string {
  const cargoHome = process.env.CARGO_HOME ?? join(homedir(), ".cargo");
  return [
    "-Clink-arg=--stack-first",
    "-Clink-arg=-zstack-size=65536",
    "-Clink-arg=--no-growable-memory",
    `--remap-path-prefix=${source}=wrapper/`,
    `--remap-path-prefix=${cargoHome}=cargo`,
    `--remap-path-prefix=${folder}=target`,
  ].join(" ");
}

function built(): Uint8Array {
  const folder = mkdtempSync(join(tmpdir(), "wasm-arbiter-sdk-"));
  try {
    execFileSync("cargo", ["build", "--quiet", "--release", "--locked", "--target", target], {
      cwd: source,
      env: { ...process.env, CARGO_TARGET_DIR: folder, RUSTFLAGS: rustFlags(folder) },
      stdio: "inherit",
    });
    const core = join(folder, target, "release/wrapper.wasm");
    const [merged, small] = ["merged", "small"].map((name) => join(folder, `${name}.wasm`));
    binaryen("wasm-merge", [core, "wrapper", join(source, "glue.wat"), "glue", "-o", merged]);
    binaryen("wasm-opt", [merged, "-O3", "-o", small]);
    return readFileSync(small);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Addresses that the binary declares, as data of the host's engine: its exported globals. */
async function addresses(bytes: Uint8Array<ArrayBuffer>): Promise<Record<string, number>> {
  const nothing = () => 0;
  const { instance } = await WebAssembly.instantiate(bytes, {
    application: {
      memory: new WebAssembly.Memory({ initial: 0 }),
      request_buffer: nothing,
      handle: () => 0n,
    },
    arbiter: { input_size: nothing, input_read: nothing },
  });
  const address = (name: string) => (instance.exports[name] as WebAssembly.Global<"i32">).value;
  return {
    counters: address("COUNTERS"),
    results: address("RESULTS"),
    resultBytes: address("RESULT_BYTES"),
    sessions: address("SESSIONS"),
  };
}

/** The binary as a module, so that a browser has it without asking for a file. */
async function moduleText(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const fields = Object.entries(await addresses(bytes)).map(([name, value]) => `${name}: ${value}`);
  const text = Buffer.from(bytes).toString("base64");
  return `// Written by sdk/build.ts: sdk/wrapper.wasm in base64, and the addresses that it exports.
export const wrapperAddresses = { ${fields.join(", ")} } as const;
export const wrapperBase64 =
  "${text}";
`;
}

const bytes = Uint8Array.from(built());
if (process.argv.includes("--check")) {
  const same = Buffer.compare(bytes, readFileSync(binary)) === 0;
  console.log(same ? "sdk/wrapper.wasm is as built" : "sdk/wrapper.wasm differs");
  process.exitCode = same ? 0 : 1;
} else {
  writeFileSync(binary, bytes);
  writeFileSync(module, await moduleText(bytes));
  console.log(`sdk/wrapper.wasm ${bytes.length} bytes`);
}
