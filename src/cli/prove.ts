/**
 * `prove --at N`: the witness of step N + 1, which `verify` and the judge need and nothing else.
 */
import { Command } from "commander";
import { programRoot, replayStep } from "../merkle/index.ts";
import { witnessKind } from "./session/evidenceFiles.ts";
import { writeFile } from "./session/files.ts";
import { instructionLine, nameText } from "./session/names.ts";
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
import { viewOf } from "./session/view.ts";
import { fields, grouped, hex, show } from "./terminal/output.ts";

interface Options extends ProgramOptions, CallOptions {
  readonly at: number;
  readonly out?: string;
  readonly json: boolean;
}

export function proveCommand(): Command {
  const command = new Command("prove")
    .description("Run to step N and write the witness of the instruction that executes next.")
    .argument(...modulesArgument)
    .requiredOption(
      "--at <step>",
      "step before the instruction, a value of the step counter",
      count,
    )
    .addOption(outputOption("--out <file>", "write the witness there, for verify"))
    .action(prove);
  return addJsonOption(addCallOptions(addProgramOptions(command)));
}

function prove(files: readonly string[], options: Options): void {
  const session = Session.open(files, options);
  session.runTo(options.at);
  const { tree, machine, program } = session;
  const view = viewOf(machine.state);
  const preState = tree.stateHash();
  const witness = tree.witness();
  const file = {
    kind: witnessKind,
    version: 1,
    programRoot: hex(programRoot(program)),
    era: view.era,
    step: view.step,
    pc: view.pc,
    function: view.function,
    instruction: view.instruction,
    preState: hex(preState),
    postState: hex(replayStep(preState, witness)),
    witness: hex(witness),
  };
  if (options.out !== undefined) writeFile(options.out, `${JSON.stringify(file, null, 2)}\n`);
  show(options.json, file, () =>
    fields([
      ["step", grouped(view.step)],
      ["instruction", instructionLine(view.instruction ?? "none: the machine had halted")],
      ["function", nameText(view.function ?? "none")],
      ["pre state", file.preState],
      ["post state", file.postState],
      ["witness", `${grouped(witness.length)} bytes`],
      ["written to", options.out ?? "nowhere; use --out FILE"],
    ]),
  );
}
