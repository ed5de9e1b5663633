/**
 * Contenders of `bench:real`, each playing one tape in a process of its own.
 *
 * Invariant: figures are those of `play.ts` and `wasmtime_once.py`; null in JSON is an infinite time.
 */
import { fileURLToPath } from "node:url";
import type { Played } from "./play.ts";
import { outputOf } from "./prepare.ts";

const script = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/** Plays a tape here or on V8; `options` as `play.ts` knows them. */
export function played(kind: string, folder: string, options: readonly string[] = []): Played {
  const output = outputOf(process.execPath, [script("play.ts"), kind, folder, ...options]);
  return JSON.parse(output, (_, value) => (value === null ? Number.POSITIVE_INFINITY : value));
}

/** Milliseconds of processor time of all threads, with fuel and canonical NaNs. */
export function playedOnWasmtime(python: string, folder: string): { readonly coldMs: number } {
  return JSON.parse(outputOf(python, [script("wasmtime_once.py"), folder]));
}
