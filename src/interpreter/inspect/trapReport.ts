/**
 * A trap as people need it told: which instruction of which function, who had called, which import was missing, which
 * `memory.grow` had given −1 before and why (docs/machine.md §6, §9).
 *
 * Invariant: read from the record beside the state (state/trapRecord.ts) and the program; nothing moves the machine.
 */
import type { Module } from "../binary/module.ts";
import { type TrapName, trapName } from "../isa/trapCodes.ts";
import type { Program, ProgramLimits } from "../program/program.ts";
import type { MachineState } from "../state/machineState.ts";
import { refusedGrow, trapRecord } from "../state/trapRecord.ts";
import { instructionText } from "./disassemble.ts";

/** An instruction of a program. */
export interface CodePlace {
  /** Index of its record. */
  readonly pc: number;
  /** Name of its function; `function[N]` by program-wide index where it has none. */
  readonly function: string;
  /** Name of its module; empty for code that the linker made. */
  readonly module: string;
  /** Byte offset in the module's binary; −1 for code that the linker made. */
  readonly offset: number;
  /** `file:line:column`, where somebody has read the module's debugging data (wasm-arbiter/debug). */
  readonly source?: string;
}

/** A `memory.grow` that gave −1, and why. */
export interface RefusedGrowReport extends CodePlace {
  /** Step counter before it. */
  readonly step: number;
  /** Program-wide index of the memory. */
  readonly memory: number;
  /** Pages that it had, and that were asked for on top. */
  readonly pages: number;
  readonly requested: number;
  /**
   * `fixed`: the program was linked with growth `fixed`. `declared`: the module declares that maximum. `limit`: it
   * declares none, and `limits.memoryPages` is the maximum.
   */
  readonly cause: "fixed" | "declared" | "limit";
  /** Pages that the memory may reach. */
  readonly maximum: number;
}

/** Where and why a call trapped. */
export interface TrapReport extends CodePlace {
  readonly trap: TrapName;
  /** Step counter before the instruction that trapped. */
  readonly step: number;
  /** Text of the instruction. */
  readonly instruction: string;
  /** Calls that had not returned, innermost first; at most 64. */
  readonly calledBy: readonly CodePlace[];
  /** For `unknownHostFunction`: the import that nothing gives, as `module.name`. */
  readonly import: string | undefined;
  /** The last growth that was refused before the trap, in whichever call. */
  readonly refusedGrow: RefusedGrowReport | undefined;
  /** The program's limits of what traps when it runs out: operand stack, frames, fuel. */
  readonly limits: Pick<ProgramLimits, "stackSlots" | "frames" | "callFuel">;
}

/**
 * What is known of the trap of the last call: undefined if it did not trap, or if the state was restored after it had.
 */
export function trapReport(state: MachineState): TrapReport | undefined {
  const record = trapRecord(state);
  if (record === undefined) return undefined;
  const { program } = state;
  const [at, ...calledBy] = record.pcs.map((pc) => placeOf(program, pc));
  const trap = trapName(state.trap);
  const { stackSlots, frames, callFuel } = program.config.limits;
  return {
    trap,
    step: record.step,
    ...at,
    instruction: textAt(program, at.pc),
    calledBy,
    import: trap === "unknownHostFunction" ? importAt(program, at.pc) : undefined,
    refusedGrow: refusedGrowReport(state),
    limits: { stackSlots, frames, callFuel },
  };
}

/** The last growth that was refused, in whichever call; undefined if none was since the state was made. */
export function refusedGrowReport(state: MachineState): RefusedGrowReport | undefined {
  const record = refusedGrow(state);
  if (record === undefined) return undefined;
  const { program } = state;
  const { pc, ...grow } = record;
  const { maxPages } = program.memories[grow.memory];
  const declared = declaredMaximum(program, grow.memory);
  const cause =
    program.config.growth === "fixed" ? "fixed" : declared === undefined ? "limit" : "declared";
  return { ...placeOf(program, pc), ...grow, cause, maximum: maxPages };
}

/** Where the record at a pc stands. */
export function placeOf(program: Program, pc: number): CodePlace {
  const { module, functionName: name, offset } = program.locate(pc);
  return { pc, function: name, module: program.modules[module]?.name ?? "", offset };
}

function textAt(program: Program, pc: number): string {
  const { module: index, offset } = program.locate(pc);
  const owner = program.modules[index];
  return owner === undefined || offset < 0 ? "" : instructionText(owner.module, offset);
}

/** A call of an import is one record in its caller; where a reference to it is taken it is a function of its own. */
function importAt(program: Program, pc: number): string | undefined {
  const { module: index, function: stub, offset } = program.locate(pc);
  const owner = program.modules[index];
  if (owner !== undefined && offset >= 0) {
    const called = /^(?:return_)?call (\d+)/.exec(instructionText(owner.module, offset));
    return called === null ? undefined : importedName(owner.module, Number(called[1]));
  }
  for (const { module, functions } of program.modules) {
    const name = importedName(module, functions.indexOf(stub));
    if (name !== undefined) return name;
  }
  return undefined;
}

function importedName(module: Module, functionIndex: number): string | undefined {
  const item = module.imports.filter(({ kind }) => kind === "function")[functionIndex];
  return item && `${item.module}.${item.name}`;
}

/** What the module that defines a memory says; undefined if it declares no maximum. */
function declaredMaximum(program: Program, memory: number): number | undefined {
  for (const { module, memories } of program.modules) {
    const imported = memories.length - module.memories.length;
    const own = memories.indexOf(memory, imported);
    if (own >= 0) return module.memories[own - imported].max;
  }
  return undefined;
}

/** What the options of linking are called where a text names them. */
export interface OptionNames {
  readonly fixed: string;
  readonly declared: string;
  readonly memoryPages: string;
  readonly stackSlots: string;
  readonly frames: string;
  readonly callFuel: string;
}

const libraryNames: OptionNames = {
  fixed: 'growth: "fixed"',
  declared: 'growth: "declared"',
  memoryPages: "limits.memoryPages",
  stackSlots: "limits.stackSlots",
  frames: "limits.frames",
  callFuel: "limits.callFuel",
};

const shownCallers = 4;

/** The report in one line, advice included. */
export function trapText(report: TrapReport, names: OptionNames = libraryNames): string {
  const { trap, step, instruction, calledBy, import: missing, refusedGrow: grow } = report;
  const callers = calledBy
    .slice(0, shownCallers)
    .map(({ function: name, source }) => (source === undefined ? name : `${name} (${source})`));
  if (calledBy.length > shownCallers) callers.push("…");
  const parts = [`${trap} in ${placeText(report)} at step ${step}`];
  if (instruction !== "" && instruction !== trap) parts[0] += ` (${instruction})`;
  if (callers.length > 0) parts.push(`called by ${callers.join(", ")}`);
  if (missing !== undefined) parts.push(`nothing gives the import ${missing}`);
  if (grow !== undefined) parts.push(refusedGrowText(grow, names));
  const limit = limitText(report, names);
  if (limit !== undefined) parts.push(limit);
  return parts.join("; ");
}

function limitText({ trap, limits }: TrapReport, names: OptionNames): string | undefined {
  if (trap === "outOfFuel") return `a call has ${limits.callFuel} fuel; raise ${names.callFuel}`;
  if (trap !== "callStackExhausted") return undefined;
  return `the stack has ${limits.stackSlots} slots and ${limits.frames} frames; raise ${names.stackSlots} or ${names.frames}`;
}

/** Which `memory.grow` gave −1, why, and what to do, in one line. */
export function refusedGrowText(
  grow: RefusedGrowReport,
  names: OptionNames = libraryNames,
): string {
  const { step, pages, requested, cause, maximum } = grow;
  const what = `memory.grow returned −1 at step ${step} in ${grow.function} (${requested} page${requested === 1 ? "" : "s"} on top of ${pages})`;
  switch (cause) {
    case "fixed":
      return `${what}: the program was linked with ${names.fixed}; link it with ${names.declared}`;
    case "limit":
      return `${what}: the limit is ${maximum} pages; raise ${names.memoryPages}`;
    case "declared":
      return `${what}: the module declares at most ${maximum} pages; declare more where it is compiled (wasm-ld: --max-memory)`;
  }
}

function placeText({ function: name, module, offset, pc, source }: CodePlace): string {
  if (module === "") return `${name}, pc ${pc}`;
  return `${name} (${source === undefined ? "" : `${source}; `}${module}, byte ${offset})`;
}
