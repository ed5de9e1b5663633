/**
 * The control stack of a body being lowered: one label a block, with the branches that wait for its end. What waits is
 * chained through the fields that will hold the target, so a label needs no lists and is used again.
 *
 * Invariant: a branch to a loop knows its target at once; every other waits in the chain of instructions or of branch-table
 * entries until the block's end has a pc.
 */
import type { FunctionType } from "../binary/module.ts";
import { typeSlots } from "../binary/valueType.ts";
import type { CodeBuffer } from "./codeBuffer.ts";

export type BlockKind = "block" | "loop" | "if" | "else" | "function";

export interface Label {
  kind: BlockKind;
  /** Slots under the block's parameters, relative to fp. */
  height: number;
  /** Slots that parameters and results take, and their types. */
  params: number;
  results: number;
  type: FunctionType;
  /** First instruction of a loop. */
  loopPc: number;
  /** The last instruction, and branch-table entry, that waits for the end of the block; −1 if none does. */
  lastInstruction: number;
  lastEntry: number;
  /** The `if` instruction that waits for its else branch or the end; −1 if none does. */
  pendingIf: number;
}

const noValues: FunctionType = { params: [], results: [] };

export function newLabel(): Label {
  return {
    kind: "block",
    height: 0,
    params: 0,
    results: 0,
    type: noValues,
    loopPc: 0,
    lastInstruction: -1,
    lastEntry: -1,
    pendingIf: -1,
  };
}

/** Makes a label that of a block which begins at `pc`. */
export function openLabel(
  label: Label,
  kind: BlockKind,
  height: number,
  type: FunctionType,
  pc: number,
): void {
  const { params, results } = typeSlots(type);
  label.kind = kind;
  label.height = height;
  label.params = params;
  label.results = results;
  label.type = type;
  label.loopPc = pc;
  label.lastInstruction = -1;
  label.lastEntry = -1;
  label.pendingIf = -1;
}

/** Slots that a branch to the label carries. */
export function arityOf(label: Label): number {
  return label.kind === "loop" ? label.params : label.results;
}

/** Makes the instruction at `pc` jump to the label. */
export function targetInstruction(code: CodeBuffer, label: Label, pc: number): void {
  if (label.kind === "loop") {
    code.setTarget(pc, label.loopPc);
  } else {
    code.setTarget(pc, label.lastInstruction);
    label.lastInstruction = pc;
  }
}

/** Makes a branch-table entry jump to the label. */
export function targetEntry(code: CodeBuffer, label: Label, entry: number): void {
  if (label.kind === "loop") {
    code.setBranchTarget(entry, label.loopPc);
  } else {
    code.setBranchTarget(entry, label.lastEntry);
    label.lastEntry = entry;
  }
}

/** The label's end is at `pc`: all that waited for it jumps there. */
export function closeLabel(code: CodeBuffer, label: Label, pc: number): void {
  if (label.pendingIf >= 0) code.setTarget(label.pendingIf, pc);
  for (let instruction = label.lastInstruction; instruction >= 0; ) {
    const before = code.target(instruction);
    code.setTarget(instruction, pc);
    instruction = before;
  }
  for (let entry = label.lastEntry; entry >= 0; ) {
    const before = code.branchTarget(entry);
    code.setBranchTarget(entry, pc);
    entry = before;
  }
}
