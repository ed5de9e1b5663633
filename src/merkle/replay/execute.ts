/**
 * One step of a running machine over an access interface (docs/machine.md §5): fuel for the record, the
 * instruction, its trap, the counters. The same order as the judge's `execute`.
 */
import { instructions, type Mnemonic } from "../../interpreter/isa/table.ts";
import { statusCodes } from "../../interpreter/machine/state.ts";
import { haltedPc } from "../../interpreter/program.ts";
import type { Registers } from "../registers.ts";
import { WitnessError } from "../witnessError.ts";
import type { Access } from "./access.ts";
import { bulkHandlers } from "./bulk.ts";
import { controlHandlers } from "./control.ts";
import { conversionHandlers } from "./conversion.ts";
import { floatHandlers } from "./float.ts";
import type { Handler, HandlerName } from "./handlers.ts";
import { hostHandlers } from "./host.ts";
import { integerHandlers } from "./integer.ts";
import { MachineStep } from "./machineStep.ts";
import { memoryHandlers } from "./memory.ts";
import { parametricHandlers } from "./parametric.ts";
import { tableHandlers } from "./table.ts";

/** Every mnemonic that a record can hold has a handler, or this does not compile. */
const handlers: Readonly<Record<HandlerName<Mnemonic>, Handler>> = {
  ...controlHandlers,
  ...parametricHandlers,
  ...integerHandlers,
  ...floatHandlers,
  ...conversionHandlers,
  ...memoryHandlers,
  ...bulkHandlers,
  ...tableHandlers,
  ...hostHandlers,
};

const byCode = new Map<number, Handler>(
  instructions.flatMap((row) => {
    if (row.family === "structure") return [];
    return [[row.code, handlers[row.mnemonic.replace(".", "_") as HandlerName<Mnemonic>]] as const];
  }),
);

/** What a step did: its registers afterwards, and its openings, whose leaves hold the new contents. */
export type Outcome = Pick<MachineStep, "registers" | "opened" | "trap">;

/** Executes the step of a running machine. */
export function execute(access: Access): Outcome {
  const step = new MachineStep(access);
  const { registers, record } = step;
  const handler = byCode.get(record.op);
  if (handler === undefined) throw new WitnessError("unknown-instruction", String(record.op));
  const cost = BigInt(record.cost);
  if (registers.tf + cost > registers.fuelLimit) step.trapWith("outOfFuel");
  else handler(step);
  if (step.trap === "none") {
    registers.tf += cost + step.dirtyFuel;
    registers.pc = step.nextPc;
  } else {
    if (step.trap !== "outOfFuel") registers.tf += cost;
    stop(registers, step.trapCode);
  }
  registers.eic += 1n;
  return step;
}

/** Whether the machine has stopped before its gateway returned: then it has no frames left. */
export function stops({ status }: Registers): boolean {
  return status >= statusCodes.trapped;
}

/** A trap: the machine stops with an empty stack and no frames. */
function stop(registers: Registers, trapCode: number): void {
  registers.status = statusCodes.trapped;
  registers.trap = trapCode;
  registers.pc = haltedPc;
  registers.sp = 0;
  registers.fp = 0;
  registers.depth = 0;
}
