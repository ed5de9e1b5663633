/**
 * `record`: state hashes along a run, for `bisect`.
 */
import { Command } from "commander";
import { flipMemory, flipStack } from "./game/faultyExecution.ts";
import { reportTraps } from "./session/calls.ts";
import { writeFile } from "./session/files.ts";
import {
  addCallOptions,
  addJsonOption,
  addProgramOptions,
  type CallOptions,
  count,
  modulesArgument,
  type ProgramOptions,
} from "./session/options.ts";
import { outputOption } from "./session/outputs.ts";
import { record } from "./session/recording.ts";
import { Session } from "./session/runSession.ts";
import { UsageError } from "./terminal/failure.ts";
import { fields, grouped, show } from "./terminal/output.ts";

interface Options extends ProgramOptions, CallOptions {
  readonly out: string;
  readonly every: number;
  readonly fromStep: number;
  readonly toStep?: number;
  readonly fault?: string;
  readonly json: boolean;
}

/** Recordings that are larger help nobody: a finer one of a shorter span does. */
const mostStates = 100_000;

export function recordCommand(): Command {
  const command = new Command("record")
    .description("Note the state hash every so many steps, to compare with another party's run.")
    .argument(...modulesArgument)
    .addOption(outputOption("--out <file>", "file to write").makeOptionMandatory())
    .option("--every <steps>", "steps between two recorded states", count, 1_000_000)
    .option("--from-step <step>", "first recorded step", count, 0)
    .option("--to-step <step>", "last recorded step (default: the end)", count)
    .option(
      "--fault <kind@step>",
      "break the machine after N steps, for trials: flip-memory@N or flip-stack@N",
    )
    .action(recordRun);
  return addJsonOption(addCallOptions(addProgramOptions(command)));
}

function recordRun(files: readonly string[], options: Options): void {
  const { every, fromStep: from, toStep: to } = options;
  if (every < 1) throw new UsageError("--every is 0", "choose 1 or more steps");
  if ((to ?? from) < from || ((to ?? from) - from) / every > mostStates) {
    throw new UsageError(
      `cannot record steps ${from} to ${to ?? "the end"}, every ${every}`,
      `choose ascending steps, at most ${grouped(mostStates)} of them`,
    );
  }
  const session = Session.open(files, options);
  const first = session.steps;
  session.expectCall();
  const fault = faultOf(options.fault, session);
  const recording = record(session, { from, to, every }, fault);
  if (fault !== undefined && !fault.happened) {
    throw new UsageError(
      `${options.fault} never happened: the recorded steps are ${grouped(first)} to ${grouped(session.steps)}`,
      "choose N after the first and up to the last of them",
    );
  }
  writeFile(options.out, `${JSON.stringify(recording)}\n`);
  const summary = {
    out: options.out,
    programRoot: recording.programRoot,
    states: recording.states.length,
    last: recording.states.at(-1),
    ended: recording.ended,
  };
  show(options.json, summary, () =>
    fields([
      ["written to", options.out],
      ["states", grouped(summary.states)],
      ["last step", `${grouped(summary.last?.step ?? 0)}${summary.ended ? ", the end" : ""}`],
      ["state hash", summary.last?.stateHash ?? ""],
    ]),
  );
  reportTraps(session.calls);
}

function faultOf(text: string | undefined, session: Session) {
  if (text === undefined) return undefined;
  const parts = /^(flip-memory|flip-stack)@(\d+)$/.exec(text);
  if (parts === null) {
    throw new UsageError(`no fault is called ${text}`, "write flip-memory@N or flip-stack@N");
  }
  const alter = parts[1] === "flip-memory" ? flipMemory : flipStack;
  const fault = {
    step: Number(parts[2]),
    happened: false,
    alter() {
      alter(session.machine.state);
      fault.happened = true;
    },
  };
  return fault;
}
