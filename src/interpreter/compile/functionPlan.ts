/**
 * What the emitter must know of a function before it writes it, read off its instructions: whether it checks the budget at
 * its entry, and how much room its calls need.
 *
 * Invariant: nothing here says what was emitted; whether a function can stop, and where it can be entered, is known
 * from its emission only (emissionLog.ts).
 */
import type { FunctionType } from "../binary/module.ts";
import { opOf } from "../isa/table.ts";
import { readU16, readU32 } from "../program/bigEndian.ts";
import { lastAtMost } from "../program/lastAtMost.ts";
import type { FunctionEntry, Program } from "../program/program.ts";
import { instructionBytes } from "../program/program.ts";
import type { ProgramOnDemand } from "../program/programOnDemand.ts";
import { type Cost, largest, noCost } from "./budget.ts";
import type { FunctionDefinition } from "./functionSource.ts";
import { definitionOf } from "./functionSource.ts";
import { hostStubDefinition } from "./hostStubs.ts";
import { type HostSignature, isHostSignature } from "./hostTypes.ts";

/** Entry pcs of all functions and of the boot function, ascending, and behind them the end of the code. */
function functionStarts(program: Program): Int32Array {
  const { functions, boot, code } = program;
  const starts = new Int32Array(functions.length + (boot === undefined ? 1 : 2));
  functions.forEach(({ entryPc }, index) => {
    starts[index] = entryPc;
  });
  if (boot !== undefined) starts[functions.length] = boot.entryPc;
  starts[starts.length - 1] = code.length / instructionBytes;
  return starts.sort();
}

export interface FunctionPlan {
  readonly index: number;
  readonly entry: FunctionEntry;
  /** First instruction of what follows it. */
  readonly endPc: number;
  readonly signature: HostSignature;
  /** Whether it checks budget and room at its entry: it calls, or is long. */
  readonly checksEntry: boolean;
  /** Slots above its frame pointer that its own and its callees' frames may need. */
  readonly need: number;
  readonly pushesFrames: boolean;
  /** Cost of all its instructions together: a bound for a run through it if it has no loops. */
  readonly total: Cost;
  readonly definition: FunctionDefinition;
}

/** Functions without a check at their entry are at most so long, since callers may run them unchecked. */
const uncheckedSteps = 4096;

const CALL = opOf("call");
const CALL_INDIRECT = opOf("call_indirect");
const RETURN_CALL = opOf("return_call");
const RETURN_CALL_INDIRECT = opOf("return_call_indirect");

/** Largest frame among the functions of each type. */
export function framesOfTypes(program: Program): ReadonlyMap<number, number> {
  const frames = new Map<number, number>();
  for (const { typeId, frame } of program.functions) {
    frames.set(typeId, Math.max(frames.get(typeId) ?? 0, frame));
  }
  return frames;
}

/** Function types by program-wide type id. */
function typesOf(program: Program): ReadonlyMap<number, FunctionType> {
  const byId = new Map<number, FunctionType>();
  for (const { module, types } of program.modules) {
    module.types.forEach((type, index) => {
      byId.set(types[index], type);
    });
  }
  return byId;
}

/** Plans of a program's functions, each made when it is first asked for. */
export class FunctionPlans {
  private readonly program: ProgramOnDemand;
  private readonly frames: ReadonlyMap<number, number>;
  private readonly signatures: ReadonlyMap<number, HostSignature>;
  private readonly starts: Int32Array;
  private types: ReadonlyMap<number, FunctionType> | undefined;
  private readonly made: (FunctionPlan | undefined)[];
  private hosted: readonly number[] | undefined;
  private uncheckedByType: ReadonlyMap<number, Cost> | undefined;

  constructor(
    program: ProgramOnDemand,
    frames: ReadonlyMap<number, number>,
    signatures: ReadonlyMap<number, HostSignature>,
  ) {
    this.program = program;
    this.frames = frames;
    this.signatures = signatures;
    this.starts = functionStarts(program);
    this.made = new Array(program.functions.length).fill(undefined);
  }

  /** Functions of the program. */
  get count(): number {
    return this.made.length;
  }

  /** Whether a host function can stand for it: its type is none of the very widest. */
  isOfHost(index: number): boolean {
    return isHostSignature(this.signatureOf(index));
  }

  /** Those functions, ascending. */
  get ofHost(): readonly number[] {
    this.hosted ??= [...this.made.keys()].filter((index) => this.isOfHost(index));
    return this.hosted;
  }

  /** First instruction of what follows the function with that program-wide index. */
  endOf(index: number): number {
    const { starts } = this;
    const { entryPc } = this.program.functions[index];
    return starts[lastAtMost(starts.length, (place) => starts[place], entryPc) + 1];
  }

  signatureOf(index: number): HostSignature {
    const { typeId } = this.program.functions[index];
    const signature = this.signatures.get(typeId);
    if (signature === undefined) throw new RangeError(`expected a type with id ${typeId}`);
    return signature;
  }

  at(index: number): FunctionPlan {
    const known = this.made[index];
    if (known !== undefined) return known;
    const plan = this.make(index);
    this.made[index] = plan;
    return plan;
  }

  /** What a function executes at most before a check and behind one, if it has none at its entry. */
  uncheckedCost(index: number): Cost {
    const { checksEntry, total } = this.at(index);
    return checksEntry ? noCost : total;
  }

  /** The same of all functions with that program-wide type. */
  uncheckedCostOfType(typeId: number): Cost {
    this.uncheckedByType ??= this.uncheckedCosts();
    return this.uncheckedByType.get(typeId) ?? noCost;
  }

  private uncheckedCosts(): ReadonlyMap<number, Cost> {
    const costs = new Map<number, Cost>();
    this.program.functions.forEach(({ typeId }, index) => {
      costs.set(typeId, largest(costs.get(typeId) ?? noCost, this.uncheckedCost(index)));
    });
    return costs;
  }

  private make(index: number): FunctionPlan {
    const { program, frames } = this;
    const entry = program.functions[index];
    const endPc = this.endOf(index);
    const signature = this.signatureOf(index);
    program.lowerAt(entry.entryPc);
    const traits = scanInstructions(program, entry, endPc, frames);
    return { index, entry, endPc, signature, ...traits, definition: this.definitionOf(entry) };
  }

  private definitionOf({ module: moduleIndex, index, typeId }: FunctionEntry): FunctionDefinition {
    const { program } = this;
    if (moduleIndex >= 0)
      return definitionOf(moduleIndex, program.modules[moduleIndex].module, index);
    this.types ??= typesOf(program);
    return hostStubDefinition(this.types.get(typeId) as FunctionType);
  }
}

interface Traits {
  checksEntry: boolean;
  need: number;
  pushesFrames: boolean;
  total: Cost;
}

function scanInstructions(
  program: Program,
  entry: FunctionEntry,
  end: number,
  frames: ReadonlyMap<number, number>,
): Traits {
  const { code, heights } = program;
  const steps = end - entry.entryPc;
  let checksEntry = steps > uncheckedSteps;
  let need = 0;
  let pushesFrames = false;
  let fuel = 0;
  for (let pc = entry.entryPc; pc < end; pc++) {
    const at = pc * instructionBytes;
    fuel += readU16(code, at + 2);
    const op = readU16(code, at);
    if (op === CALL || op === CALL_INDIRECT) {
      const b = readU32(code, at + 8);
      const c = readU32(code, at + 12);
      checksEntry = true;
      pushesFrames = true;
      const base = op === CALL ? heights[pc] - (b >>> 16) : heights[pc] - 1 - c;
      need = Math.max(need, base + (op === CALL ? c : (frames.get(b) ?? 0)));
    } else if (op === RETURN_CALL || op === RETURN_CALL_INDIRECT) {
      const slots = op === RETURN_CALL ? readU32(code, at + 12) : frames.get(readU32(code, at + 8));
      checksEntry = true;
      need = Math.max(need, slots ?? 0);
    }
  }
  return { checksEntry, need, pushesFrames, total: { steps, fuel } };
}

/** Cost of the instructions from `start` to `end`, each taken once. */
export function costBetween({ code }: Program, start: number, end: number): Cost {
  const last = end * instructionBytes;
  let fuel = 0;
  for (let at = start * instructionBytes; at < last; at += instructionBytes) {
    fuel += (code[at + 2] << 8) | code[at + 3];
  }
  return { steps: end - start, fuel };
}
