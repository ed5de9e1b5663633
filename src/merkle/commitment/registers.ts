/**
 * The registers of a state as two 32-byte words, and the register proof (docs/proof-format.md §2).
 *
 * Invariant: u64 fields are bigints, all others numbers; every bit of the words belongs to a register, so that decoding and
 * encoding are each other's inverse.
 */
import type { MachineState } from "../../interpreter/state/machineState.ts";
import { sameBytes } from "../tree/arrays.ts";
import { ByteReader, concatenate } from "../tree/byteReader.ts";
import { hashPair, tags } from "../tree/keccak/kernel.ts";
import { WitnessError } from "../witnessError.ts";

/**
 * The registers of a state as they are committed (docs/proof-format.md §2; meaning in docs/machine.md §4): sp, fp
 * and limits in slots and frames, counters since their era began, lengths of input and output in bytes, `chunkFuel` as fuel a chunk.
 */
export interface Registers {
  status: number;
  trap: number;
  pc: number;
  sp: number;
  fp: number;
  depth: number;
  era: number;
  stackLimit: number;
  frameLimit: number;
  stepCounter: bigint;
  fuelCounter: bigint;
  fuelLimit: bigint;
  inputLength: number;
  outputLength: number;
  chunkFuel: number;
}

export const wordBytes = 32;
export const registerProofBytes = 128;

/** The registers of a machine; limits come from its program. */
export function registersOf(state: MachineState): Registers {
  const { limits, chunkFuel } = state.program.config;
  return {
    status: state.status,
    trap: state.trap,
    pc: state.pc,
    sp: state.sp,
    fp: state.fp,
    depth: state.depth,
    era: state.era,
    stackLimit: limits.stackSlots,
    frameLimit: limits.frames,
    stepCounter: BigInt(state.stepCounter),
    fuelCounter: BigInt(state.fuelCounter),
    fuelLimit: BigInt(state.fuelLimit),
    inputLength: state.input.length,
    outputLength: state.outputLength,
    chunkFuel,
  };
}

export function controlWord(registers: Registers): Uint8Array {
  const bytes = new Uint8Array(wordBytes);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, registers.status);
  view.setUint8(1, registers.trap);
  const { pc, sp, fp, depth, stackLimit, frameLimit, outputLength } = registers;
  [pc, sp, fp, depth, stackLimit, frameLimit, outputLength].forEach((value, i) => {
    view.setUint32(2 + 4 * i, value);
  });
  view.setUint16(30, registers.era);
  return bytes;
}

export function countersWord(registers: Registers): Uint8Array {
  const bytes = new Uint8Array(wordBytes);
  const view = new DataView(bytes.buffer);
  const { stepCounter, fuelCounter, fuelLimit } = registers;
  [stepCounter, fuelCounter, fuelLimit].forEach((value, i) => {
    view.setBigUint64(8 * i, value);
  });
  view.setUint32(24, registers.inputLength);
  view.setUint32(28, registers.chunkFuel);
  return bytes;
}

/** Reads control and counters. */
export function readRegisters(reader: ByteReader): Registers {
  const control = reader.take(wordBytes);
  const view = new DataView(control.buffer, control.byteOffset, wordBytes);
  return {
    status: view.getUint8(0),
    trap: view.getUint8(1),
    pc: view.getUint32(2),
    sp: view.getUint32(6),
    fp: view.getUint32(10),
    depth: view.getUint32(14),
    stackLimit: view.getUint32(18),
    frameLimit: view.getUint32(22),
    outputLength: view.getUint32(26),
    era: view.getUint16(30),
    stepCounter: reader.u64(),
    fuelCounter: reader.u64(),
    fuelLimit: reader.u64(),
    inputLength: reader.u32(),
    chunkFuel: reader.u32(),
  };
}

/** s(l, r): an inner node of the state tree. */
export function stateNode(left: Uint8Array, right: Uint8Array): Uint8Array {
  return hashPair(left, right, tags.state);
}

/** H_VM from the registers, s(Ψ, stack) and cold. */
export function stateHashOf(
  registers: Registers,
  programAndStack: Uint8Array,
  cold: Uint8Array,
): Uint8Array {
  const words = stateNode(controlWord(registers), countersWord(registers));
  return stateNode(stateNode(words, programAndStack), cold);
}

export function encodeRegisterProof(
  registers: Registers,
  programAndStack: Uint8Array,
  cold: Uint8Array,
): Uint8Array {
  return concatenate([controlWord(registers), countersWord(registers), programAndStack, cold]);
}

/** The registers that a 128-byte proof shows of a state hash. Throws WitnessError if it shows nothing of it. */
export function verifyRegisterProof(stateHash: Uint8Array, proof: Uint8Array): Registers {
  const reader = new ByteReader(proof);
  const registers = readRegisters(reader);
  const programAndStack = reader.hash();
  const cold = reader.hash();
  reader.end();
  if (!sameBytes(stateHashOf(registers, programAndStack, cold), stateHash)) {
    throw new WitnessError("pre-state-mismatch");
  }
  return registers;
}
