/**
 * An example on the host's own engine: the oracle of the tests and the yardstick of the benchmarks.
 *
 * Invariant: the imports are the closed host list of docs/machine.md §8, with `time_ms` fixed at 0, since the
 * host counts no fuel.
 */
import type { Example } from "./manifest.ts";
import { wasmOf } from "./manifest.ts";

export interface NativeRun {
  /** The gateway's i32 result, unsigned. */
  readonly result: number;
  readonly memory: Uint8Array;
  /** Address of the exported `output`. */
  readonly output: number;
}

export interface NativeExample {
  /** Calls the gateway on the instance; memory goes on from the last call. */
  call(input: Uint8Array): NativeRun;
}

/** Imports of module "arbiter" over an input that can be exchanged between calls. */
export function hostImports(
  memory: () => Uint8Array,
  input: () => Uint8Array,
): WebAssembly.Imports {
  return {
    arbiter: {
      input_size: () => input().length,
      input_read(destination: number, offset: number, length: number): void {
        const from = offset >>> 0;
        const to = from + (length >>> 0);
        if (to > input().length) throw new WebAssembly.RuntimeError("out of bounds input access");
        memory().set(input().subarray(from, to), destination >>> 0);
      },
      time_ms: () => 0n,
    },
  };
}

export async function nativeExample(example: Example): Promise<NativeExample> {
  let input: Uint8Array = new Uint8Array();
  let bytes: Uint8Array = new Uint8Array();
  const imports = hostImports(
    () => bytes,
    () => input,
  );
  const { instance } = await WebAssembly.instantiate(wasmOf(example), imports);
  const exports = instance.exports as {
    readonly memory: WebAssembly.Memory;
    readonly output: WebAssembly.Global<"i32">;
    readonly [name: string]: WebAssembly.ExportValue;
  };
  const gateway = exports[example.gateway] as () => number;
  return {
    call(next) {
      input = next;
      bytes = new Uint8Array(exports.memory.buffer);
      const result = gateway() >>> 0;
      return { result, memory: bytes, output: Number(exports.output.value) };
    },
  };
}
