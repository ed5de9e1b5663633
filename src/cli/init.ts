/**
 * `init`: writes a project file from what the command line says about a program, with the program root that it has.
 *
 * Invariant: every other command, started with the file alone, links the very program whose root stands in it.
 */
import { existsSync } from "node:fs";
import { dirname, isAbsolute, relative, resolve } from "node:path";
import { Command } from "commander";
import { programRoot } from "../merkle/index.ts";
import { writeFile } from "./session/files.ts";
import { openProgram } from "./session/linkedProgram.ts";
import {
  addJsonOption,
  addProgramOptions,
  modulesArgument,
  type ProgramOptions,
} from "./session/options.ts";
import { isSaid, projectFileName, projectKeys, readProject } from "./session/project.ts";
import { fields, hex, show } from "./terminal/output.ts";
import { visible } from "./terminal/visible.ts";

interface Options extends ProgramOptions {
  readonly project?: string | false;
  readonly json: boolean;
}

export function initCommand(): Command {
  const command = new Command("init")
    .description(
      "Write the modules, the options that are given and the program root into a project file, which every other command then reads. Of a file that is there, what is not given stays.",
    )
    .argument(...modulesArgument)
    .action(init);
  return addJsonOption(addProgramOptions(command));
}

function init(files: readonly string[], options: Options, command: Command): void {
  const program = openProgram(files, options);
  const path = options.project || projectFileName;
  const root = hex(programRoot(program));
  const project = {
    modules: files.map((file) => besides(path, file)),
    options: {
      ...said(projectKeys.options, command),
      // Written in any case: a default may change, a program must not.
      growth: options.growth,
      level: options.level,
    },
    limits: said(projectKeys.limits, command),
    programRoot: root,
    chain: existsSync(path) ? readProject(path).values.chain : {},
  };
  const content = Object.fromEntries(
    Object.entries(project).filter(([, value]) => Object.keys(value).length > 0),
  );
  writeFile(path, `${JSON.stringify(content, null, 2)}\n`);
  show(options.json, { path, ...content }, () =>
    fields([
      ["written to", visible(path)],
      ["program root", root],
    ]),
  );
}

/** The options of a group that the command line, or the file that is replaced, gives. */
function said(group: Readonly<Record<string, string>>, command: Command) {
  const given = Object.entries(group).filter(
    ([, attribute]) => isSaid(command, attribute) || isConfigured(command, attribute),
  );
  return Object.fromEntries(
    given.map(([key, attribute]) => [key, command.getOptionValue(attribute)]),
  );
}

function isConfigured(command: Command, attribute: string): boolean {
  return command.getOptionValueSource(attribute) === "config";
}

/** A module as the file names it: relative to its own folder, with `/` on every system. */
function besides(path: string, argument: string): string {
  const split = argument.indexOf("=");
  const file = argument.slice(split + 1);
  if (isAbsolute(file)) return argument;
  const place = relative(dirname(resolve(path)), resolve(file)).replaceAll("\\", "/");
  return `${argument.slice(0, split + 1)}${place}`;
}
