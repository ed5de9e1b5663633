/** Chains of true calls for the games that are about several. */
import { MachineExecution } from "../../../src/game/trace/machineExecution.ts";
import { executionOf, type KnownCall } from "../programs.ts";

/** The same call so many times, each going on from the one before. */
export async function callsInARow(call: KnownCall, count: number): Promise<MachineExecution[]> {
  const executions = [executionOf(call)];
  while (executions.length < count) {
    const last = executions[executions.length - 1];
    const end = await last.stateAt(Number((await last.claim()).steps));
    executions.push(new MachineExecution(call.program, end.snapshot(), call.input));
  }
  return executions;
}
