/**
 * Host instructions, a closed list (docs/machine.md §8): twin of the judge's host family.
 */
import { leafBytes } from "../../interpreter/program.ts";
import { finishPiece, forwardPiece, openOperands, writePiece } from "./bulk.ts";
import type { Handlers } from "./handlers.ts";
import { openMemorySizes } from "./memory.ts";

const fuelPerMillisecond = 1_000_000n;

export const hostHandlers: Handlers<"host"> = {
  host_input_size(step) {
    step.push(BigInt(step.registers.inputLength));
  },

  host_input_read(step) {
    const { stack, d, s, n } = openOperands(step);
    const { a: memory, b: withoutMemory } = step.record;
    if (s + n > step.registers.inputLength) return step.trapWith("outOfBoundsInput");
    const size = withoutMemory === 1 ? 0 : openMemorySizes(step, memory)[0];
    if (d + n > size) return step.trapWith("outOfBoundsMemory");
    if (n === 0) return finishPiece(step, stack, d, s, n);
    writePiece(step, stack, "input", 0, memory, forwardPiece(leafBytes, d, s, n));
  },

  host_time_ms(step) {
    step.push(step.registers.tf / fuelPerMillisecond);
  },

  host_unknown(step) {
    step.trapWith("unknownHostFunction");
  },
};
