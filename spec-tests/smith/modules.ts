/**
 * Modules of wasm-smith, an independent generator: made by the program beside this file (Cargo), or read from the sample
 * that is kept for machines without one.
 *
 * Invariant: a module is a function of its seed and of Cargo.lock; the sample is what `node spec-tests/smith/sample.ts` writes.
 */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";

const here = fileURLToPath(new URL(".", import.meta.url));
export const samplePath = `${here}sample.bin.gz`;
const headerBytes = 12;
const mostBytes = 2 ** 30;

export interface SmithModule {
  readonly seed: number;
  /** Calls and turns of loops after which each call of it traps; 0: it may run for ever. */
  readonly fuel: number;
  readonly bytes: Uint8Array;
}

/** From a stream of seed u32, fuel u32, length u32, bytes. */
export function readModules(stream: Uint8Array): SmithModule[] {
  const view = new DataView(stream.buffer, stream.byteOffset, stream.byteLength);
  const modules: SmithModule[] = [];
  for (let at = 0; at < stream.length; ) {
    const [seed, fuel, length] = [0, 4, 8].map((field) => view.getUint32(at + field, true));
    const start = at + headerBytes;
    // Of a Buffer `slice` would be a view.
    const bytes = Uint8Array.from(stream.subarray(start, start + length));
    modules.push({ seed, fuel, bytes });
    at = start + length;
  }
  return modules;
}

/** The stream that `readModules` reads. */
export function writeModules(modules: readonly SmithModule[]): Uint8Array {
  const parts = modules.flatMap(({ seed, fuel, bytes }) => {
    const header = Buffer.alloc(headerBytes);
    [seed, fuel, bytes.length].forEach((field, index) => {
      header.writeUInt32LE(field, 4 * index);
    });
    return [header, bytes];
  });
  return Buffer.concat(parts);
}

export function sampleModules(): SmithModule[] {
  return readModules(gunzipSync(readFileSync(samplePath)));
}

/** Whether Cargo is there; without it only the sample can be run. */
export function hasCargo(): boolean {
  return spawnSync("cargo", ["--version"]).status === 0;
}

/** The stream of the modules of `count` seeds; seeds of which wasm-smith makes nothing are left out. */
export function smithStream(firstSeed: number, count: number): Uint8Array {
  const run = ["run", "--quiet", "--release", "--locked", "--", String(firstSeed), String(count)];
  const { status, stdout, stderr } = spawnSync("cargo", run, { cwd: here, maxBuffer: mostBytes });
  if (status !== 0) throw new Error(`wasm-smith: ${stderr}`);
  return stdout;
}

export function smithModules(firstSeed: number, count: number): SmithModule[] {
  return readModules(smithStream(firstSeed, count));
}
