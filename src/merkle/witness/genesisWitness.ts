/**
 * The genesis state that a program root commits to (docs/proof-format.md §6): shown by the two hashes beside the
 * configuration and the configuration itself, with no proof of a state, since the configuration holds the rest.
 */

import { haltedPc, noEntry, type Program } from "../../interpreter/program/program.ts";
import { statusCodes } from "../../interpreter/state/machineState.ts";
import { configBytes, configHash, ProgramTree, programNode } from "../commitment/programTree.ts";
import { type Registers, stateHashOf, stateNode } from "../commitment/registers.ts";
import { arraysShape, zeroHash } from "../tree/arrays.ts";
import { ByteReader, concatenate } from "../tree/byteReader.ts";

/** A genesis state and its program, both 32 bytes. */
export interface Genesis {
  readonly state: Uint8Array;
  readonly programRoot: Uint8Array;
}

/** What shows a program's genesis: code ‖ arrays ‖ C, 192 bytes. */
export function genesisWitness(program: Program): Uint8Array {
  const tree = ProgramTree.of(program);
  return concatenate([tree.arrayRoot("code"), tree.restNode(arraysShape), tree.config]);
}

/** The genesis state and the program root that 192 bytes show. Throws WitnessError for another number of bytes. */
export function replayGenesis(witness: Uint8Array): Genesis {
  const reader = new ByteReader(witness);
  const [code, arrays] = [reader.hash(), reader.hash()];
  const config = reader.take(configBytes);
  reader.end();
  const programRoot = programNode(code, programNode(arrays, configHash(config)));
  const cold = config.slice(configBytes - 32);
  const state = stateHashOf(genesisRegisters(config), stateNode(programRoot, zeroHash), cold);
  return { state, programRoot };
}

/** Registers of a state before its first step (docs/machine.md §10). */
function genesisRegisters(config: Uint8Array): Registers {
  const view = new DataView(config.buffer, config.byteOffset, config.length);
  const bootPc = view.getUint32(72);
  const boots = bootPc !== noEntry;
  return {
    status: boots ? statusCodes.running : statusCodes.returned,
    trap: 0,
    pc: boots ? bootPc : haltedPc,
    sp: view.getUint32(76),
    fp: 0,
    depth: 0,
    stackLimit: view.getUint32(24),
    frameLimit: view.getUint32(28),
    era: 0,
    stepCounter: 0n,
    fuelCounter: 0n,
    fuelLimit: boots ? view.getBigUint64(16) : 0n,
    inputLength: 0,
    outputLength: 0,
    chunkFuel: view.getUint32(32),
  };
}
