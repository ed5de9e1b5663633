/**
 * The control stack of a body being lowered: one frame a block, with the branches that wait for its end.
 *
 * Invariant: a branch to a loop knows its target at once; every other waits in `instructions` or `entries` until the
 * block's end has a pc.
 */
import type { CodeBuffer } from "./codeBuffer.ts";

export type BlockKind = "block" | "loop" | "if" | "else" | "function";

export interface Label {
  kind: BlockKind;
  /** Slots under the block's parameters, relative to fp. */
  readonly height: number;
  readonly params: number;
  readonly results: number;
  /** First instruction of a loop. */
  readonly loopPc: number;
  /** Instructions and branch-table entries that wait for the end of the block. */
  readonly instructions: number[];
  readonly entries: number[];
  /** The `if` instruction that waits for its else branch or the end; −1 if none does. */
  pendingIf: number;
}

export function openLabel(
  kind: BlockKind,
  height: number,
  params: number,
  results: number,
  pc: number,
): Label {
  return {
    kind,
    height,
    params,
    results,
    loopPc: pc,
    instructions: [],
    entries: [],
    pendingIf: -1,
  };
}

/** Values that a branch to the label carries. */
export function arityOf(label: Label): number {
  return label.kind === "loop" ? label.params : label.results;
}

/** Makes the instruction at `pc` jump to the label. */
export function targetInstruction(code: CodeBuffer, label: Label, pc: number): void {
  if (label.kind === "loop") code.setTarget(pc, label.loopPc);
  else label.instructions.push(pc);
}

/** Makes a branch-table entry jump to the label. */
export function targetEntry(code: CodeBuffer, label: Label, entry: number): void {
  if (label.kind === "loop") code.setBranchTarget(entry, label.loopPc);
  else label.entries.push(entry);
}

/** The label's end is at `pc`: all that waited for it jumps there. */
export function closeLabel(code: CodeBuffer, label: Label, pc: number): void {
  if (label.pendingIf >= 0) code.setTarget(label.pendingIf, pc);
  for (const instruction of label.instructions) code.setTarget(instruction, pc);
  for (const entry of label.entries) code.setBranchTarget(entry, pc);
}
