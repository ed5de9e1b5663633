/**
 * What the machine's tests share: assembled modules as programs, the two ways of running them, whole-state comparison.
 */
import { isDeepStrictEqual } from "node:util";
import { expect } from "vitest";
import { assemble, type ModuleText } from "../../spec-tests/corpus/assembler.ts";
import { decodeModule } from "../../src/interpreter/binary/decode.ts";
import { runBlockwise } from "../../src/interpreter/blocks/runBlockwise.ts";
import { runExactly } from "../../src/interpreter/blocks/runSteps.ts";
import type { TrapName } from "../../src/interpreter/isa/trapCodes.ts";
import { trapName } from "../../src/interpreter/isa/trapCodes.ts";
import { link } from "../../src/interpreter/program/link.ts";
import type { LinkOptions } from "../../src/interpreter/program/linkOptions.ts";
import type { Program } from "../../src/interpreter/program/program.ts";
import { genesis } from "../../src/interpreter/state/genesis.ts";
import { beginInvocation } from "../../src/interpreter/state/invocation.ts";
import type { MachineState } from "../../src/interpreter/state/machineState.ts";
import { type Snapshot, snapshot } from "../../src/interpreter/state/snapshot.ts";

export function programOf(text: ModuleText, options: Partial<LinkOptions> = {}): Program {
  return link([{ name: "test", module: decodeModule(assemble(text)) }], options);
}

/** Runs at most `steps` steps. */
export type Executor = (state: MachineState, steps: number) => void;

/** The definition, and the block executor that has to agree with it. */
export const executors: readonly (readonly [name: string, run: Executor])[] = [
  ["step", runExactly],
  ["blocks", runBlockwise],
];

export const unlimited = Number.MAX_SAFE_INTEGER;

/** A genesis state at the beginning of an invocation of function `index`. */
export function invoked(program: Program, index: number, args: readonly bigint[]): MachineState {
  const state = genesis(program);
  beginInvocation(state, index, args);
  return state;
}

export interface RunOutcome {
  readonly trap: TrapName;
  readonly results: readonly bigint[];
  readonly after: Snapshot;
}

/** The exported-first function of a program on arguments, run to the end. */
export function outcome(
  run: Executor,
  program: Program,
  args: readonly bigint[] = [],
  index = 0,
): RunOutcome {
  const state = invoked(program, index, args);
  run(state, unlimited);
  const after = snapshot(state);
  const results = Array.from(
    { length: after.trap === 0 ? after.sp : 0 },
    (_, slot) =>
      (BigInt(after.stack[slot * 2 + 1] >>> 0) << 32n) | BigInt(after.stack[slot * 2] >>> 0),
  );
  return { trap: trapName(after.trap), results, after };
}

/** Compares a state with a snapshot in everything that a commitment sees. */
export function expectState(actual: MachineState, expected: Snapshot): void {
  const seen = snapshot(actual);
  // Vitest's own comparison walks typed arrays element by element; it is only asked for its message.
  if (!isDeepStrictEqual(seen, expected)) expect(seen).toEqual(expected);
}

export function expectSameState(actual: MachineState, expected: MachineState): void {
  expectState(actual, snapshot(expected));
}
