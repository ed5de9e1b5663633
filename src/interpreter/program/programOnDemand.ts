/**
 * A program as executors read it: its instructions are made function by function, as they are asked for. Whoever reads
 * `code`, `branches` or `heights` of the program itself has all of them made.
 *
 * Invariant: what is there of the arrays is what the program has; records of functions that nobody has asked for are zero.
 */
import type { DeferredBodies } from "./deferredBodies.ts";
import type { Program } from "./program.ts";

/** A program whose arrays of instructions may have gaps. */
export interface ProgramOnDemand extends Program {
  /** Fills the gap at `pc`, if there is one: all of the function that holds it. */
  lowerAt(pc: number): void;
}

const partsOfPrograms = new WeakMap<Program, ProgramOnDemand>();

/** The same program with gaps. Its arrays are those of the program. */
export function onDemand(program: Program): ProgramOnDemand {
  let parts = partsOfPrograms.get(program);
  if (parts === undefined) {
    parts = { ...program, lowerAt: () => {} };
    partsOfPrograms.set(program, parts);
  }
  return parts;
}

/** The program without what lowers the rest of its instructions when one of its arrays is read. */
export function withGaps(program: Program): Program {
  return partsOfPrograms.get(program) ?? program;
}

/** The program whose arrays of instructions, as given, have gaps where bodies were deferred. */
export function deferring(program: Program, bodies: DeferredBodies): Program {
  const whole: Program = {
    ...program,
    get code() {
      bodies.lowerAll();
      return program.code;
    },
    get branches() {
      bodies.lowerAll();
      return program.branches;
    },
    get heights() {
      bodies.lowerAll();
      return program.heights;
    },
  };
  partsOfPrograms.set(whole, { ...program, lowerAt: (pc) => bodies.lowerAt(pc) });
  return whole;
}
