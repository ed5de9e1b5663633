/**
 * What a step's witness says about the step, for people: registers, instruction, program root.
 *
 * Invariant: only what `replayStep` has verified against a state hash is worth showing; this function verifies
 * nothing itself, so call it after `replayStep` has accepted the witness.
 */
import { executedRow } from "../../interpreter/isa/table.ts";
import { type Registers, readRegisters } from "../commitment/registers.ts";
import type { ArrayName } from "../tree/arrays.ts";
import { ByteReader } from "../tree/byteReader.ts";
import type { Instruction } from "./multiproofSource.ts";
import { readStep } from "./replayStep.ts";

/** What a witness shows of its step. */
export interface WitnessOverview {
  /** Registers before the step. */
  readonly registers: Registers;
  /** The instruction and the program's root; a halted state's witness shows neither. */
  readonly instruction:
    | {
        readonly fields: Instruction;
        readonly mnemonic: string;
        /** Arrays of the state and of the program of which the witness shows leaves, beside `code`. */
        readonly opened: readonly ArrayName[];
        readonly programRoot: Uint8Array;
      }
    | undefined;
}

/**
 * Reads registers and instruction out of a witness, without verifying anything: only for one that `replayStep` has
 * accepted.
 *
 * @throws WitnessError for bytes that do not begin like a witness.
 */
export function witnessOverview(witness: Uint8Array): WitnessOverview {
  const reader = new ByteReader(witness);
  if (witness[0] !== 0) return { registers: readRegisters(reader), instruction: undefined };
  const { registers, instruction, opened, programRoot } = readStep(witness);
  const mnemonic = executedRow(instruction.op)?.mnemonic ?? "unknown";
  return { registers, instruction: { fields: instruction, mnemonic, opened, programRoot } };
}
