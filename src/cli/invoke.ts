/**
 * `invoke`: one exported function called by hand with arguments; results, steps and fuel.
 */
import { Command } from "commander";
import { typeText } from "../interpreter/inspect/disassemble.ts";
import { refusedGrowReport } from "../interpreter/inspect/trapReport.ts";
import { Machine } from "../interpreter/machine.ts";
import type { Program } from "../interpreter/program/program.ts";
import {
  outcomeOf,
  remarkRefusedGrow,
  reportTraps,
  resultsText,
  shownResults,
} from "./session/calls.ts";
import { openProgram } from "./session/linkedProgram.ts";
import {
  addJsonOption,
  addProgramOptions,
  type Executor,
  executorOption,
  leadingModules,
  moduleAlias,
  type ProgramOptions,
  wordsName,
} from "./session/options.ts";
import { exportedFunction, typeOf } from "./session/programFunctions.ts";
import { Session } from "./session/runSession.ts";
import { parseValue } from "./session/values.ts";
import { UsageError } from "./terminal/failure.ts";
import { colour, counted, fields, grouped, show } from "./terminal/output.ts";
import { visibleName } from "./terminal/visible.ts";

interface Options extends ProgramOptions {
  readonly with: readonly string[];
  /** How many of the words are the project's modules; set where the command line names none. */
  readonly projectModules?: number;
  readonly executor: Executor;
  readonly json: boolean;
}

export function invokeCommand(): Command {
  const command = new Command("invoke")
    .description(
      "Call an exported function by hand. Integers may be decimal or hex, floats also inf and nan:0x…; put -- before negative numbers. Steps and fuel are those of this call alone.",
    )
    .usage("[options] [modules...] <export> [args...]")
    .argument(
      `[${wordsName}...]`,
      "the modules (.wasm or NAME=FILE; default: those of the project file), an exported function of the last one, and one argument a parameter",
    )
    .addOption(moduleAlias("--with <module>"))
    .addOption(executorOption())
    .action(invoke);
  return addJsonOption(addProgramOptions(command));
}

function invoke(words: readonly string[], options: Options): void {
  // What names no module by its look is one all the same where nothing else does.
  const leading = words.slice(0, options.projectModules ?? leadingModules(words).length);
  const files = leading.length > 0 ? leading : words.slice(0, 1);
  const [name, ...texts] = words.slice(files.length);
  const program = openProgram([...options.with, ...files], options);
  const { index, args, results } = resolveCall(program, name, texts);
  const session = new Session(new Machine(program), [], options.executor);
  session.invoke(index, args);
  const invocation = session.calls.at(-1);
  const outcome = {
    ...outcomeOf(session.machine),
    ...shownResults(session.machine.results(), results),
    steps: invocation?.steps ?? 0,
    fuel: invocation?.fuel ?? 0,
    trapReport: session.trapReport ?? null,
    refusedGrow: refusedGrowReport(session.machine.state) ?? null,
  };
  show(options.json, outcome, () =>
    fields([
      ["status", colour(outcome.trap === null ? "green" : "red", outcome.trap ?? outcome.status)],
      ["results", resultsText(outcome)],
      ["steps", grouped(outcome.steps)],
      ["fuel", grouped(outcome.fuel)],
    ]),
  );
  reportTraps(session.calls);
  remarkRefusedGrow(session.machine, session.calls);
}

function resolveCall(program: Program, name: string | undefined, texts: readonly string[]) {
  const index = name === undefined ? undefined : exportedFunction(program, name);
  const type = index === undefined ? undefined : typeOf(program, program.functions[index]);
  if (index === undefined || type === undefined) {
    const names = program.modules
      .at(-1)
      ?.module.exports.flatMap((item) => (item.kind === "function" ? [item.name] : []));
    throw new UsageError(
      name === undefined
        ? "no function is named"
        : `the module exports no function ${visibleName(name)}`,
      names?.length
        ? `choose one of ${names.slice(0, 20).map(visibleName).join(", ")}`
        : "it exports none",
    );
  }
  if (texts.length !== type.params.length) {
    throw new UsageError(
      `${name} takes ${counted(type.params.length, "argument")}, got ${texts.length}`,
      `its type is ${typeText(type) || "without parameters and results"}`,
    );
  }
  const args = type.params.map((param, i) => parseArgument(param, texts[i], i));
  return { index, args, results: type.results };
}

function parseArgument(type: Parameters<typeof parseValue>[0], text: string, position: number) {
  try {
    return parseValue(type, text);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new UsageError(`argument ${position + 1}: ${error.problem}`, error.advice);
  }
}
