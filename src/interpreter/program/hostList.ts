/**
 * The closed list of functions that the host gives (docs/machine.md §8).
 *
 * Invariant: each name has one type; what is not here no program can import but from its own modules.
 */
import type { FunctionType } from "../binary/module.ts";
import { valueTypes } from "../binary/module.ts";
import type { External, HostMnemonic } from "./externals.ts";

/** The module name of the closed host list. */
export const hostModule = "arbiter";

const { i32, i64 } = valueTypes;
export const hostFunctions: ReadonlyMap<string, External> = new Map([
  ["input_size", hostFunction("host.input_size", [], [i32])],
  ["input_read", hostFunction("host.input_read", [i32, i32, i32], [])],
  ["time_ms", hostFunction("host.time_ms", [], [i64])],
  ["output_write", hostFunction("host.output_write", [i32, i32], [])],
  ["exit", hostFunction("host.exit", [i32], [])],
]);

/** Fields of a host instruction; `memory` is memory 0 of the module, if it has one. */
export function hostFields(
  mnemonic: HostMnemonic,
  memory: number | undefined,
  outputBytes: number,
): { readonly a: number; readonly b: number; readonly c: number } {
  const isWrite = mnemonic === "host.output_write";
  if (!isWrite && mnemonic !== "host.input_read") return { a: 0, b: 0, c: 0 };
  return { a: memory ?? 0, b: memory === undefined ? 1 : 0, c: isWrite ? outputBytes : 0 };
}

function hostFunction(
  mnemonic: HostMnemonic,
  params: FunctionType["params"],
  results: FunctionType["results"],
): External {
  return { kind: "host", mnemonic, type: { params, results } };
}
