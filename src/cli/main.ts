/**
 * The command line: one file a command in this folder, listed in commands.ts; this one puts them together and turns every
 * failure into one line and an exit code (terminal/failureLine.ts). start.js runs it.
 *
 * Invariant: nothing that only some commands need is read before one of them is chosen (test/cli/loading.test.ts).
 */
import { readFileSync } from "node:fs";
import { Command, CommanderError, Help, type Option } from "commander";
import { commandsFor } from "./commands.ts";
import { exitCodes } from "./terminal/failure.ts";
import { colour, remark, show } from "./terminal/output.ts";

async function commandLine(args: readonly string[]): Promise<Command> {
  const program = new Command("wasm-arbiter")
    .description(
      "Run WebAssembly deterministically, prove any single instruction, and judge it in Solidity.",
    )
    .version(packageVersion())
    .showHelpAfterError("(--help lists the options)")
    .exitOverride()
    .allowExcessArguments()
    .hook("preAction", async (_program, command) => {
      const { prepare } = await import("./session/prepare.ts");
      prepare(command);
    })
    .configureHelp({
      optionDescription: describeOption,
      // Arguments and options are each command's own help; here a line is to fit 80 columns.
      subcommandTerm: (command) => command.name(),
    })
    .configureOutput({ writeErr: (text) => process.stderr.write(text) });
  for (const command of await commandsFor(args)) {
    program.addCommand(command.exitOverride().copyInheritedSettings(program));
  }
  return program;
}

/** An option that may be repeated and is not given has an empty list, which tells a reader nothing. */
function describeOption(option: Option): string {
  const isList = Array.isArray(option.defaultValue);
  return isList ? option.description : new Help().optionDescription(option);
}

/** package.json lies two folders up, in a checkout and in the published package alike. */
function packageVersion(): string {
  return JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")).version;
}

/** Runs a command line; the exit code is left in `process.exitCode`, so that output is never cut off. */
export async function main(args: readonly string[]): Promise<void> {
  const json = args.includes("--json");
  try {
    const program = await commandLine(args);
    await program.parseAsync([...args], { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
      if (json && error.exitCode !== 0) {
        show(true, { error: { code: "usage", message: error.message } }, () => "");
      }
      return;
    }
    const { failureJson, failureOf } = await import("./terminal/failureLine.ts");
    const { code, line } = failureOf(error);
    if (json && code === exitCodes.usage) show(true, failureJson(error, line), () => "");
    remark(`${colour("red", "wasm-arbiter:")} ${line}`);
    process.exitCode = code;
  }
}

/** A reader that has seen enough (`| head`) is no failure. */
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit();
});
