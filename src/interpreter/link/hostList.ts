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
]);

function hostFunction(
  mnemonic: HostMnemonic,
  params: FunctionType["params"],
  results: FunctionType["results"],
): External {
  return { kind: "host", mnemonic, type: { params, results } };
}
