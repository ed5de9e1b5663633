/**
 * `run`: gateway calls on inputs; status, results, steps, fuel, and what the game needs: state hash, program root.
 *
 * Invariant: people see the results as soon as they are there, and the hashes when they are made; JSON is one object.
 */
import { Command } from "commander";
import { refusedGrowReport } from "../interpreter/inspect/trapReport.ts";
import type { Program } from "../interpreter/program/program.ts";
import { programRoot } from "../merkle/index.ts";
import {
  type EndedCall,
  outcomeOf,
  remarkRefusedGrow,
  reportTraps,
  resultsText,
  shownResults,
} from "./session/calls.ts";
import { writeFile } from "./session/files.ts";
import {
  addCallOptions,
  addJsonOption,
  addProgramOptions,
  type CallOptions,
  modulesArgument,
  type ProgramOptions,
} from "./session/options.ts";
import { outputOption } from "./session/outputs.ts";
import { outputText, shownOutput } from "./session/outputText.ts";
import { typeOf } from "./session/programFunctions.ts";
import { Session } from "./session/runSession.ts";
import { writeState } from "./session/savedState.ts";
import {
  colour,
  fieldsInTurn,
  grouped,
  hex,
  remark,
  setExit,
  show,
  table,
} from "./terminal/output.ts";

interface Options extends ProgramOptions, CallOptions {
  readonly save?: string;
  readonly output?: string;
  readonly json: boolean;
}

export function runCommand(): Command {
  const command = new Command("run")
    .description(
      "Run a program's gateway, once for each input (from genesis without inputs: once on empty input; with --from without inputs: only what the state had begun). Steps and fuel count from genesis, also with --from (or from where their era began); those of each call stand in `calls` of --json, and in a table if there are several, each one's output before it.",
    )
    .argument(...modulesArgument)
    .addOption(outputOption("--save <file>", "save the state at the end, for --from"))
    .addOption(outputOption("--output <file>", "write what the last call put out"))
    .action(run);
  return addJsonOption(addCallOptions(addProgramOptions(command)));
}

function run(files: readonly string[], options: Options): void {
  const session = Session.open(files, options);
  session.expectCall();
  session.runToEnd();
  const { machine, program } = session;
  const calls = session.calls.map((call) => shownCall(call, program));
  const last = shownResults(machine.results(), gatewayResults(program));
  const ended = {
    ...outcomeOf(machine),
    ...last,
    era: machine.state.era,
    steps: machine.state.stepCounter,
    fuel: machine.state.fuelCounter,
    trapReport: session.trapReport ?? null,
    refusedGrow: refusedGrowReport(machine.state) ?? null,
    calls,
    output: shownOutput(machine.output),
  };
  if (options.save !== undefined) writeState(options.save, session.tree);
  if (options.output !== undefined) writeFile(options.output, machine.output);
  if (options.json) show(true, { ...ended, ...committed(session) }, () => "");
  else showInTurn(ended, session);
  reportTraps(session.calls);
  remarkRefusedGrow(machine, session.calls);
  if (calls.length === 0 && ended.trap !== null) {
    remark(`wasm-arbiter: nothing was called; the state's last call had trapped: ${ended.trap}`);
    setExit("refused");
  }
}

/** What needs all instructions of the program, which takes longer than many a run. */
function committed({ program, tree }: Session) {
  return { stateHash: hex(tree.stateHash()), programRoot: hex(programRoot(program)) };
}

interface Ended extends Omit<ShownCall, "call"> {
  readonly era: number;
  readonly calls: readonly ShownCall[];
}

/** Says what is known at the end of the run before the hashes are made. */
function showInTurn(ended: Ended, session: Session): void {
  const { calls } = ended;
  const end = fieldsInTurn(
    [
      ["status", statusText(ended)],
      ["results", resultsText(ended)],
      ...(ended.era === 0 ? [] : [["era", grouped(ended.era)] as const]),
      ["steps", grouped(ended.steps)],
      ["fuel", grouped(ended.fuel)],
    ],
    ["state hash", "program root"],
  );
  const parts =
    calls.length > 1
      ? [...calls.map(callOutputText), callsText(calls), end.first]
      : [outputText(ended.output), end.first];
  show(false, ended, () => parts.filter((part) => part !== undefined).join("\n\n"));
  const { stateHash, programRoot } = committed(session);
  show(false, ended, () => end.rest([stateHash, programRoot]));
}

type ShownCall = ReturnType<typeof shownCall>;

function shownCall({ slots, output, ...call }: EndedCall, program: Program) {
  return {
    ...call,
    ...shownResults(slots, gatewayResults(program)),
    output: shownOutput(output),
  };
}

/** Of several calls each one's, under its name. */
function callOutputText({ call, output }: ShownCall): string | undefined {
  const text = outputText(output);
  return text && `${colour("bold", `${call}:`)}\n${text}`;
}

function gatewayResults(program: Program) {
  const { gateway } = program.config;
  return gateway && typeOf(program, gateway)?.results;
}

function statusText(call: Pick<ShownCall, "status" | "trap" | "exitCode">): string {
  const isGood = call.trap === null && (call.exitCode ?? 0) === 0;
  return colour(isGood ? "green" : "red", endText(call));
}

function endText({ status, trap, exitCode }: Pick<ShownCall, "status" | "trap" | "exitCode">) {
  return exitCode === null ? (trap ?? status) : `exited with ${exitCode}`;
}

function callsText(calls: readonly ShownCall[]): string {
  const rows = calls.map((call) => [
    call.call,
    endText(call),
    resultsText(call),
    grouped(call.steps),
    grouped(call.fuel),
  ]);
  return table(["call", "status", "results", "steps", "fuel"], rows, ["steps", "fuel"]);
}
