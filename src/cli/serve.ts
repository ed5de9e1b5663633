/**
 * `serve`: keeps a player running for a node: answers disputes that name its account, and disputes those of the
 * counterpart's signed transitions that contradict its own results.
 *
 * Invariant: nothing is kept on disk; after a restart everything is read from the chain and computed again.
 */
import { Command } from "commander";
import {
  getAddress,
  isAddress,
  type JsonRpcProvider,
  parseEther,
  type Signer,
  Wallet,
} from "ethers";
import type { Call } from "../game/claim.ts";
import { sameCall } from "../game/claim.ts";
import { MachineExecution } from "../game/machineExecution.ts";
import { Player } from "../game/player.ts";
import { registerProgram } from "../game/register.ts";
import type { Program, Snapshot } from "../interpreter/index.ts";
import { gatewayProgram, machineAtGenesis } from "./game/call.ts";
import { ClaimWatch } from "./game/claimWatch.ts";
import { narrator } from "./game/narration.ts";
import { expectArbiter } from "./game/stage.ts";
import { remoteChain } from "./session/chain.ts";
import { readBytes, readJson } from "./session/files.ts";
import {
  addProgramOptions,
  collect,
  count,
  modulesArgument,
  type ProgramOptions,
} from "./session/options.ts";
import { UsageError } from "./terminal/failure.ts";
import { remark } from "./terminal/output.ts";

interface Options extends ProgramOptions {
  readonly rpc: string;
  readonly arbiter: string;
  readonly input: readonly string[];
  readonly claims?: string;
  readonly deposit?: string;
  readonly fromBlock: number;
  readonly poll: number;
}

/** Variable that holds the player's private key. */
const keyVariable = "PLAYER_KEY";

export function serveCommand(): Command {
  const command = new Command("serve")
    .summary("keep a player running for a node")
    .description(
      `Follow a chain and answer every dispute that names the account of ${keyVariable} (without it: the node's first account), for the calls that the program makes on the given inputs, one after the other from genesis. The program is registered first, where the Arbiter does not know it.`,
    )
    .argument(...modulesArgument)
    .requiredOption("--rpc <url>", "the chain")
    .requiredOption("--arbiter <address>", "the Arbiter on it")
    .option("--input <file>", "input of a call; repeat in order", collect, [])
    .option("--claims <file>", 'JSON: {"claims": [{transition, signature}]} to compare and dispute')
    .option("--deposit <ether>", "top the deposit up to this first, stakes included")
    .option("--from-block <number>", "block of the Arbiter's creation", count, 0)
    .option("--poll <ms>", "time between looks at the chain", count, 1000)
    .action(serve);
  return addProgramOptions(command);
}

async function serve(files: readonly string[], options: Options): Promise<void> {
  if (!isAddress(options.arbiter)) {
    throw new UsageError(
      `expected an address, got ${options.arbiter}`,
      "give --arbiter 0x… with 40 digits",
    );
  }
  const program = gatewayProgram(files, options);
  const executions = executionsOf(program, options.input);
  const chain = await remoteChain(options.rpc);
  try {
    const signer = await playerSigner(chain.provider as JsonRpcProvider);
    const arbiter = getAddress(options.arbiter);
    if ((await chain.provider.getCode(arbiter)) === "0x") {
      throw new UsageError(`no contract at ${arbiter} on that chain`, "correct --arbiter or --rpc");
    }
    const player = new Player({
      arbiter,
      fromBlock: options.fromBlock,
      signer,
      execution: async (call: Call) => executions.find((known) => sameCall(known.call, call)),
      pollMs: options.poll,
      onEvent: narrator("player"),
    });
    await expectArbiter(player.arbiter);
    if (await registerProgram(player.arbiter, program)) remark("the program is registered now");
    if (options.deposit !== undefined) await ensureDeposit(player, etherOf(options.deposit));
    remark(
      `player ${await player.address()} knows ${executions.length} calls and follows ${arbiter}`,
    );
    const claims = options.claims === undefined ? [] : claimsIn(options.claims);
    const signal = untilStopped();
    const watch = new ClaimWatch(player, executions, claims);
    await Promise.all([player.follow(signal), watch.follow(signal, options.poll)]);
  } finally {
    await chain.close();
  }
}

/** One execution for each input, each beginning where the one before ended. */
function executionsOf(program: Program, inputs: readonly string[]): MachineExecution[] {
  const machine = machineAtGenesis(program);
  let previous: Snapshot = machine.snapshot();
  return inputs.map((path) => {
    const input = readBytes(path);
    const execution = new MachineExecution(program, previous, input);
    machine.begin(input);
    machine.run();
    previous = machine.snapshot();
    return execution;
  });
}

async function playerSigner(provider: JsonRpcProvider): Promise<Signer> {
  const key = process.env[keyVariable];
  try {
    return key === undefined ? await provider.getSigner(0) : new Wallet(key, provider);
  } catch {
    throw new UsageError("there is no account to play with", `set ${keyVariable} to a private key`);
  }
}

/** After a restart the deposit is there already, or staked. */
async function ensureDeposit(player: Player, wei: bigint): Promise<void> {
  const { free, staked } = await player.arbiter.contract.accounts(await player.address());
  const held = free + staked;
  if (held < wei) await player.deposit(wei - held);
}

function claimsIn(path: string): readonly unknown[] {
  const { claims } = readJson(path);
  if (Array.isArray(claims)) return claims;
  throw new UsageError(
    `${path} has no list "claims"`,
    "write {transition, signature} objects into it",
  );
}

function etherOf(text: string): bigint {
  try {
    return parseEther(text);
  } catch {
    throw new UsageError(`expected an amount of ether, got ${text}`, "write for example 1.5");
  }
}

function untilStopped(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    process.once(signal, () => controller.abort());
  return controller.signal;
}
