/**
 * Recorded runs: state hashes at steps of a run, as a file that can be compared with another party's.
 *
 * Invariant: entries ascend by step; the last one is the state at which the run (or the recorded span) ended.
 */
import { programRoot } from "../../merkle/index.ts";
import { UsageError } from "../terminal/failure.ts";
import { hex } from "../terminal/output.ts";
import { readJson } from "./files.ts";
import type { Session } from "./runSession.ts";

export const recordingKind = "wasm-arbiter recorded run";

export interface RecordedState {
  readonly step: number;
  readonly stateHash: string;
}

export interface Recording {
  readonly kind: typeof recordingKind;
  readonly version: 1;
  readonly programRoot: string;
  readonly states: readonly RecordedState[];
  /** Whether the last state is the end of the run. */
  readonly ended: boolean;
}

export interface Span {
  readonly from: number;
  /** Undefined: the end of the run. */
  readonly to: number | undefined;
  readonly every: number;
}

/** Runs the session over the span and notes the hashes; `disturb` may alter the machine after a given step. */
export function record(
  session: Session,
  span: Span,
  disturb?: { readonly step: number; readonly alter: () => void },
): Recording {
  const states: RecordedState[] = [];
  const note = () => {
    // The end may fall on a recorded step.
    if (states.at(-1)?.step === session.steps) return;
    states.push({ step: session.steps, stateHash: hex(session.tree.stateHash()) });
  };
  const advance = (target: number) => {
    const pending = disturb !== undefined && session.steps < disturb.step && disturb.step <= target;
    if (pending) {
      session.runUpTo(disturb.step);
      if (session.steps === disturb.step) disturb.alter();
    }
    session.runUpTo(target);
  };
  advance(span.from);
  for (let step = span.from; ; step += span.every) {
    advance(Math.min(step, span.to ?? step));
    note();
    if (session.steps < step || session.steps === span.to) break;
  }
  return {
    kind: recordingKind,
    version: 1,
    programRoot: hex(programRoot(session.program)),
    states,
    ended: !session.isRunning,
  };
}

export function readRecording(path: string): Recording {
  const value = readJson(path) as Partial<Recording>;
  const valid =
    value.kind === recordingKind &&
    value.version === 1 &&
    isHash(value.programRoot) &&
    typeof value.ended === "boolean" &&
    Array.isArray(value.states) &&
    value.states.length > 0 &&
    value.states.every(isRecordedState) &&
    value.states.every(({ step }, i, all) => i === 0 || all[i - 1].step < step);
  if (!valid) throw new UsageError(`${path} is no recorded run`, "give a file that record wrote");
  return value as Recording;
}

function isHash(value: unknown): boolean {
  return typeof value === "string" && /^0x[\da-f]{64}$/.test(value);
}

function isRecordedState(value: unknown): boolean {
  const { step, stateHash } = (value ?? {}) as Partial<RecordedState>;
  return Number.isSafeInteger(step) && (step ?? -1) >= 0 && isHash(stateHash);
}
