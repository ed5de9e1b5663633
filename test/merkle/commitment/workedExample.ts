/**
 * The worked example of docs/proof-format.md §10 as text, computed from the program that it names. Run this file to
 * print it; a test compares it with the document and its hashes with the reference.
 */

import { run } from "../../../src/interpreter/blocks/runSteps.ts";
import {
  defaultFuelSchedule,
  type FuelSchedule,
} from "../../../src/interpreter/program/fuelSchedule.ts";
import type { Program } from "../../../src/interpreter/program/program.ts";
import { genesis } from "../../../src/interpreter/state/genesis.ts";
import { begin } from "../../../src/interpreter/state/invocation.ts";
import type { MachineState } from "../../../src/interpreter/state/machineState.ts";
import { inputRoot, programRoot, StateTree } from "../../../src/merkle/index.ts";
import { programOf } from "../program.ts";
import { hex } from "../reference.ts";

export const exampleText = `(module (memory 1)
  (func (export "main") (result i32)
    (i32.store (i32.const 8) (i32.const 42))
    (i32.load (i32.const 8))))`;
export const exampleInput = new TextEncoder().encode("abc");

/** Every instruction costs 1. */
const schedule = Object.fromEntries(
  Object.keys(defaultFuelSchedule).map((name) => [name, 1]),
) as FuelSchedule;

export function exampleProgram(): Program {
  return programOf(exampleText, {
    gateway: "main",
    growth: "fixed",
    schedule,
    chunkFuel: 100,
    limits: {
      stackSlots: 1024,
      frames: 64,
      tableEntries: 16,
      memoryPages: 1,
      inputBytes: 1024,
      callFuel: 1_000_000,
    },
  });
}

/** The machine after so many steps of the call on "abc". */
export function exampleState(steps: number): MachineState {
  const state = genesis(exampleProgram());
  begin(state, exampleInput);
  run(state, { steps });
  return state;
}

const lineBytes = 48;
const lines = (bytes: Uint8Array): string =>
  Array.from({ length: Math.ceil(bytes.length / lineBytes) }, (_, i) =>
    hex(bytes.subarray(i * lineBytes, (i + 1) * lineBytes)),
  ).join("\n");

export function workedExample(): string {
  const program = exampleProgram();
  const genesisTree = new StateTree(genesis(program));
  const hashAt = (steps: number) => hex(new StateTree(exampleState(steps)).stateHash());
  const steps = Array.from({ length: 6 }, (_, i) => `${i + 1}  ${hashAt(i + 1)}`);
  const store = new StateTree(exampleState(2)).witness();
  return [
    "```wat",
    exampleText,
    "```",
    "",
    `Instructions (${program.code.length / 16} × 16 bytes):`,
    "",
    "```",
    ...Array.from({ length: program.code.length / 16 }, (_, i) =>
      hex(program.code.subarray(i * 16, (i + 1) * 16)),
    ),
    "```",
    "",
    "```",
    `program root     ${hex(programRoot(program))}`,
    `genesis          ${hex(genesisTree.stateHash())}`,
    `input root       ${hex(inputRoot(exampleInput))}`,
    `after begin      ${hashAt(0)}`,
    "```",
    "",
    "State hash after each of the six steps:",
    "",
    "```",
    ...steps,
    "```",
    "",
    "Register proof after begin:",
    "",
    "```",
    lines(new StateTree(exampleState(0)).registerProof()),
    "```",
    "",
    `Witness of the third step, \`i32.store\` (${store.length} bytes):`,
    "",
    "```",
    lines(store),
    "```",
  ].join("\n");
}

if (import.meta.main) console.log(workedExample());
