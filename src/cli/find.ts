/**
 * `find`: the step at which something happens: bytes are written, a function is entered, a predicate holds
 * (docs/debugging.md, "Find").
 */
import { Command } from "commander";
import { type FindQuery, type FindResult, find as search } from "../debug/index.ts";
import { bytesText, type QueryOptions, queryOf } from "./session/findQuery.ts";
import { instructionLine, nameText } from "./session/names.ts";
import {
  addCallOptions,
  addJsonOption,
  addProgramOptions,
  type CallOptions,
  count,
  modulesArgument,
  type ProgramOptions,
} from "./session/options.ts";
import { instructionAt } from "./session/programFunctions.ts";
import { Session } from "./session/runSession.ts";
import { addSourceOptions, placeText, type SourceOptions } from "./session/sources.ts";
import { colour, fields, grouped, setExit, show } from "./terminal/output.ts";
import { progressOf } from "./terminal/progress.ts";
import { visibleName } from "./terminal/visible.ts";

interface Options extends ProgramOptions, CallOptions, SourceOptions, QueryOptions {
  readonly fromStep: number;
  readonly before?: number;
  readonly json: boolean;
}

export function findCommand(): Command {
  const command = new Command("find")
    .description(
      "Find the first step from --from-step on that writes bytes, enters a function or makes a predicate hold; or the last one before --before that writes bytes. Exit code 1 if there is none.",
    )
    .argument(...modulesArgument)
    .option(
      "--writes <range>",
      "a write to bytes: ADDRESS, FROM..TO (TO not included) or FROM+LENGTH",
    )
    .option("--memory <index>", "program-wide number of that memory (default: 0)", count)
    .option("--enters <function>", "an entry of a function, by name or program-wide number")
    .option("--nth <count>", "which entry (default: 1)", count)
    .option("--where <predicate>", "such as 'memory[0x400].i32 == 7'; see docs/debugging.md")
    .option("--from-step <step>", "first step that is looked at", count, 0)
    .option("--before <step>", "with --writes: the last write before that step", count)
    .action(find);
  return addJsonOption(addSourceOptions(addCallOptions(addProgramOptions(command))));
}

function find(files: readonly string[], options: Options): void {
  const session = Session.open(files, options);
  session.expectCall();
  const query = queryOf(session.program, options);
  session.runUpTo(options.fromStep);
  const progress = progressOf("looking", options.before);
  const from = session.steps;
  const result = search(session.machine, query, {
    beginNext: () => session.beginNext(),
    onProgress: (step) => progress.report(step - from),
    ...(options.before === undefined ? {} : { end: options.before }),
  });
  progress.end();
  const looked = session.steps;
  const found = result === undefined ? null : describe(session, result);
  show(options.json, { found, looked }, () =>
    found === null ? `none in steps ${grouped(from)} to ${grouped(looked)}` : text(found, query),
  );
  if (found === null) setExit("refused");
}

type Found = ReturnType<typeof describe>;

function describe({ program, sources, machine }: Session, { step, pc, written }: FindResult) {
  const instruction = pc < 0 ? undefined : instructionAt(program, pc);
  const last = writtenJustNow(machine.state.stepCounter, step, written);
  return {
    step,
    pc: pc < 0 ? null : pc,
    function: instruction?.function ?? null,
    module: instruction?.module ?? null,
    offset: instruction?.offset ?? null,
    instruction: instruction?.text ?? null,
    source: pc < 0 ? null : sources.at(pc),
    written: written ?? null,
    bytes: last && bytesText(machine.state, last),
  };
}

/** What was written, if the machine stands right behind the step that wrote it. */
function writtenJustNow(
  at: number,
  step: number,
  written: FindResult["written"],
): NonNullable<FindResult["written"]> | null {
  return written !== undefined && at === step + 1 ? written : null;
}

function text(found: Found, { kind }: FindQuery): string {
  const { step, pc, written, source, bytes } = found;
  const what = { write: "writes", lastWrite: "writes", entry: "enters", predicate: "holds before" };
  const where = `${nameText(found.function ?? "")}${found.module ? ` (${visibleName(found.module)}, byte ${found.offset})` : ""}`;
  return fields([
    ["step", colour("bold", grouped(step))],
    ...(pc === null
      ? ([["at", "the end of a call"]] as const)
      : ([
          [what[kind], instructionLine(found.instruction ?? "")],
          ["in", `${where}, pc ${pc}`],
        ] as const)),
    ...(source === null ? [] : ([["source", placeText(source)]] as const)),
    ...(written === null
      ? []
      : ([
          [
            "bytes",
            `${grouped(written.length)} at 0x${written.address.toString(16)} of memory ${written.memory}${bytes === null ? "" : `: ${bytes}`}`,
          ],
        ] as const)),
  ]);
}
