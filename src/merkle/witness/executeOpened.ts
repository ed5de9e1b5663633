/**
 * One step of a running machine over multiproofs (docs/machine.md §5): the reference's `execute`, and only it.
 */
import { execute, isExecuted } from "../../interpreter/reference/step.ts";
import { WitnessError } from "../witnessError.ts";
import type { MultiproofSource } from "./multiproofSource.ts";
import { OpenedAccess, type StepOutcome } from "./openedAccess.ts";

/** Executes the step of a running machine. */
export function executeOpened(source: MultiproofSource): StepOutcome {
  const { op } = source.instruction;
  if (!isExecuted(op)) throw new WitnessError("unknown-instruction", String(op));
  const access = new OpenedAccess(source);
  return access.outcome(execute(access));
}
