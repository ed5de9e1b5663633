/**
 * `transcript ID`: a dispute's transcript from a chain, for `replay`; with the program at hand its modules and options
 * are recorded too.
 */
import { Command } from "commander";
import { exportTranscript, type RecordedProgram } from "../game/transcript/disputeTranscript.ts";
import { sidesText } from "../game/transcript/replayTranscript.ts";
import { programRoot } from "../merkle/index.ts";
import { type ChainOptions, withArbiter } from "./game/arbiterAt.ts";
import { writeFile } from "./session/files.ts";
import { openProgram } from "./session/linkedProgram.ts";
import {
  addChainOptions,
  addJsonOption,
  addProgramOptions,
  modulesArgument,
  type ProgramOptions,
} from "./session/options.ts";
import { outputOption } from "./session/outputs.ts";
import { recordOf } from "./session/programRecord.ts";
import { UsageError } from "./terminal/failure.ts";
import { fields, grouped, hex, show } from "./terminal/output.ts";
import { visible } from "./terminal/visible.ts";

interface Options extends ProgramOptions, ChainOptions {
  readonly out?: string;
  readonly json: boolean;
}

export function transcriptCommand(): Command {
  const command = new Command("transcript")
    .description(
      "Read everything that happened in a dispute, open or settled, from the chain, and write its transcript, for replay; to stdout unless --out names a file. The modules are not needed: where they are named, their names, hashes and options are recorded with it.",
    )
    .argument("<dispute>", "its number, as disputes lists it")
    .argument(...modulesArgument)
    .addOption(outputOption("--out <file>", "write the transcript there"))
    .action(transcript);
  return addJsonOption(addProgramOptions(addChainOptions(command)));
}

async function transcript(
  number: string,
  files: readonly string[],
  options: Options,
): Promise<void> {
  const id = numberOf(number);
  const linked = files.length === 0 ? undefined : linkedProgram(files, options);
  await withArbiter(options, async (client) => {
    const count = BigInt(await client.contract.disputeCount());
    if (id < 1n || id > count) {
      throw new UsageError(
        `there is no dispute ${id} at ${client.address}`,
        count === 0n ? "it has had none" : `choose one from 1 to ${count}; disputes lists them`,
      );
    }
    const written = await exportTranscript(client, id, linked?.record);
    if (linked !== undefined && linked.root !== written.call.program) {
      throw new UsageError(
        `dispute ${id} is about program ${written.call.program}, given ${linked.root}`,
        "name the modules and options that it was linked with, or none (--no-project)",
      );
    }
    const text = `${JSON.stringify(written, null, 1)}\n`;
    if (options.out === undefined) {
      show(true, written, () => "");
      return;
    }
    writeFile(options.out, text);
    const { settled, moves } = written;
    const result = { out: options.out, dispute: String(id), moves: moves.length, settled };
    show(options.json, result, () =>
      fields([
        ["dispute", String(id)],
        ["moves", grouped(moves.length)],
        ["on chain", settled ? `${sidesText(settled.losers)} lost (${settled.reason})` : "open"],
        ["program", linked === undefined ? "not recorded" : "recorded"],
        ["written to", visible(options.out ?? "")],
      ]),
    );
  });
}

function numberOf(text: string): bigint {
  if (/^\d{1,30}$/.test(text)) return BigInt(text);
  throw new UsageError(`expected a dispute's number, got ${text}`, "disputes lists them");
}

function linkedProgram(
  files: readonly string[],
  options: Options,
): { readonly record: RecordedProgram; readonly root: string } {
  const program = openProgram(files, options);
  return { record: recordOf(program, options), root: hex(programRoot(program)) };
}
