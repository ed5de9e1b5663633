/**
 * `bisect`: two recorded runs compared offline: where they part, and, with the program at hand, who is wrong and what
 * the instruction is.
 *
 * Invariant: nothing of a recording is believed, and nothing is said about steps that were not compared; exit 0 if the
 * recordings agree wherever both speak, 1 if not.
 */
import { Command } from "commander";
import { programRoot } from "../merkle/index.ts";
import { instructionLine, nameText } from "./session/names.ts";
import {
  addCallOptions,
  addJsonOption,
  addProgramOptions,
  type CallOptions,
  moduleAlias,
  modulesArgument,
  type ProgramOptions,
} from "./session/options.ts";
import { type RecordedState, type Recording, readRecording } from "./session/recording.ts";
import { Session } from "./session/runSession.ts";
import { viewOf } from "./session/view.ts";
import { UsageError } from "./terminal/failure.ts";
import { colour, fields, grouped, hex, setExit, show } from "./terminal/output.ts";

interface Options extends ProgramOptions, CallOptions {
  readonly module: readonly string[];
  /** How many of the modules are the project's; set where the command line names none. */
  readonly projectModules?: number;
  readonly json: boolean;
}

export function bisectCommand(): Command {
  const command = new Command("bisect")
    .description(
      "Compare two files of record. With the modules and the run's inputs the truth is computed too, and a span of one step is shown as its instruction.",
    )
    .argument("<left>", "recorded run")
    .argument("<right>", "recorded run")
    .argument(...modulesArgument)
    .addOption(moduleAlias("--module <file>"))
    .action(bisect);
  return addJsonOption(addCallOptions(addProgramOptions(command)));
}

const sides = ["left", "right"] as const;

/** What a run says about one of its steps. */
interface Point extends RecordedState {
  /** Whether the run ends there. */
  readonly ended: boolean;
}

interface Parting {
  /** Where they part: a step at which both have a state, or the one at which the shorter run ends. */
  readonly differAt: number;
  /** What each says there; of the longer run the next state that it recorded. */
  readonly left: Point;
  readonly right: Point;
}

function bisect(
  leftPath: string,
  rightPath: string,
  named: readonly string[],
  options: Options,
): void {
  const files = [...named, ...options.module];
  const left = readRecording(leftPath);
  const right = readRecording(rightPath);
  if (left.programRoot !== right.programRoot) {
    throw new UsageError(
      "the recordings are of different programs",
      "record both with the same modules and options",
    );
  }
  const { agreed, parting } = compare(left, right);
  const last = agreed.at(-1);
  if (parting === undefined && last !== undefined) {
    const result = { equal: true, comparedSteps: agreed.length, lastCommonStep: last.step };
    show(options.json, result, () => equalText(result, endOf(left, last) && endOf(right, last)));
    return;
  }
  if (parting === undefined) {
    throw new UsageError(
      "the recordings share no step",
      "record both with the same --from-step and --every",
    );
  }
  setExit("refused");
  const truth =
    files.length > 0 && asksForTruth(options)
      ? truthAt(agreed, parting, openSession(left.programRoot, files, options))
      : undefined;
  const result = { equal: false, agreeAt: last?.step ?? null, ...parting, ...truth };
  show(options.json, result, () => text(result, leftPath, rightPath));
}

const endOf = ({ states, ended }: Recording, { step }: RecordedState): boolean =>
  ended && states[states.length - 1].step === step;

/** The states that both recordings hold before they part, and where they do; lengths count where a run has ended. */
function compare(
  left: Recording,
  right: Recording,
): { readonly agreed: readonly RecordedState[]; readonly parting?: Parting } {
  const others = new Map(right.states.map((state) => [state.step, state]));
  const agreed: RecordedState[] = [];
  for (const state of left.states) {
    const other = others.get(state.step);
    if (other === undefined) continue;
    if (other.stateHash !== state.stateHash) {
      const points = { left: pointOf(left, state), right: pointOf(right, other) };
      return { agreed, parting: { differAt: state.step, ...points } };
    }
    agreed.push(state);
  }
  if (agreed.length === 0) return { agreed };
  const [leftEnd, rightEnd] = [left, right].map(({ states }) => states[states.length - 1]);
  const differAt = Math.min(leftEnd.step, rightEnd.step);
  const shorterEnded = leftEnd.step < rightEnd.step ? left.ended : right.ended;
  if (leftEnd.step === rightEnd.step || !shorterEnded) return { agreed };
  return {
    agreed,
    parting: { differAt, left: nextOf(left, differAt), right: nextOf(right, differAt) },
  };
}

const pointOf = (recording: Recording, state: RecordedState): Point => ({
  ...state,
  ended: endOf(recording, state),
});

/** The shorter run's end, or what the longer one recorded next. */
function nextOf(recording: Recording, shorterEnd: number): Point {
  const last = recording.states[recording.states.length - 1];
  const next = recording.states.find(({ step }) => step > shorterEnd);
  return pointOf(recording, next ?? last);
}

/** The project's modules alone do not: which inputs were recorded is not said. */
function asksForTruth({ projectModules, input, inputHex, from }: Options): boolean {
  return projectModules === undefined || input.length + inputHex.length > 0 || from !== undefined;
}

function openSession(recordedRoot: string, files: readonly string[], options: Options): Session {
  const session = Session.open(files, options);
  if (hex(programRoot(session.program)) !== recordedRoot) {
    throw new UsageError(
      "the modules are not the recorded program",
      "give the modules and options that were recorded",
    );
  }
  return session;
}

/** Runs the call itself over the parting: each side is held against the truth at its own step. */
function truthAt(agreed: readonly RecordedState[], parting: Parting, session: Session) {
  const { differAt } = parting;
  const start = session.steps;
  const agreeAt = agreed.at(-1)?.step;
  if ((agreeAt ?? differAt) < start) {
    throw new UsageError(
      `the run begins at step ${grouped(start)}, after the recordings' last common one`,
      "give --from the state that the recorded run began with",
    );
  }
  const holds = (state: RecordedState): boolean => {
    session.runUpTo(state.step);
    return session.steps === state.step && hex(session.tree.stateHash()) === state.stateHash;
  };
  const first = agreed.find(({ step }) => step >= start);
  if (first !== undefined && !holds(first)) throw notTheRun(first.step, start);
  const agreementHolds = agreed.length === 0 || holds(agreed[agreed.length - 1]);
  const single = agreementHolds && differAt - 1 === agreeAt && session.steps === agreeAt;
  const view = single ? viewOf(session.machine.state) : undefined;
  const isRight = (point: Point) => holds(point) && !(point.ended && session.isRunning);
  const inOrder = [...sides].sort((a, b) => parting[a].step - parting[b].step);
  const right = inOrder.filter((side) => isRight(parting[side]));
  // Before the first step nothing can have gone wrong but the input.
  if (agreed.length === 0 && right.length === 0 && differAt === start)
    throw notTheRun(start, start);
  const truth: Point = {
    step: session.steps,
    stateHash: hex(session.tree.stateHash()),
    ended: !session.isRunning,
  };
  const wrong = sides.filter((side) => !(agreementHolds && right.includes(side)));
  return { truth, agreementHolds, wrong, ...(view === undefined ? {} : { at: view }) };
}

function notTheRun(step: number, start: number): UsageError {
  if (step === start) {
    return new UsageError(
      "these inputs are not those of the recorded run",
      "give the --input and --from that were recorded",
    );
  }
  return new UsageError(
    `both recordings have a state at step ${grouped(step)} that is not this run's`,
    "give the --input and --from that were recorded; if you did, both are wrong",
  );
}

interface Agreement {
  readonly comparedSteps: number;
  readonly lastCommonStep: number;
}

function equalText({ comparedSteps, lastCommonStep }: Agreement, isEnd: boolean): string {
  const last = `${grouped(lastCommonStep)}${isEnd ? ", where both end" : ""}`;
  if (comparedSteps === 1) return `the recordings agree at the one step that both hold, ${last}`;
  return `the recordings agree at the ${grouped(comparedSteps)} steps that both hold, the last of them ${last}`;
}

type Result = Parting & { readonly agreeAt: number | null } & Partial<ReturnType<typeof truthAt>>;

function text(result: Result, leftPath: string, rightPath: string): string {
  const { agreeAt, agreementHolds, differAt, left, right, truth, wrong, at } = result;
  const said = (point: Point): string => {
    if (left.step === right.step && point.step === differAt) return point.stateHash;
    return `${point.ended ? "ends" : "goes on,"} at step ${grouped(point.step)} with ${point.stateHash}`;
  };
  const agreed = agreeAt === null ? "no recorded step" : `step ${grouped(agreeAt)}`;
  const rows: (readonly [string, string])[] = [
    ["agree at", agreementHolds === false ? `${agreed}, on a state that is not the run's` : agreed],
    ["differ at", `step ${grouped(differAt)}`],
    [leftPath, said(left)],
    [rightPath, said(right)],
  ];
  if (truth !== undefined && wrong !== undefined) {
    const names = wrong.map((side) => (side === "left" ? leftPath : rightPath));
    rows.push(["truth", said(truth)]);
    rows.push(["wrong", colour("red", names.join(" and ") || "neither")]);
  }
  if (at !== undefined) {
    rows.push(["instruction", colour("bold", instructionLine(at.instruction ?? "none"))]);
    rows.push(["in", `${nameText(at.function ?? "")}, pc ${at.pc}, byte ${at.offset}`]);
  } else if (agreeAt !== null && differAt > agreeAt + 1) {
    const every = Math.max(1, Math.ceil((differAt - agreeAt) / 1000));
    rows.push([
      "next",
      `record both again with --from-step ${agreeAt} --to-step ${differAt} --every ${every}`,
    ]);
  }
  return fields(rows);
}
