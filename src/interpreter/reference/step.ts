/**
 * One step of the machine: the definition (docs/machine.md §5).
 * Fuel, dispatch, and what every instruction does alike; semantics are in instructions/, one file a family.
 *
 * Invariant: every mnemonic that an instruction can hold has a handler, or this file does not compile.
 */
import type { Mnemonic } from "../isa/table.ts";
import { opOf } from "../isa/table.ts";
import { trapCodes } from "../isa/trapCodes.ts";
import type { MachineState } from "../state/machineState.ts";
import { statusCodes } from "../state/machineState.ts";
import type { Access } from "./access.ts";
import { FlatAccess } from "./flatAccess.ts";
import { atomicHandlers } from "./instructions/atomicInstructions.ts";
import { bulkHandlers, hostHandlers } from "./instructions/bulkInstructions.ts";
import { controlHandlers } from "./instructions/controlInstructions.ts";
import type { Handler } from "./instructions/handler.ts";
import { memoryHandlers } from "./instructions/memoryInstructions.ts";
import { numericHandlers } from "./instructions/numericInstructions.ts";
import { parametricHandlers } from "./instructions/parametricInstructions.ts";
import { tableHandlers } from "./instructions/tableInstructions.ts";
import { vectorHandlers } from "./instructions/vectorInstructions.ts";
import { vectorMemoryHandlers } from "./instructions/vectorMemoryInstructions.ts";

const handlers: Readonly<Record<Mnemonic, Handler>> = {
  ...controlHandlers,
  ...parametricHandlers,
  ...numericHandlers,
  ...memoryHandlers,
  ...bulkHandlers,
  ...tableHandlers,
  ...hostHandlers,
  ...vectorMemoryHandlers,
  ...vectorHandlers,
  ...atomicHandlers,
};

const byOp: Handler[] = [];
for (const [name, handler] of Object.entries(handlers)) {
  byOp[opOf(name as Mnemonic)] = handler;
}

/** Whether an instruction may hold the number. */
export function isExecuted(op: number): boolean {
  return byOp[op] !== undefined;
}

/** Executes the instruction at hand of a running machine; returns the code of the trap that it ends in, 0 if none. */
export function execute(m: Access): number {
  if (!m.affords(0)) return trapCodes.outOfFuel;
  return byOp[m.op](m);
}

/** One for all: a step is not re-entrant. */
const flat = new FlatAccess();

/** Executes one instruction. A halted state stays as it is. */
export function step(state: MachineState): void {
  stepOver(flat, state);
}

/** The same over an access of one's own, which sees what the step does. */
export function stepOver(access: FlatAccess, state: MachineState): void {
  if (state.status !== statusCodes.running) return;
  access.begin(state);
  access.end(execute(access));
}
