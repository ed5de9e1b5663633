/**
 * Light code of programs, for all states: it is made of a whole program only, and runs as long as what was lost by it does not
 * weigh against what ran since.
 *
 * Invariant: with the usual policy what entries have lost that were taken back is at most an eighth of what a program has
 * run, and once its longest run.
 */
import type { Program } from "../program/program.ts";
import { CompiledProgram, planOf } from "./compiledProgram.ts";
import { HostRefusal } from "./hostRefusal.ts";
import { lightEmission } from "./safepoints.ts";

export class LightProgram {
  compiled: CompiledProgram | undefined;
  /** Why there is none; undefined if there is, or if it was not tried. */
  refusal: string | undefined;
  private readonly program: Program;
  /** Steps that code which can stop has still to run. */
  private debt = 0;

  constructor(program: Program) {
    this.program = program;
  }

  /** Whether entries may be light, as far as the program's past tells. */
  get isTrusted(): boolean {
    return this.refusal === undefined && this.debt <= 0;
  }

  /** An entry was taken back, which so many steps have to make good. */
  owe(steps: number): void {
    this.debt = Math.max(0, this.debt) + steps;
  }

  /** So many steps have run in code that can stop, or were owed and are not due. */
  earn(steps: number): void {
    this.debt -= steps;
  }

  /** The whole program, compiled; undefined if the host does not take all of it. */
  compile(): CompiledProgram | undefined {
    if (this.compiled !== undefined || this.refusal !== undefined) return this.compiled;
    try {
      this.compiled = new CompiledProgram(planOf(this.program), lightEmission);
    } catch (error) {
      if (!(error instanceof HostRefusal) || error.code === "unsoundEmission") throw error;
      this.refusal = error.message;
    }
    return this.compiled;
  }
}

const lightPrograms = new WeakMap<Program, LightProgram>();

export function lightProgramOf(program: Program): LightProgram {
  let light = lightPrograms.get(program);
  if (light === undefined) {
    light = new LightProgram(program);
    lightPrograms.set(program, light);
  }
  return light;
}

/** Whether the host has compiled light code of the program. */
export function hasLightCode(program: Program): boolean {
  return lightPrograms.get(program)?.compiled !== undefined;
}
