/**
 * `dispute`: an honest and a faulty party play a whole dispute before the real contracts; verdict, gas, transcript
 * and report.
 */
import { join } from "node:path";
import { Command } from "commander";
import { formatEther } from "ethers";
import type { ArbiterClient, OpenedEvent } from "../game/chain/arbiterClient.ts";
import { transitionOf } from "../game/claim/claim.ts";
import { registerProgram } from "../game/claim/registerProgram.ts";
import { evidenceDomain, signTransition } from "../game/claim/signedTransition.ts";
import { Player } from "../game/player/player.ts";
import { type Disclosure, renderReport } from "../game/report/renderReport.ts";
import type { Strategy } from "../game/search/strategy.ts";
import type { Execution } from "../game/trace/execution.ts";
import type { MachineExecution } from "../game/trace/machineExecution.ts";
import { exportTranscript, type Transcript } from "../game/transcript/disputeTranscript.ts";
import { type Replay, replayTranscript } from "../game/transcript/replayTranscript.ts";
import { stateDifference } from "../game/transcript/stateDifference.ts";
import { callExecution } from "./game/call.ts";
import { type FaultyParty, faultKinds, faultyParty, parseFault } from "./game/faultOption.ts";
import { narrator } from "./game/narration.ts";
import { ensureDeposit, openStage, type Stage } from "./game/stage.ts";
import { demangled } from "./session/demangle.ts";
import { checkFolder, makeFolder, writeFile } from "./session/files.ts";
import { instructionLine } from "./session/names.ts";
import {
  addJsonOption,
  addProgramOptions,
  count,
  modulesArgument,
  type ProgramOptions,
} from "./session/options.ts";
import { recordOf } from "./session/programRecord.ts";
import { addSourceOptions, placeText, type SourceOptions, Sources } from "./session/sources.ts";
import { UsageError } from "./terminal/failure.ts";
import { colour, fields, grouped, remark, show } from "./terminal/output.ts";

interface Options extends ProgramOptions, SourceOptions {
  readonly input?: string;
  readonly from?: string;
  readonly fault: string;
  readonly accuse: "faulty" | "honest";
  readonly k: number;
  readonly rpc?: string;
  readonly arbiter?: string;
  readonly out: string;
  readonly json: boolean;
}

export function disputeCommand(): Command {
  const kinds = Object.entries(faultKinds).map(([kind, text]) => `  ${kind.padEnd(22)}${text}`);
  const command = new Command("dispute")
    .description(
      "Play a whole dispute before the real contracts, on an embedded chain or a real one. Without arguments: the ledger example.",
    )
    .argument(...modulesArgument)
    .option("--input <file>", "input of the disputed call, - for stdin")
    .option("--from <state>", "the state before the call, if it is not genesis")
    .option("--fault <kind[@N]>", "how the faulty party goes wrong, see below", "flip-memory")
    .option("--accuse <party>", "who signed the disputed result: faulty or honest", "faulty")
    .option("--k <count>", "parts of a round, 2 to 256", count, 16)
    .option("--rpc <url>", "a chain, instead of an embedded one; keys in HONEST_KEY and FAULTY_KEY")
    .option("--arbiter <address>", "an Arbiter on that chain, instead of a new one")
    .option("--out <folder>", "where transcript and report are written", "dispute-output")
    .addHelpText(
      "after",
      `\nFaults (N counts steps of the call, rounds for silence):\n${kinds.join("\n")}`,
    )
    .action(dispute);
  return addJsonOption(addSourceOptions(addProgramOptions(command)));
}

async function dispute(
  files: readonly string[],
  options: Options,
  command: Command,
): Promise<void> {
  const fault = parseFault(options.fault);
  checkOptions(options, command.getOptionValueSource("k") !== "default");
  const honest = callExecution(files, options);
  const faulty = await faultyParty(fault, honest);
  const stage = await openStage(options);
  try {
    if (options.rpc !== undefined && options.arbiter === undefined) {
      remark(`arbiter  ${stage.client.address} created in block ${stage.client.fromBlock}`);
    }
    const transcript = await play(stage, honest, faulty, options);
    const replay = await replayTranscript(transcript, honest);
    const sources = new Sources(honest.program, options);
    const paths = await writeRecords(transcript, replay, { honest, faulty, sources }, options);
    const source = replay.judged && sources.at(replay.judged.pc);
    const names = {
      [await stage.signers[0].getAddress()]: "honest",
      [await stage.signers[1].getAddress()]: "faulty",
    };
    const losers = transcript.parties.filter(
      (_, side) => ((transcript.settled?.losers ?? 0) >> side) & 1,
    );
    const result = {
      verdict: transcript.settled?.reason ?? "open",
      loser: losers.length === 2 ? "both" : names[losers[0]],
      rounds: transcript.moves.at(-1)?.after.round ?? 0,
      judgedStep: transcript.judged ? Number(transcript.judged.step) : null,
      instruction: replay.judged?.text ?? null,
      source,
      steps: Number(replay.truth.steps) - honest.startStep,
      gas: Object.fromEntries(
        Object.entries(transcript.gas).map(([account, gas]) => [names[account] ?? account, gas]),
      ),
      deposits: await depositsOf(stage, names),
      arbiter: stage.client.address,
      ...paths,
    };
    show(options.json, result, () =>
      fields([
        ["verdict", colour("bold", `${result.loser} party loses (${result.verdict})`)],
        ["rounds", String(result.rounds)],
        [
          "judged step",
          result.judgedStep === null
            ? "none"
            : `${grouped(result.judgedStep)}: ${instructionLine(result.instruction ?? "")}`,
        ],
        ...(source === null ? [] : [["source", placeText(source)] as [string, string]]),
        ...Object.entries(result.gas).map(([name, gas]): [string, string] => [
          `gas, ${name}`,
          grouped(gas),
        ]),
        ...Object.entries(result.deposits).map(([name, wei]): [string, string] => [
          `deposit, ${name}`,
          `${formatEther(wei)} ether`,
        ]),
        ["arbiter", result.arbiter],
        ["transcript", result.transcript],
        ["report", result.report],
      ]),
    );
  } finally {
    await stage.close();
  }
}

/** What can be told before anything is run, and above all before anything is paid for. */
function checkOptions({ k, accuse, arbiter, rpc, out, fault }: Options, isKGiven: boolean): void {
  if (k < 2 || k > 256) throw new UsageError(`expected --k from 2 to 256, got ${k}`, "try 16");
  if (accuse !== "faulty" && accuse !== "honest") {
    throw new UsageError(`unknown party ${accuse}`, "--accuse takes faulty or honest");
  }
  if (accuse === "honest" && parseFault(fault).kind === "wrong-step-counter") {
    throw new UsageError(
      "wrong-step-counter cannot accuse: a challenger proves its counters when it opens",
      "use --accuse faulty",
    );
  }
  if (arbiter !== undefined && rpc === undefined) {
    throw new UsageError("--arbiter names a contract on no chain", "add --rpc");
  }
  if (arbiter !== undefined && isKGiven) {
    throw new UsageError("--k is for a new Arbiter; that of --arbiter has its own", "leave it out");
  }
  checkFolder(out);
}

async function play(
  stage: Stage,
  honest: MachineExecution,
  faulty: FaultyParty,
  options: Options,
): Promise<Transcript> {
  const { client } = stage;
  const sender = { pollMs: options.rpc === undefined ? 5 : 500 };
  await registerProgram(client, honest.program, sender);
  const party = async (side: 0 | 1, execution: Execution, strategy?: Strategy) => {
    await ensureDeposit(client, stage.signers[side]);
    const name = side === 0 ? "honest" : "faulty";
    return new Player({
      arbiter: client.address,
      fromBlock: client.fromBlock,
      signer: stage.signers[side],
      execution: async ({ previousState }) =>
        previousState === execution.call.previousState ? execution : undefined,
      ...(strategy ? { strategy } : {}),
      sender,
      onEvent: narrator(name),
    });
  };
  const players = [await party(0, honest), await party(1, faulty.execution, faulty.strategy)];
  const accusedIsFaulty = options.accuse === "faulty";
  const accused = accusedIsFaulty ? faulty.execution : honest;
  const { chainId } = await client.provider.getNetwork();
  const signer = stage.signers[accusedIsFaulty ? 1 : 0];
  const epoch = await client.epochOf(await signer.getAddress());
  const signed = await signTransition(
    transitionOf(accused.call, await accused.claim(), epoch),
    evidenceDomain(chainId, client.address),
    signer,
  );
  const challenger = players[accusedIsFaulty ? 0 : 1];
  const receipt = await challenger.challenge(signed, accusedIsFaulty && faulty.byFuel);
  const opened = (await client.disputesOf(await challenger.address(), receipt.blockNumber)).at(-1);
  if (opened === undefined) throw new Error("the dispute was not opened");
  remark(
    `dispute ${opened.id} opened in block ${receipt.blockNumber}, ${grouped(receipt.gasUsed)} gas`,
  );
  await playToEnd(stage, client, players, opened);
  return exportTranscript(client, opened.id, recordOf(honest.program, options));
}

async function playToEnd(
  stage: Stage,
  client: ArbiterClient,
  players: readonly Player[],
  opened: OpenedEvent,
): Promise<void> {
  while (await client.isOpen(opened)) {
    let moved = false;
    for (const player of players) moved = (await player.tick()) || moved;
    // Nobody moves: a clock runs. On our own chain time can be made to pass.
    if (!moved && !(await stage.mine(10))) await new Promise((done) => setTimeout(done, 2000));
  }
}

interface Parties {
  readonly honest: MachineExecution;
  readonly faulty: FaultyParty;
  readonly sources: Sources;
}

async function writeRecords(
  transcript: Transcript,
  replay: Replay,
  { honest, faulty, sources }: Parties,
  options: Options,
) {
  makeFolder(options.out);
  const paths = {
    transcript: join(options.out, "transcript.json"),
    report: join(options.out, "report.html"),
  };
  writeFile(paths.transcript, `${JSON.stringify(transcript, null, 1)}\n`);
  const disclosure = await disclosureOf(transcript, honest, faulty, options);
  const sourceOf = (pc: number) => sources.reported(pc);
  const presentation = { nameOf: demangled, sourceOf };
  writeFile(paths.report, renderReport(transcript, replay, disclosure, presentation));
  return paths;
}

/** Here both machines are at hand, so the report can show what the hashes only prove. */
async function disclosureOf(
  { judged }: Transcript,
  honest: MachineExecution,
  { machine }: FaultyParty,
  options: Options,
): Promise<Disclosure | undefined> {
  if (judged === null) return undefined;
  const step = Number(judged.step) + 1;
  const [truth, claimed] = [await honest.stateAt(step), await machine.stateAt(step)];
  const differences = stateDifference(truth.state, claimed.state);
  return { side: options.accuse === "faulty" ? 0 : 1, differences };
}

async function depositsOf({ client }: Stage, names: Readonly<Record<string, string>>) {
  const deposits: Record<string, string> = {};
  for (const [address, name] of Object.entries(names)) {
    deposits[name] = String((await client.contract.accounts(address)).free);
  }
  deposits.burned = String(await client.contract.burned());
  return deposits;
}
