/**
 * What every command does before it acts: the project file fills in what the command line leaves out, arguments that nothing
 * takes and files that must not be written are told, and large memories will be hashed on all cores.
 *
 * Invariant: after it a command's modules, options and expected program root are complete; no command looks at the
 * project file itself.
 */
import type { Argument, Command } from "commander";
import { hashOnThreads } from "../../node/hashing/threadedHasher.ts";
import { UsageError } from "../terminal/failure.ts";
import { chainCommands, leadingModules, modulesName, wordsName } from "./options.ts";
import { checkOutputs } from "./outputs.ts";
import { applyProject, findProject, isSaid, type Project, programAttributes } from "./project.ts";

/** Commands whose program must be the project's, whatever the command line says: they speak for it on a chain. */
const bindingCommands = ["serve"];
/** The file need not be there, and may be of another program. */
const writingCommand = "init";

export function prepare(command: Command): void {
  hashOnThreads();
  checkExcess(command);
  const project = applied(command);
  checkOutputs(command, project?.path);
}

/** The project file that the command reads, its values where the command line has none. */
function applied(command: Command): Project | undefined {
  if (!command.options.some((option) => option.attributeName() === "project")) return undefined;
  const asked = command.getOptionValue("project") as string | false | undefined;
  const writes = command.name() === writingCommand;
  const project = findProject(asked, writes);
  if (project === undefined) return undefined;
  applyProject(command, project, chainCommands.has(command));
  const isGiven = fillModules(command, project.modules);
  const isOwn =
    bindingCommands.includes(command.name()) ||
    (!isGiven && !programAttributes.some((attribute) => isSaid(command, attribute)));
  if (isOwn && !writes && project.programRoot !== undefined && !isSaid(command, "programRoot")) {
    command.setOptionValueWithSource("programRoot", project.programRoot, "config");
  }
  return project;
}

/** Puts the project's modules where the command line names none; whether it names some. */
function fillModules(command: Command, modules: readonly string[]): boolean {
  const at = command.registeredArguments.findIndex((argument) =>
    [modulesName, wordsName].includes(argument.name()),
  );
  const words = (command.processedArgs[at] ?? []) as readonly string[];
  const isWords = command.registeredArguments[at]?.name() === wordsName;
  const given = isWords ? leadingModules(words) : words;
  const byAlias = ["module", "with"].flatMap((name) => command.getOptionValue(name) ?? []);
  if (given.length + byAlias.length > 0) return true;
  command.setOptionValueWithSource("projectModules", modules.length, "config");
  if (at >= 0) command.processedArgs[at] = isWords ? [...modules, ...words] : modules;
  return false;
}

/** More arguments than the command has names for. */
function checkExcess(command: Command): void {
  const { registeredArguments: expected, args } = command;
  if (expected.some((argument) => argument.variadic) || args.length <= expected.length) return;
  const [first] = args.slice(expected.length);
  const takes = expected.map(shownArgument).join(" ") || "no argument";
  const advice = first.endsWith(".wasm")
    ? `it needs no modules: leave ${first} out`
    : `if ${first} belongs to an option, write the option before it; --help lists them`;
  throw new UsageError(`${command.name()} takes ${takes}, and got ${first} besides`, advice);
}

function shownArgument(argument: Argument): string {
  return argument.required ? `<${argument.name()}>` : `[${argument.name()}]`;
}
