/**
 * `bisect`: two recorded runs compared offline: where they part, and, with the program at hand, who is wrong and what
 * the instruction is.
 *
 * Invariant: nothing of a recording is believed; exit 0 if the recordings agree wherever both speak, 1 if not.
 */
import { Command } from "commander";
import { programRoot } from "../merkle/index.ts";
import {
  addCallOptions,
  addJsonOption,
  addProgramOptions,
  type CallOptions,
  collect,
  type ProgramOptions,
} from "./session/options.ts";
import { type Recording, readRecording } from "./session/recording.ts";
import { Session } from "./session/session.ts";
import { viewOf } from "./session/view.ts";
import { UsageError } from "./terminal/failure.ts";
import { colour, fields, grouped, hex, setExit, show } from "./terminal/output.ts";

interface Options extends ProgramOptions, CallOptions {
  readonly module: readonly string[];
  readonly json: boolean;
}

export function bisectCommand(): Command {
  const command = new Command("bisect")
    .summary("find where two recorded runs part")
    .description(
      "Compare two files of record. With --module and the run's inputs the truth is computed too, and a span of one step is shown as its instruction.",
    )
    .argument("<left>", "recorded run")
    .argument("<right>", "recorded run")
    .option("--module <file>", "binary of the program; repeat in order", collect, [])
    .action(bisect);
  return addJsonOption(addCallOptions(addProgramOptions(command)));
}

interface Parting {
  /** Last step at which both recordings have the same hash; null if there is none. */
  readonly agreeAt: number | null;
  /** First step at which they have different ones. */
  readonly differAt: number;
  readonly left: string;
  readonly right: string;
}

function bisect(leftPath: string, rightPath: string, options: Options): void {
  const left = readRecording(leftPath);
  const right = readRecording(rightPath);
  if (left.programRoot !== right.programRoot) {
    throw new UsageError(
      "the recordings are of different programs",
      "record both with the same modules and options",
    );
  }
  const parting = partingOf(left, right);
  if (parting === undefined) {
    const last = left.states.at(-1)?.step ?? 0;
    show(options.json, { equal: true }, () => `the runs agree up to step ${grouped(last)}`);
    return;
  }
  setExit("refused");
  const truth = options.module.length > 0 ? truthAt(parting, left, options) : undefined;
  const result = { equal: false, ...parting, ...truth };
  show(options.json, result, () => text(result, leftPath, rightPath));
}

/** Where both recordings speak and first say different things; lengths count as the end's. */
function partingOf(left: Recording, right: Recording): Parting | undefined {
  const others = new Map(right.states.map(({ step, stateHash }) => [step, stateHash]));
  let agreeAt: number | null = null;
  let common = 0;
  for (const { step, stateHash } of left.states) {
    const other = others.get(step);
    if (other === undefined) continue;
    common++;
    if (other !== stateHash) return { agreeAt, differAt: step, left: stateHash, right: other };
    agreeAt = step;
  }
  if (common === 0) {
    throw new UsageError(
      "the recordings share no step",
      "record both with the same --from-step and --every",
    );
  }
  const ends = [left, right].map(({ states }) => states[states.length - 1]);
  if (!(left.ended && right.ended) || ends[0].step === ends[1].step) return undefined;
  const differAt = Math.min(ends[0].step, ends[1].step);
  return { agreeAt, differAt, left: ends[0].stateHash, right: ends[1].stateHash };
}

function truthAt(parting: Parting, recording: Recording, options: Options) {
  const session = Session.open(options.module, options);
  if (hex(programRoot(session.program)) !== recording.programRoot) {
    throw new UsageError(
      "the modules are not the recorded program",
      "give the modules and options that were recorded",
    );
  }
  const { agreeAt, differAt } = parting;
  session.runUpTo(agreeAt ?? differAt);
  const single = agreeAt !== null && differAt === agreeAt + 1 && session.steps === agreeAt;
  const view = single ? viewOf(session.machine.state) : undefined;
  session.runUpTo(differAt);
  const truth = hex(session.tree.stateHash());
  const at = session.steps === differAt ? truth : null;
  const wrong = (["left", "right"] as const).filter((side) => parting[side] !== at);
  return { truth: at, wrong, ...(view === undefined ? {} : { at: view }) };
}

type Result = Parting & Partial<ReturnType<typeof truthAt>>;

function text(result: Result, leftPath: string, rightPath: string): string {
  const { agreeAt, differAt, wrong, at } = result;
  const rows: (readonly [string, string])[] = [
    ["agree at", agreeAt === null ? "no recorded step" : `step ${grouped(agreeAt)}`],
    ["differ at", `step ${grouped(differAt)}`],
    [leftPath, result.left],
    [rightPath, result.right],
  ];
  if (wrong !== undefined) {
    const names = wrong.map((side) => (side === "left" ? leftPath : rightPath));
    rows.push(["truth", result.truth ?? `the run ends before step ${grouped(differAt)}`]);
    rows.push(["wrong", colour("red", names.join(" and ") || "neither")]);
  }
  if (at !== undefined) {
    rows.push(["instruction", colour("bold", at.instruction ?? "none")]);
    rows.push(["in", `${at.function}, pc ${at.pc}, byte ${at.offset}`]);
  } else if (agreeAt !== null && differAt > agreeAt + 1) {
    const every = Math.max(1, Math.ceil((differAt - agreeAt) / 1000));
    rows.push([
      "next",
      `record both again with --from-step ${agreeAt} --to-step ${differAt} --every ${every}`,
    ]);
  }
  return fields(rows);
}
