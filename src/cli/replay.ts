/**
 * `replay`: a dispute's transcript against the machine itself, offline; each posted hash right or wrong, the judged
 * instruction, and whether the verdict holds.
 */
import { Command } from "commander";
import type { SourcePlace } from "../debug/index.ts";
import { renderReport } from "../game/report/renderReport.ts";
import { readTranscript, type Transcript } from "../game/transcript/disputeTranscript.ts";
import { type Replay, replayTranscript, sidesText } from "../game/transcript/replayTranscript.ts";
import { type ShownValue, shownValueText } from "../interpreter/inspect/valueText.ts";
import { callExecution } from "./game/call.ts";
import { demangled } from "./session/demangle.ts";
import { readJson, writeFile } from "./session/files.ts";
import { instructionLine, nameText } from "./session/names.ts";
import {
  addJsonOption,
  addProgramOptions,
  moduleAlias,
  modulesArgument,
  type ProgramOptions,
} from "./session/options.ts";
import { outputOption } from "./session/outputs.ts";
import { recordedOptions } from "./session/programRecord.ts";
import { addSourceOptions, placeText, type SourceOptions, Sources } from "./session/sources.ts";
import { UsageError } from "./terminal/failure.ts";
import { colour, fields, grouped, setExit, show, table } from "./terminal/output.ts";

interface Options extends ProgramOptions, SourceOptions {
  readonly module: readonly string[];
  readonly input?: string;
  readonly from?: string;
  readonly html?: string;
  readonly json: boolean;
}

export function replayCommand(): Command {
  const command = new Command("replay")
    .description(
      "Replay a dispute's transcript against the program: which hashes were right, what the judged instruction does, whether the verdict holds. Names and options of the modules are those that the transcript records. Without modules: the ledger example. Exit code 1 if it is not the one that the machine gives, or if the right side lost by the clock.",
    )
    .argument("<transcript>", "transcript.json, as `dispute` writes it")
    .argument(...modulesArgument)
    .addOption(moduleAlias("--module <file>"))
    .option("--input <file>", "input of the disputed call, - for stdin")
    .option("--from <state>", "the state before the call, if it is not genesis")
    .addOption(outputOption("--html <file>", "write a report page"))
    .action(replay);
  return addJsonOption(addSourceOptions(addProgramOptions(command)));
}

async function replay(
  path: string,
  named: readonly string[],
  given: Options,
  command: Command,
): Promise<void> {
  const transcript = transcriptFrom(path);
  const { program } = transcript;
  const options = program === undefined ? given : recordedOptions(program, given, command);
  const execution = callExecution([...named, ...options.module], options, program);
  if (execution.call.program !== transcript.call.program) {
    throw new UsageError(
      `the transcript is about program ${transcript.call.program}, given ${execution.call.program}`,
      "name the modules and options that it was linked with",
    );
  }
  const { inputRoot, inputLength } = transcript.call;
  // Zeros at an input's end leave its root as it is: its identity is both (docs/proof-format.md §7).
  if (execution.call.inputRoot !== inputRoot || execution.call.inputLength !== inputLength) {
    throw new UsageError("this is not the input of the disputed call", "name it with --input");
  }
  if (execution.call.previousState !== transcript.call.previousState) {
    throw new UsageError(
      "the call did not begin in this state",
      "name the state before it with --from",
    );
  }
  const result = await replayTranscript(transcript, execution);
  const sources = new Sources(execution.program, options);
  if (options.html !== undefined) {
    const sourceOf = (pc: number) => sources.reported(pc);
    const presentation = { nameOf: demangled, sourceOf };
    writeFile(options.html, renderReport(transcript, result, undefined, presentation));
  }
  const source = result.judged && sources.at(result.judged.pc);
  const { settled } = transcript;
  const moves = result.moves.map((move) => ({ ...move, round: roundOf(move) }));
  show(options.json, { ...result, source, moves, settled, html: options.html ?? null }, () =>
    describe(transcript, result, source),
  );
  if (result.verdictHolds === false) setExit("refused");
}

/** Rounds as people count them, from 1; null for a move that belongs to none. */
function roundOf({ move, round }: Replay["moves"][number]): number | null {
  return move === "vector" || move === "part" ? round + 1 : null;
}

function transcriptFrom(path: string): Transcript {
  try {
    return readTranscript(readJson(path));
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new UsageError(
      `${path}: ${error.message}`,
      "give the transcript.json that dispute wrote",
    );
  }
}

function describe(transcript: Transcript, replay: Replay, source: SourcePlace | null): string {
  const mark = (right: boolean) => (right ? colour("green", "right") : colour("red", "wrong"));
  const moves = replay.moves
    .filter(({ hashes }) => hashes.length > 0)
    .map((posted) => {
      const { side, hashes } = posted;
      const round = roundOf(posted);
      const wrong = hashes.filter(({ right }) => !right);
      const first = wrong.length > 0 ? `first at step ${grouped(wrong[0].step)}` : "";
      return [
        round === null ? "state" : `round ${round}`,
        sidesText(1 << side),
        String(hashes.length),
        String(wrong.length),
        first,
      ];
    });
  const { judged } = replay;
  const rows: [string, string][] = [
    ["accused's claim", mark(replay.claimsRight[0])],
    ["challenger's", mark(replay.claimsRight[1])],
  ];
  if (judged !== null) {
    rows.push(
      ["judged step", grouped(judged.step)],
      [
        "instruction",
        `${instructionLine(judged.text)} in ${nameText(judged.function)}, pc ${judged.pc}`,
      ],
      ...(source === null ? [] : [["source", placeText(source)] as [string, string]]),
      ["operands", valuesText(judged.operandValues)],
      ...(judged.resultValues.length > 0
        ? [["results", valuesText(judged.resultValues)] as [string, string]]
        : []),
      ...judged.calledBy
        .slice(0, shownCallers)
        .map(({ function: name, pc }): [string, string] => [
          "called by",
          `${nameText(name)}, pc ${pc}`,
        ]),
      ...(judged.depth > shownCallers
        ? [["", `and ${judged.depth - shownCallers} more`] as [string, string]]
        : []),
      ["changes", judged.effect.map((d) => `${d.where}: ${d.before} → ${d.after}`).join("; ")],
    );
    const { claimed, postState, fuel } = judged;
    if (claimed === null) {
      const declared = BigInt(transcript.claims[0].fuel);
      rows.push(["fuel after it", `${grouped(fuel)}, declared for the call ${grouped(declared)}`]);
    } else {
      rows.push(["accused's state", mark(claimed[0] === postState)]);
      rows.push(["challenger's", mark(claimed[1] === postState)]);
    }
  }
  if (transcript.settled) {
    const { losers, reason } = transcript.settled;
    rows.push(["on chain", `${sidesText(losers)} lost (${reason})`]);
  }
  rows.push(["verdict", verdictText(replay)]);
  const head = ["move", "side", "hashes", "wrong", ""];
  return `${table(head, moves, ["hashes", "wrong"])}\n\n${fields(rows)}`;
}

const shownCallers = 8;

function valuesText(values: readonly ShownValue[]): string {
  return values.map(shownValueText).join(", ") || "none";
}

function verdictText({ verdict, lostThoughRight }: Replay): string {
  switch (verdict) {
    case "none":
      return "none, the dispute is open";
    case "agrees":
      return "agrees with the machine";
    case "contradicts":
      return colour("red", "is against the truth");
    case "forfeit":
      return "by another dispute, which the same stake had backed and lost";
    case "clock": {
      const asked = "by the clock: the machine was not asked";
      if (lostThoughRight === 0) return asked;
      const verb = lostThoughRight === 3 ? "were" : "was";
      return `${asked}, ${colour("red", `the ${sidesText(lostThoughRight)} ${verb} right`)}`;
    }
  }
}
