/**
 * One step of a running machine over openings (docs/machine.md §5): the reference's `execute`, and only it.
 */
import { execute, isExecuted } from "../../interpreter/reference/step.ts";
import { WitnessError } from "../witnessError.ts";
import { OpenedAccess, type Outcome } from "./openedAccess.ts";
import type { OpeningSource } from "./openingSource.ts";

/** Executes the step of a running machine. */
export function executeOpened(source: OpeningSource): Outcome {
  const { op } = source.record;
  if (!isExecuted(op)) throw new WitnessError("unknown-instruction", String(op));
  const access = new OpenedAccess(source);
  return access.outcome(execute(access));
}
