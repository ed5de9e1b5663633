/**
 * The command line: one file a command in this folder; this one only lists them and turns every failure into one line
 * and an exit code (terminal/failure.ts). start.js runs it.
 */
import { readFileSync } from "node:fs";
import { Command, CommanderError, Help, type Option } from "commander";
import { hashOnThreads } from "../node/hashing/threadedHasher.ts";
import { bisectCommand } from "./bisect.ts";
import { clusterCommand } from "./cluster.ts";
import { diffCommand } from "./diff.ts";
import { disputeCommand } from "./dispute.ts";
import { disputesCommand } from "./disputes.ts";
import { findCommand } from "./find.ts";
import { gatewayCommand } from "./gateway.ts";
import { initCommand } from "./init.ts";
import { inspectCommand } from "./inspect.ts";
import { invokeCommand } from "./invoke.ts";
import { packCommand } from "./pack.ts";
import { probeCommand } from "./probe.ts";
import { profileCommand } from "./profile.ts";
import { proveCommand } from "./prove.ts";
import { proveMemoryCommand, verifyMemoryCommand } from "./proveMemory.ts";
import { recordCommand } from "./record.ts";
import { replayCommand } from "./replay.ts";
import { runCommand } from "./run.ts";
import { serveCommand } from "./serve.ts";
import { prepare } from "./session/prepare.ts";
import { stateCommand } from "./state.ts";
import { storageCommand } from "./storage.ts";
import { exitCodes, failureJson, failureOf } from "./terminal/failure.ts";
import { colour, remark, show } from "./terminal/output.ts";
import { traceCommand } from "./trace.ts";
import { transcriptCommand } from "./transcript.ts";
import { validatorCommand } from "./validator.ts";
import { verifyCommand } from "./verify.ts";
import { workerCommand } from "./worker.ts";

function commandLine(): Command {
  const program = new Command("wasm-arbiter")
    .description(
      "Run WebAssembly deterministically, prove any single instruction, and judge it in Solidity.",
    )
    .version(packageVersion())
    .showHelpAfterError("(--help lists the options)")
    .exitOverride()
    .allowExcessArguments()
    .hook("preAction", (_program, command) => prepare(command))
    .configureHelp({
      optionDescription: describeOption,
      // Arguments and options are each command's own help; here a line is to fit 80 columns.
      subcommandTerm: (command) => command.name(),
    })
    .configureOutput({ writeErr: (text) => process.stderr.write(text) });
  const commands = [
    initCommand,
    inspectCommand,
    packCommand,
    invokeCommand,
    runCommand,
    stateCommand,
    proveCommand,
    verifyCommand,
    proveMemoryCommand,
    verifyMemoryCommand,
    traceCommand,
    findCommand,
    diffCommand,
    recordCommand,
    bisectCommand,
    profileCommand,
    disputeCommand,
    replayCommand,
    serveCommand,
    disputesCommand,
    transcriptCommand,
    clusterCommand,
    probeCommand,
    workerCommand,
    validatorCommand,
    storageCommand,
    gatewayCommand,
  ];
  for (const command of commands) {
    program.addCommand(command().exitOverride().copyInheritedSettings(program));
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
  hashOnThreads();
  try {
    await commandLine().parseAsync([...args], { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
      if (json && error.exitCode !== 0) {
        show(true, { error: { code: "usage", message: error.message } }, () => "");
      }
      return;
    }
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
