/**
 * Which function a stub stands for: what its caller has written of its callee (hostLayout.ts).
 *
 * Invariant: a function of the word and of the state's tables.
 */
import type { MachineState } from "../state/machineState.ts";

/** The function that a caller's word names: its index, or one of a table's entries (hostLayout.ts). */
export function functionCalled(
  tables: MachineState["tables"],
  number: number,
  table: number,
): number {
  return table === 0 ? number >>> 0 : tables[table - 1].entries[number >>> 0] - 1;
}
