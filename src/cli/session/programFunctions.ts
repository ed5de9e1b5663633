/**
 * Functions of a linked program by name, with their types, and the source of a pc as text.
 *
 * Invariant: names are for people; what decides is the program-wide index.
 */
import { type FunctionType, importedFunctions } from "../../interpreter/binary/module.ts";
import { functionName, instructionText } from "../../interpreter/inspect/disassemble.ts";
import { executedRow } from "../../interpreter/isa/table.ts";
import {
  type FunctionEntry,
  instructionBytes,
  type Program,
} from "../../interpreter/program/program.ts";

/** Type of a function that a module of the program defines; undefined for synthesized ones. */
export function typeOf(program: Program, entry: FunctionEntry): FunctionType | undefined {
  const module = program.modules[entry.module]?.module;
  if (module === undefined) return undefined;
  return module.types[module.functions[entry.index - importedFunctions(module)]];
}

/** Program-wide index of a function that the last module exports, or undefined. */
export function exportedFunction(program: Program, name: string): number | undefined {
  const last = program.modules.at(-1);
  const found = last?.module.exports.find((item) => item.kind === "function" && item.name === name);
  return found === undefined ? undefined : last?.functions[found.index];
}

/** Functions of the last module that can be a gateway: exported, without parameters. */
export function gatewayNames(program: Program): string[] {
  const exports = program.modules.at(-1)?.module.exports ?? [];
  return exports.flatMap(({ kind, name }) => {
    const index = kind === "function" ? exportedFunction(program, name) : undefined;
    return index !== undefined && program.functions[index]?.params === 0 ? [name] : [];
  });
}

/** Name of a function as listings show it. */
export function shownName(program: Program, index: number): string {
  const entry = program.functions[index];
  const module = program.modules[entry?.module ?? -1]?.module;
  const name = module === undefined ? undefined : functionName(module, entry.index);
  return name ?? `function[${index}]`;
}

/** An instruction of the program, taken apart. */
export interface DecodedInstruction {
  readonly pc: number;
  readonly cost: number;
  readonly mnemonic: string;
  /** Text of the instruction in its module; the mnemonic for synthesized code. */
  readonly text: string;
  readonly function: string;
  /** Byte offset in its module's binary; -1 for synthesized code. */
  readonly offset: number;
  /** Name of the module; empty for synthesized code. */
  readonly module: string;
}

export function instructionAt(program: Program, pc: number): DecodedInstruction {
  const view = new DataView(program.code.buffer, program.code.byteOffset + pc * instructionBytes);
  const mnemonic = executedRow(view.getUint16(0))?.mnemonic ?? "?";
  const { module: index, functionName: name, offset } = program.locate(pc);
  const owner = program.modules[index];
  const synthesized = owner === undefined || offset < 0;
  return {
    pc,
    cost: view.getUint16(2),
    mnemonic,
    text: synthesized ? mnemonic : instructionText(owner.module, offset),
    function: name,
    offset,
    module: owner?.name ?? "",
  };
}

/** Number of instructions of the program. */
export function instructionCount(program: Program): number {
  return program.code.length / instructionBytes;
}
