/**
 * Holds what an emission says of itself against the program's instructions, when a module is made: every exit has an instruction,
 * every caller behind a callee that can exit has a check, every entry is one that frames reach in one way only.
 *
 * Invariant: nothing here decides what is emitted; a contradiction refuses the module, and the reference runs the program.
 */
import { opOf } from "../isa/table.ts";
import { readU16, readU32 } from "../program/bigEndian.ts";
import type { Program } from "../program/program.ts";
import { branchBytes, instructionBytes } from "../program/program.ts";
import type { EmissionLog, EmittedCall } from "./emissionLog.ts";
import { HostRefusal } from "./hostRefusal.ts";
import type { ProgramPlan } from "./programPlan.ts";
import type { Emission, Safepoint } from "./safepoints.ts";
import { heightOf, recordedLocals } from "./safepoints.ts";

const BR = opOf("br");
const BR_IF = opOf("br_if");
const BR_TABLE = opOf("br_table");

/** Throws HostRefusal if a module contradicts the instructions; a measurement that leaves parts out may. */
export function refuseUnsound(plan: ProgramPlan, emission: Emission, log: EmissionLog): void {
  const { isLight } = emission;
  refuse(emission, safepointsFault(plan.program, log, isLight) ?? callsFault(plan, log, isLight));
}

/** The same for what a module says of the loops and functions that it holds. */
export function refuseUnsoundEntries(
  plan: ProgramPlan,
  emission: Emission,
  log: EmissionLog,
): void {
  refuse(emission, headersFault(plan, log) ?? entriesFault(plan, log));
}

function refuse({ omitted }: Emission, fault: string | undefined): void {
  if (omitted.length === 0 && fault !== undefined) throw new HostRefusal("unsoundEmission", fault);
}

function safepointsFault(program: Program, log: EmissionLog, isLight: boolean): string | undefined {
  for (const number of log.exits) {
    const safepoint = log.safepoints[number];
    const isMisplaced = isLight && safepoint?.kind !== "loop";
    const fault = isMisplaced ? "light code stops" : safepointFault(program, safepoint);
    if (fault !== undefined) return `exit ${number}: ${fault}`;
  }
  return undefined;
}

function callsFault(plan: ProgramPlan, log: EmissionLog, isLight: boolean): string | undefined {
  for (const call of log.calls) {
    const isMisplaced = call.kind === (isLight ? "checked" : "light");
    const fault = isMisplaced ? "a check too many or too few" : callFault(plan, log, call);
    if (fault === undefined) continue;
    return `call of ${call.callee ?? "a table's entry"} in ${call.caller}: ${fault}`;
  }
  return undefined;
}

/** What is wrong with the instruction of an exit. */
function safepointFault(
  { heights, functions }: Program,
  safepoint: Safepoint | undefined,
): string | undefined {
  if (safepoint === undefined) return "no safepoint";
  if (safepoint.kind === "outside") return outsideFault(safepoint);
  const { shape, operands, callee } = safepoint;
  const { locals } = functions[safepoint.function];
  const height = heights[safepoint.pc];
  if (height !== locals + heightOf(operands)) {
    return `${locals} locals and ${heightOf(operands)} operands at a height of ${height}`;
  }
  const last = shape.runs[shape.runs.length - 1];
  if (last !== undefined && last.slot + last.slots > locals) {
    return `a local at ${last.slot + last.slots - 1} of ${locals}`;
  }
  const largest = Math.max(recordedLocals(shape) - 1, operands?.largest ?? -1);
  if (largest >= shape.values) return `value ${largest} of ${shape.values}`;
  if (callee !== undefined && callee.base + callee.results !== height) {
    return `a callee at ${callee.base} with ${callee.results} results at a height of ${height}`;
  }
  return undefined;
}

/** A stub's instruction holds the parameters and what the caller has said of its callee. */
function outsideFault({ shape, operands, pending }: Safepoint): string | undefined {
  if (operands !== undefined || pending.steps > 0) return "a function that has begun";
  return shape.values === recordedLocals(shape) + 1 ? undefined : `${shape.values} values`;
}

function callFault(
  { plans }: ProgramPlan,
  { functions, outside }: EmissionLog,
  { caller, callee, kind, slots }: EmittedCall,
): string | undefined {
  const { need, pushesFrames, checksEntry } = plans.at(caller);
  if (!checksEntry) return "no check at the caller's entry";
  if (slots > need) return `${slots} slots, ${need} were checked at entry`;
  if (kind !== "tail" && !pushesFrames) return "no frame was checked at entry";
  if (kind !== "unchecked") return undefined;
  const emitted = callee === undefined ? undefined : functions.get(callee);
  const isElsewhere = callee !== undefined && outside.has(callee);
  if (emitted === undefined || emitted.canExit || isElsewhere)
    return "it can exit, and no check follows";
  return emitted.readsFuel ? "it reads the fuel, and the budget is not settled" : undefined;
}

/** Backward branches lead to headers of loops only. */
function headersFault({ program, plans }: ProgramPlan, log: EmissionLog): string | undefined {
  const headers = new Set(log.loops.map(({ pc }) => pc));
  for (const index of log.emitted) {
    const { entry, endPc } = plans.at(index);
    if (log.refused.has(index)) continue;
    const fault = branchFault(program, headers, entry.entryPc, endPc);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function branchFault(
  { code, branches }: Program,
  headers: ReadonlySet<number>,
  start: number,
  end: number,
): string | undefined {
  for (let pc = start; pc < end; pc++) {
    const at = pc * instructionBytes;
    const op = readU16(code, at);
    if (op !== BR && op !== BR_IF && op !== BR_TABLE) continue;
    const target = readU32(code, at + 4);
    if (op !== BR_TABLE) {
      if (target <= pc && !headers.has(target)) return `branch at ${pc} back to ${target}`;
    } else {
      for (let label = readU32(code, at + 8); label >= 0; label--) {
        const to = readU32(branches, (target + label) * branchBytes);
        if (to <= pc && !headers.has(to)) return `table branch at ${pc} back to ${to}`;
      }
    }
  }
  return undefined;
}

/** Frames come to a function's entry by calls only, and to a loop's header with the operands that the loop notes. */
function entriesFault({ program, plans }: ProgramPlan, log: EmissionLog): string | undefined {
  const headers = new Set(log.loops.map(({ pc }) => pc));
  for (const entry of log.entries(plans).values()) {
    const { locals } = program.functions[entry.function];
    const height = program.heights[entry.pc];
    const operands = entry.kind === "loop" ? heightOf(entry.loop.operands) : 0;
    if (height !== locals + operands) return `entry at ${entry.pc} at a height of ${height}`;
    if (entry.kind === "function" && headers.has(entry.pc)) return `entry in a loop at ${entry.pc}`;
  }
  return undefined;
}
