/**
 * `run`: gateway calls on inputs; status, results, steps, fuel, and what the game needs: state hash, program root.
 */
import { Command } from "commander";
import type { Program } from "../interpreter/program.ts";
import { refusedGrowReport, trapReport } from "../interpreter/trapReport.ts";
import { programRoot } from "../merkle/index.ts";
import {
  type EndedCall,
  outcomeOf,
  remarkRefusedGrow,
  reportTraps,
  resultsText,
  shownResults,
} from "./session/calls.ts";
import { typeOf } from "./session/functions.ts";
import {
  addCallOptions,
  addJsonOption,
  addProgramOptions,
  type CallOptions,
  modulesArgument,
  type ProgramOptions,
} from "./session/options.ts";
import { writeState } from "./session/savedState.ts";
import { Session } from "./session/session.ts";
import { colour, fields, grouped, hex, remark, setExit, show, table } from "./terminal/output.ts";

interface Options extends ProgramOptions, CallOptions {
  readonly save?: string;
  readonly json: boolean;
}

export function runCommand(): Command {
  const command = new Command("run")
    .summary("call the gateway on inputs")
    .description(
      "Run a program's gateway, once for each input (from genesis without inputs: once on empty input; with --from without inputs: only what the state had begun). Steps and fuel count from genesis, also with --from; those of each call stand in `calls` of --json, and in a table if there are several.",
    )
    .argument(...modulesArgument)
    .option("--save <file>", "save the state at the end, for --from")
    .action(run);
  return addJsonOption(addCallOptions(addProgramOptions(command)));
}

function run(files: readonly string[], options: Options): void {
  const session = Session.open(files, options);
  session.expectCall();
  session.runToEnd();
  const { machine, program, tree } = session;
  const calls = session.calls.map((call) => shownCall(call, program));
  const last = shownResults(machine.results(), gatewayResults(program));
  const outcome = {
    ...outcomeOf(machine),
    ...last,
    steps: machine.state.eic,
    fuel: machine.state.tf,
    trapReport: trapReport(machine.state) ?? null,
    refusedGrow: refusedGrowReport(machine.state) ?? null,
    calls,
    stateHash: hex(tree.stateHash()),
    programRoot: hex(programRoot(program)),
  };
  if (options.save !== undefined) writeState(options.save, tree);
  show(options.json, outcome, () => {
    const end = fields([
      ["status", statusText(outcome)],
      ["results", resultsText(last)],
      ["steps", grouped(outcome.steps)],
      ["fuel", grouped(outcome.fuel)],
      ["state hash", outcome.stateHash],
      ["program root", outcome.programRoot],
    ]);
    return calls.length > 1 ? `${callsText(calls)}\n\n${end}` : end;
  });
  reportTraps(session.calls);
  remarkRefusedGrow(machine, session.calls);
  if (calls.length === 0 && outcome.trap !== null) {
    remark(`wasm-arbiter: nothing was called; the state's last call had trapped: ${outcome.trap}`);
    setExit("refused");
  }
}

type ShownCall = ReturnType<typeof shownCall>;

function shownCall({ slots, ...call }: EndedCall, program: Program) {
  return { ...call, ...shownResults(slots, gatewayResults(program)) };
}

function gatewayResults(program: Program) {
  const { gateway } = program.config;
  return gateway && typeOf(program, gateway)?.results;
}

function statusText({ status, trap }: Pick<ShownCall, "status" | "trap">): string {
  return colour(trap === null ? "green" : "red", trap ?? status);
}

function callsText(calls: readonly ShownCall[]): string {
  const rows = calls.map((call) => [
    call.call,
    call.trap ?? call.status,
    resultsText(call),
    grouped(call.steps),
    grouped(call.fuel),
  ]);
  return table(["call", "status", "results", "steps", "fuel"], rows, ["steps", "fuel"]);
}
