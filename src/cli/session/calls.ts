/**
 * The calls of a session, as they ended: what each returned or why it trapped, with its own steps and fuel.
 *
 * Invariant: a call that traps hides no other; every call that ended has its entry, in the order of the calls.
 */

import { type ValueType, valueTypes } from "../../interpreter/binary/module.ts";
import {
  type OptionNames,
  refusedGrowReport,
  refusedGrowText,
  type TrapReport,
  trapReport,
  trapText,
} from "../../interpreter/inspect/trapReport.ts";
import { shownValue } from "../../interpreter/inspect/valueText.ts";
import { trapName } from "../../interpreter/isa/trapCodes.ts";
import type { Machine } from "../../interpreter/machine.ts";
import { statusCodes } from "../../interpreter/state/machineState.ts";
import { slotCount, valuesOfSlots } from "../../interpreter/state/valueSlots.ts";
import { remark, setExit } from "../terminal/output.ts";
import { readablePlace, readableReport } from "./names.ts";
import type { Sources } from "./sources.ts";

export interface CallEnding {
  readonly status: keyof typeof statusCodes;
  readonly trap: string | null;
  /** Null unless it ended in `exit`. */
  readonly exitCode: number | null;
}

/** A call that has ended. */
export interface EndedCall extends CallEnding {
  /** `input N`, counted from 1; `start function`; `begun call`, of a saved state; `invocation`. */
  readonly call: string;
  /** Where and why it trapped; null if it returned. */
  readonly trapReport: TrapReport | null;
  /** Slots; empty unless it returned. */
  readonly slots: readonly bigint[];
  /** What it put out. */
  readonly output: Uint8Array;
  /** Of this call alone. */
  readonly steps: number;
  readonly fuel: number;
}

/** Follows a machine from call to call. */
export class CallLog {
  readonly ended: EndedCall[] = [];
  readonly #machine: Machine;
  readonly #sources: Sources;
  #open:
    | { readonly call: string; readonly stepCounter: number; readonly fuelCounter: number }
    | undefined;

  constructor(machine: Machine, sources: Sources) {
    this.#machine = machine;
    this.#sources = sources;
    if (machine.isRunning) this.begun(isAtGenesis(machine) ? "start function" : "begun call");
  }

  /** The report of the last trap, with its places in the source. */
  get trapReport(): TrapReport | undefined {
    const report = trapReport(this.#machine.state);
    return report && this.#sources.located(report);
  }

  /** The machine has begun a call. */
  begun(call: string): void {
    const { stepCounter, fuelCounter } = this.#machine.state;
    this.#open = { call, stepCounter, fuelCounter };
  }

  /** Notes the call at hand if it has ended. */
  settle(): void {
    const open = this.#open;
    if (open === undefined || this.#machine.isRunning) return;
    const { stepCounter, fuelCounter } = this.#machine.state;
    this.ended.push({
      call: open.call,
      ...outcomeOf(this.#machine),
      trapReport: this.trapReport ?? null,
      slots: this.#machine.results(),
      output: this.#machine.output.slice(),
      steps: stepCounter - open.stepCounter,
      fuel: fuelCounter - open.fuelCounter,
    });
    this.#open = undefined;
  }
}

/** Whether it runs its start functions, of which it has executed nothing; a call begins at step 0 of an era as well. */
function isAtGenesis({ program, state }: Machine): boolean {
  return state.stepCounter === 0 && state.pc === program.boot?.entryPc;
}

/** What `status` and `trap` look like to readers of JSON. */
export function outcomeOf(machine: Machine): CallEnding {
  const { status, trap } = machine.state;
  const name = (Object.keys(statusCodes) as (keyof typeof statusCodes)[]).find(
    (key) => statusCodes[key] === status,
  );
  if (name === undefined) throw new RangeError(`expected a status, got ${status}`);
  return {
    status: name,
    trap: status === statusCodes.trapped ? trapName(trap) : null,
    exitCode: machine.exitCode ?? null,
  };
}

/** Results of a call as signed numbers in text, with their types and bits. */
export function shownResults(slots: readonly bigint[], types: readonly ValueType[] | undefined) {
  // A saved state may have been in the middle of another function than the gateway.
  const isKnown = types !== undefined && slotCount(types) === slots.length;
  const known = isKnown ? types : slots.map(() => valueTypes.i64);
  const shown = valuesOfSlots(known, slots).map((value, i) => shownValue(known[i], value));
  return {
    results: shown.map(({ value }) => value),
    types: shown.map(({ type }) => type),
    bits: shown.map((value) => value.bits),
  };
}

/** Results in one line: `144 : i32, 7 : i64`. */
export function resultsText({ results, types }: ReturnType<typeof shownResults>): string {
  return results.map((value, i) => `${value} : ${types[i]}`).join(", ") || "none";
}

/** What the command line calls the options of linking. */
export const flagNames: OptionNames = {
  fixed: "--growth fixed",
  declared: "--growth declared",
  memoryPages: "--memory-pages",
  stackSlots: "--stack-slots",
  frames: "--frames",
  callFuel: "--fuel",
};

/** Says on stderr which calls trapped, where and why; a trap is exit code 1, and so is an exit with another than 0. */
export function reportTraps(calls: readonly EndedCall[]): void {
  for (const { call, trap, trapReport: report, exitCode } of calls) {
    if (exitCode !== null && exitCode !== 0) setExit("refused");
    if (trap === null) continue;
    const which = calls.length === 1 ? "the call" : call;
    remark(
      `wasm-arbiter: ${which} trapped: ${report === null ? trap : trapText(readableReport(report), flagNames)}`,
    );
    setExit("refused");
  }
}

/** A program whose calls returned may have failed all the same, and told it by a result of its own. */
export function remarkRefusedGrow(machine: Machine, calls: readonly EndedCall[]): void {
  const grow = refusedGrowReport(machine.state);
  if (grow === undefined || calls.some(({ trap }) => trap !== null)) return;
  remark(`wasm-arbiter: ${refusedGrowText(readablePlace(grow), flagNames)}`);
}
