/**
 * `trace --from-step A --to-step B`: every step of a span: instruction, operands, effects, fuel.
 */
import { Command } from "commander";
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
import { type TracedStep, traceStep } from "./session/stepTrace.ts";
import { UsageError } from "./terminal/failure.ts";
import { colour, grouped, show } from "./terminal/output.ts";

interface Options extends ProgramOptions, CallOptions {
  readonly fromStep: number;
  readonly toStep?: number;
  readonly json: boolean;
}

const defaultSteps = 100;
/** More would not be read, and would not fit into one JSON object. */
const mostSteps = 1_000_000;

export function traceCommand(): Command {
  const command = new Command("trace")
    .summary("every step of a span")
    .description("Run to step A and show each instruction up to step B with operands and effects.")
    .argument(...modulesArgument)
    .option("--from-step <step>", "first step", count, 0)
    .option("--to-step <step>", `step to stop at (default: ${defaultSteps} steps on)`, count)
    .action(trace);
  return addJsonOption(addCallOptions(addProgramOptions(command)));
}

function trace(files: readonly string[], options: Options): void {
  const end = options.toStep ?? options.fromStep + defaultSteps;
  checkSpan(options.fromStep, end);
  const session = Session.open(files, options);
  session.expectCall();
  session.runTo(options.fromStep);
  const steps: TracedStep[] = [];
  while (session.steps < end && session.beginNext()) steps.push(traceStep(session.machine));
  show(options.json, { steps }, () => [head, ...lines(steps)].join("\n"));
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
const head = `${"step".padStart(widths.step)} ${"fuel".padStart(widths.fuel)}  ${"pc".padStart(widths.pc)}  instruction`;

function lines(steps: readonly TracedStep[]): string[] {
  let owner = "";
  return steps.flatMap((step) => {
    const owned = step.function === owner ? [] : [colour("bold", `${nameText(step.function)}:`)];
    owner = step.function;
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
