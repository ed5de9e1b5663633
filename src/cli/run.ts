/**
 * `run`: gateway calls on inputs; status, results, steps, fuel, and what the game needs: state hash, program root.
 */
import { Command } from "commander";
import { programRoot } from "../merkle/index.ts";
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
import { callResults, outcomeOf, Session } from "./session/session.ts";
import { colour, fields, grouped, hex, remark, setExit, show } from "./terminal/output.ts";

interface Options extends ProgramOptions, CallOptions {
  readonly save?: string;
  readonly json: boolean;
}

export function runCommand(): Command {
  const command = new Command("run")
    .summary("call the gateway on inputs")
    .description(
      "Run a program's gateway, once for each input (once on empty input if there is none).",
    )
    .argument(...modulesArgument)
    .option("--save <file>", "save the state at the end, for --from")
    .action(run);
  return addJsonOption(addCallOptions(addProgramOptions(command)));
}

function run(files: readonly string[], options: Options): void {
  const session = Session.open(files, options);
  session.runToEnd();
  const { machine, program, tree } = session;
  const { gateway } = program.config;
  const outcome = {
    ...outcomeOf(machine),
    ...callResults(machine, gateway && typeOf(program, gateway)?.results),
    steps: machine.state.eic,
    fuel: machine.state.tf,
    stateHash: hex(tree.stateHash()),
    programRoot: hex(programRoot(program)),
  };
  if (options.save !== undefined) writeState(options.save, tree);
  show(options.json, outcome, () =>
    fields([
      ["status", colour(outcome.trap === null ? "green" : "red", outcome.trap ?? outcome.status)],
      ["results", outcome.results.map((value, i) => `${value} : ${outcome.types[i]}`).join(", ")],
      ["steps", grouped(outcome.steps)],
      ["fuel", grouped(outcome.fuel)],
      ["state hash", outcome.stateHash],
      ["program root", outcome.programRoot],
    ]),
  );
  if (outcome.trap !== null) {
    remark(`wasm-arbiter: the call trapped: ${outcome.trap}`);
    setExit("refused");
  }
}
