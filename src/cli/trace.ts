/**
 * `trace --from-step A --to-step B`: every step of a span: instruction, operands, effects, fuel.
 */
import { Command } from "commander";
import { find, type SourcePlace } from "../debug/index.ts";
import { functionOf, predicateOf } from "./session/findQuery.ts";
import { effectText, instructionLine, nameText, slotText } from "./session/names.ts";
import {
  addCallOptions,
  addJsonOption,
  addProgramOptions,
  type CallOptions,
  count,
  modulesArgument,
  type ProgramOptions,
} from "./session/options.ts";
import { Session } from "./session/runSession.ts";
import {
  addSourceOptions,
  placeText,
  type SourceOptions,
  type Sources,
} from "./session/sources.ts";
import { type TracedStep, traceStep } from "./session/stepTrace.ts";
import { UsageError } from "./terminal/failure.ts";
import { colour, grouped, show } from "./terminal/output.ts";
import { visible, visibleName } from "./terminal/visible.ts";

interface Options extends ProgramOptions, CallOptions, SourceOptions {
  readonly fromStep: number;
  readonly toStep?: number;
  readonly break?: string;
  readonly until?: string;
  readonly json: boolean;
}

const defaultSteps = 100;
/** More would not be read, and would not fit into one JSON object. */
const mostSteps = 1_000_000;

export function traceCommand(): Command {
  const command = new Command("trace")
    .description("Run to step A and show each instruction up to step B with operands and effects.")
    .argument(...modulesArgument)
    .option("--from-step <step>", "first step", count, 0)
    .option("--break <function>", "begin where that function is entered next, from --from-step on")
    .option("--until <predicate>", "end where it holds, as --where of find takes it")
    .option("--to-step <step>", `step to stop at (default: ${defaultSteps} steps on)`, count)
    .action(trace);
  return addJsonOption(addSourceOptions(addCallOptions(addProgramOptions(command))));
}

function trace(files: readonly string[], options: Options): void {
  const { fromStep, toStep, until } = options;
  if (toStep !== undefined || options.break === undefined) {
    checkSpan(fromStep, toStep ?? fromStep + defaultSteps);
  }
  const session = Session.open(files, options);
  session.expectCall();
  const predicate = until === undefined ? undefined : predicateOf(session.program, until);
  session.runTo(fromStep);
  if (options.break !== undefined) goToEntry(session, options.break);
  const longest = until === undefined ? defaultSteps : mostSteps;
  const end = toStep ?? session.steps + longest;
  const isReached = () => predicate?.holds(session.machine.state) === true;
  const steps: TracedStep[] = [];
  while (session.steps < end && session.beginNext() && !isReached())
    steps.push(traceStep(session.machine, session.sources));
  const ended = reasonOf(isReached(), session.steps < end);
  const text = () => [
    head,
    ...lines(steps, session.sources),
    ...(steps.length > 0 ? [] : [noSteps[ended](session)]),
  ];
  show(options.json, { steps, ended }, () => text().join("\n"));
}

/** Why a trace ends: its predicate holds, its span is over, or nothing is left to run. */
type Ended = "until" | "span" | "run";

function reasonOf(isReached: boolean, isWithin: boolean): Ended {
  if (isReached) return "until";
  return isWithin ? "run" : "span";
}

/** What a trace without steps says instead of them. */
const noSteps: Readonly<Record<Ended, (session: Session) => string>> = {
  until: ({ steps }) => `no step: what --until asks for holds already at step ${grouped(steps)}`,
  span: ({ steps }) => `no step: the span begins and ends at step ${grouped(steps)}`,
  run: ({ steps }) => `no step: the run has ended at step ${grouped(steps)}`,
};

function goToEntry(session: Session, name: string): void {
  const query = { kind: "entry", function: functionOf(session.program, name), nth: 1 } as const;
  const beginNext = () => session.beginNext();
  if (find(session.machine, query, { beginNext }) !== undefined) return;
  throw new UsageError(
    `${visibleName(name)} is not entered again before the run ends at step ${grouped(session.steps)}`,
    "choose another function, or an earlier --from-step",
  );
}

function checkSpan(from: number, to: number): void {
  if (to < from) {
    throw new UsageError(
      `--to-step ${grouped(to)} lies before --from-step ${grouped(from)}`,
      "choose steps in ascending order",
    );
  }
  if (to - from > mostSteps) {
    throw new UsageError(
      `a trace shows at most ${grouped(mostSteps)} steps, asked for ${grouped(to - from)}`,
      "choose a --to-step nearer to --from-step, or record state hashes along the run with record",
    );
  }
}

const widths = { step: 10, fuel: 6, pc: 6 } as const;
/** Where instructions begin. */
const indent = widths.step + widths.fuel + widths.pc + 5;
/** Tells lines apart: columns change with every operand. */
function lineKey({ file, line, inlinedInto }: SourcePlace): string {
  return JSON.stringify([file, line, ...inlinedInto.map((frame) => [frame.file, frame.line])]);
}

const head = `${"step".padStart(widths.step)} ${"fuel".padStart(widths.fuel)}  ${"pc".padStart(widths.pc)}  instruction`;

function lines(steps: readonly TracedStep[], sources: Sources): string[] {
  let owner = "";
  let place = "";
  return steps.flatMap((step) => {
    const owned = step.function === owner ? [] : [colour("bold", `${nameText(step.function)}:`)];
    owner = step.function;
    const { source } = step;
    const at = source === null ? "" : lineKey(source);
    if (at !== place && source !== null && source.line > 0) {
      const line = sources.lineText(step.pc, source);
      const text = line === undefined ? "" : `  ${visible(line.trim())}`;
      owned.push(colour("dim", `${" ".repeat(indent)}${placeText(source)}${text}`));
    }
    // Code that stands for no line belongs to the line before it.
    if (source?.line !== 0) place = at;
    const operands =
      step.operands.length > 0
        ? `  (${step.operands.map((bits, i) => slotText(bits, step.operandTypes[i])).join(" ")})`
        : "";
    const effects =
      step.effects.length > 0
        ? `  → ${step.effects.map((effect) => effectText(effect, step)).join(", ")}`
        : "";
    const counter = colour("dim", String(step.step).padStart(widths.step));
    const fuel = String(step.fuel).padStart(widths.fuel);
    return [
      ...owned,
      `${counter} ${fuel}  ${String(step.pc).padStart(widths.pc)}  ${instructionLine(step.instruction)}${operands}${effects}`,
    ];
  });
}
