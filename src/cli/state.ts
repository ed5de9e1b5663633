/**
 * `state --at N`: the machine before step N + 1: pc, function, instruction, operands, frames, state hash.
 */
import { Command } from "commander";
import { trapText } from "../interpreter/inspect/trapReport.ts";
import { trapName } from "../interpreter/isa/trapCodes.ts";
import { flagNames } from "./session/calls.ts";
import { instructionLine, nameText, readableReport } from "./session/names.ts";
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
import { Session } from "./session/runSession.ts";
import { writeState } from "./session/savedState.ts";
import {
  addSourceOptions,
  frameText,
  placeText,
  type SourceOptions,
  type Sources,
} from "./session/sources.ts";
import { type FrameView, type StateView, viewOf } from "./session/view.ts";
import { colour, counted, fields, grouped, hex, show } from "./terminal/output.ts";
import { visible, visibleName } from "./terminal/visible.ts";

interface Options extends ProgramOptions, CallOptions, SourceOptions {
  readonly at: number;
  readonly save?: string;
  readonly json: boolean;
}

export function stateCommand(): Command {
  const command = new Command("state")
    .description("Run to step N and show the state from which the next instruction executes.")
    .argument(...modulesArgument)
    .requiredOption("--at <step>", "step to stop at, a value of the step counter", count)
    .addOption(outputOption("--save <file>", "save the state there, for --from"))
    .action(state);
  return addJsonOption(addSourceOptions(addCallOptions(addProgramOptions(command))));
}

function state(files: readonly string[], options: Options): void {
  const session = Session.open(files, options);
  session.runTo(options.at);
  const view = viewOf(session.machine.state, session.sources);
  const stateHash = hex(session.tree.stateHash());
  if (options.save !== undefined) writeState(options.save, session.tree);
  const report = session.trapReport;
  const trapped =
    report === undefined ? trapName(view.trap) : trapText(readableReport(report), flagNames);
  show(options.json, { ...view, trapReport: report ?? null, stateHash }, () =>
    text(view, trapped, stateHash, session.sources),
  );
}

function text(view: StateView, trapped: string, stateHash: string, sources: Sources): string {
  const where =
    view.function === null
      ? []
      : ([
          ["at", `${nameText(view.function)}${binaryPlace(view)}, pc ${view.pc}`],
          ...sourceRows(view, sources),
          ["next", colour("bold", instructionLine(view.instruction ?? ""))],
          ["locals", numbered(view.locals)],
          ["operands", numbered(view.operands)],
          ...view.frames.slice(1, 20).map((frame) => ["called by", callerText(frame)] as const),
        ] as const);
  return fields([
    ...(view.era === 0 ? [] : [["era", grouped(view.era)] as const]),
    ["step", grouped(view.step)],
    ["status", view.trap === 0 ? view.status : `${view.status}: ${trapped}`],
    ...where,
    ...(view.status === "returned" ? [["results", numbered(view.results)] as const] : []),
    ["fuel", `${grouped(view.fuel)} of at most ${grouped(view.fuelLimit)}`],
    ["memory", listed(view.memoryPages, "page")],
    ["dirty", listed(view.dirtyChunks, "chunk")],
    ["state hash", stateHash],
  ]);
}

/** Where the instruction comes from, and the line itself if its file is found. */
function sourceRows({ source, pc }: StateView, sources: Sources): [string, string][] {
  if (source === null || pc === null) return [];
  const line = sources.lineText(pc, source);
  return [
    ["source", placeText(source)],
    ...(line === undefined ? [] : [["line", visible(line.trim())] as [string, string]]),
  ];
}

function callerText({ function: name, pc, source }: FrameView): string {
  return `${nameText(name)}${source === null ? "" : ` (${frameText(source)})`}, pc ${pc}`;
}

/** Code that the linker made, like `boot`, stands in no module. */
function binaryPlace({ module, offset }: StateView): string {
  return module ? ` (${visibleName(module)}, byte ${offset})` : "";
}

/** One count a memory. */
function listed(counts: readonly number[], noun: string): string {
  return counts.map((count) => counted(count, noun)).join(", ") || "none";
}

function numbered(slots: readonly string[]): string {
  const shown = slots.slice(0, 24).map((bits, i) => `${i}: ${bits}`);
  if (slots.length > shown.length) shown.push(`… ${slots.length - shown.length} more`);
  return shown.join("  ") || "none";
}
