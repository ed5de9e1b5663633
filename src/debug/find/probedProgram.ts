/**
 * A program that watches itself: a *probe* at each place where a question may have its answer counts that it was passed, and traps
 * where the question is answered. It runs on any executor as any program does (docs/debugging.md, "How find runs").
 *
 * Invariant: but for the probes it does what the original does, with the same fuel, to the same fuel counter; a probe takes the same
 * number of steps each time, costs nothing, and changes nothing but its counter. So from the counters follows the original's step.
 */
import { decodeModule } from "../../interpreter/binary/decode.ts";
import { Writer } from "../../interpreter/compile/binaryWriter.ts";
import { LinkError, type MachineState, type Program } from "../../interpreter/index.ts";
import { executedRow } from "../../interpreter/isa/table.ts";
import { readU16 } from "../../interpreter/program/bigEndian.ts";
import { lastAtMost } from "../../interpreter/program/lastAtMost.ts";
import { link, type NamedModule } from "../../interpreter/program/link.ts";
import { instructionBytes } from "../../interpreter/program/program.ts";
import { registersIn } from "../../interpreter/state/machineState.ts";
import { restore } from "../../interpreter/state/snapshot.ts";
import type { ConditionCode } from "./conditionCode.ts";
import { addedGlobal, withProbes } from "./probedModule.ts";
import { offsetsIn, type ProbePlan } from "./probePlan.ts";

/** Steps of a probe beside its condition: the counter is read, a number added, written; `if`. */
const stepsBesideCondition = 5;
/** What a probe that answers does beside that: it makes the counter c to −1 − c, and traps. */
const stepsOfAnswer = 5;

/** How many probes were passed, and whether the last one answers. */
export interface ProbeCount {
  readonly passed: number;
  readonly isAnswer: boolean;
}

export class ProbedProgram {
  readonly program: Program;
  /** Pcs of the original before which probes stand, ascending. */
  readonly #sites: readonly number[];
  /** Instructions of a probe, and how many of them are executed where it does not answer. */
  readonly #instructions: number;
  readonly #steps: number;
  /** Slots of the counters, ascending: each behind its module's own globals. */
  readonly #counters: readonly number[];

  private constructor(
    original: Program,
    probed: Program,
    { sites }: ProbePlan,
    condition: number,
    counters: readonly number[],
  ) {
    this.#sites = sites;
    this.#steps = stepsBesideCondition + condition;
    this.#instructions = this.#steps + stepsOfAnswer;
    this.#counters = counters;
    this.program = { ...probed, code: this.#withCosts(original, probed) };
  }

  /** The program for a question; undefined if it cannot be asked so. */
  static of(original: Program, plan: ProbePlan): ProbedProgram | undefined {
    const counting: number[] = [];
    let condition = 0;
    const modules: NamedModule[] = [];
    for (const [index, linked] of original.modules.entries()) {
      const { name, adapter, module } = linked;
      const offsets = offsetsIn(original, index, plan.sites);
      if (offsets.length === 0) {
        modules.push({ name, adapter, module });
        continue;
      }
      const counter = addedGlobal(module);
      const code = plan.condition(linked, counter);
      if (code === undefined) return undefined;
      condition = code.instructions;
      const bytes = withProbes(module, offsets, probeCode(counter, code));
      modules.push({ name, adapter, module: decodeModule(bytes, module.features) });
      counting.push(index);
    }
    const probed = linkedAs(original, modules);
    if (probed === undefined) return undefined;
    const counters = counting.map((index) => probed.modules[index].globals.at(-1) as number);
    return new ProbedProgram(original, probed, plan, condition, counters);
  }

  /**
   * The state of this program that stands where a running state of the original does.
   *
   * @param isBefore whether a probe that stands before the next instruction is still to be passed.
   * @param passed probes that count as passed before.
   */
  from(state: MachineState, isBefore: boolean, passed: number): MachineState {
    const frames = state.frames.slice(0, state.depth * 2);
    for (let at = 0; at < frames.length; at += 2) frames[at] = this.#pc(frames[at], false);
    const registers = registersIn(state);
    return restore(this.program, {
      ...registers,
      stepCounter: registers.stepCounter + passed * this.#steps,
      pc: this.#pc(state.pc, isBefore),
      frames,
      stack: state.stack.subarray(0, state.sp * 2),
      globals: this.#globals(state.globals, passed),
      memories: state.memories,
      tables: state.tables.map(({ entries, size }) => entries.subarray(0, size)),
      dropped: state.dropped,
      input: state.input,
      output: state.output.subarray(0, state.outputLength),
    });
  }

  count({ globals }: MachineState): ProbeCount {
    let [passed, isAnswer] = [0, false];
    for (const slot of this.#counters) {
      const value = globals[slot * 2 + 1] * 2 ** 32 + (globals[slot * 2] >>> 0);
      if (value < 0) isAnswer = true;
      passed += value < 0 ? -1 - value : value;
    }
    return { passed, isAnswer };
  }

  /** Step counter of the original, of a state that is not within a probe. */
  stepOf(state: MachineState): number {
    const { passed, isAnswer } = this.count(state);
    return state.stepCounter - passed * this.#steps - (isAnswer ? stepsOfAnswer : 0);
  }

  /** Whether the next instruction is one of a probe's, but for its first. */
  isWithin({ pc }: MachineState): boolean {
    const probes = this.#sites.length;
    const start = (index: number) => this.#sites[index] + index * this.#instructions;
    const into = pc - start(lastAtMost(probes, start, pc));
    return into > 0 && into < this.#instructions;
  }

  #pc(pc: number, isBefore: boolean): number {
    const sites = this.#sites;
    const last = lastAtMost(sites.length, (index) => sites[index], isBefore ? pc - 1 : pc);
    const before = sites[last] <= (isBefore ? pc - 1 : pc) ? last + 1 : 0;
    return pc + before * this.#instructions;
  }

  #globals(from: Int32Array, passed: number): Int32Array {
    const to = new Int32Array(this.program.globals * 2);
    let start = 0;
    for (const [before, slot] of [...this.#counters, this.program.globals].entries()) {
      const end = slot - before;
      to.set(from.subarray(start * 2, end * 2), (start + before) * 2);
      start = end;
    }
    const [first] = this.#counters;
    to[first * 2] = passed;
    to[first * 2 + 1] = Math.floor(passed / 2 ** 32);
    return to;
  }

  /** The probed code with the costs of the original; probes are free. */
  #withCosts(original: Program, { code }: Program): Uint8Array {
    const priced = code.slice();
    const count = original.code.length / instructionBytes;
    let [pc, site] = [0, 0];
    for (let from = 0; from < count; from++, pc++) {
      if (this.#sites[site] === from) {
        for (const end = pc + this.#instructions; pc < end; pc++) setCost(priced, pc, 0);
        site++;
      }
      const at = from * instructionBytes;
      if (readU16(priced, pc * instructionBytes) !== readU16(original.code, at)) {
        throw new Error(
          `expected ${executedRow(readU16(original.code, at))?.mnemonic} of pc ${from} at pc ${pc} of the probed program`,
        );
      }
      setCost(priced, pc, readU16(original.code, at + costAt));
    }
    return priced;
  }
}

/** Place of the cost within an instruction. */
const costAt = 2;

function setCost(code: Uint8Array, pc: number, cost: number): void {
  code[pc * instructionBytes + costAt] = cost >>> 8;
  code[pc * instructionBytes + costAt + 1] = cost;
}

/** Counts, asks, and answers by making the counter negative and a trap. */
function probeCode(counter: number, { bytes }: ConditionCode): Uint8Array {
  const code = new Writer();
  code.at("global.get", counter).i64(1n).op("i64.add").at("global.set", counter);
  code.raw(bytes).open("if");
  code.i64(-1n).at("global.get", counter).op("i64.sub").at("global.set", counter);
  return code.op("unreachable").op("end").bytes;
}

/** Modules linked as the original's were; undefined where a limit is in the way. */
function linkedAs(original: Program, modules: readonly NamedModule[]): Program | undefined {
  const { gateway, limits, growth, chunkFuel } = original.config;
  const last = original.modules.at(-1);
  const name = last?.module.exports.find(
    ({ kind, index }) =>
      kind === "function" &&
      original.functions[last.functions[index]]?.entryPc === gateway?.entryPc,
  )?.name;
  const options = { limits, growth, chunkFuel, unknownImports: "trap" } as const;
  try {
    return link(modules, name === undefined ? options : { ...options, gateway: name });
  } catch (error) {
    if (error instanceof LinkError && error.code === "limit-exceeded") return undefined;
    throw error;
  }
}
