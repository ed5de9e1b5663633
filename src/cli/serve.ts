/**
 * `serve`: keeps a player running for a node: answers disputes that name its account, and disputes those of the
 * counterpart's signed transitions that contradict its own results.
 *
 * Invariant: nothing is kept on disk; after a restart everything is read from the chain and computed again.
 */
import { Command } from "commander";
import { type JsonRpcProvider, parseEther, type Signer, Wallet } from "ethers";
import type { Call } from "../game/claim/claim.ts";
import { isRegistered, registerProgram } from "../game/claim/registerProgram.ts";
import { Player } from "../game/player/player.ts";
import type { Program } from "../interpreter/index.ts";
import { programRoot } from "../merkle/index.ts";
import { type ChainOptions, withArbiter } from "./game/arbiterAt.ts";
import { gatewayProgram } from "./game/call.ts";
import { CallBook, type InputSource } from "./game/callBook.ts";
import { ClaimWatch } from "./game/claimWatch.ts";
import { narrator } from "./game/narration.ts";
import { checkReadable, readBytes, readJson } from "./session/files.ts";
import { loadModules } from "./session/linkedProgram.ts";
import {
  addChainOptions,
  addProgramOptions,
  collect,
  count,
  modulesArgument,
  type ProgramOptions,
} from "./session/options.ts";
import { UsageError } from "./terminal/failure.ts";
import { counted, hex, remark } from "./terminal/output.ts";

interface Options extends ProgramOptions, ChainOptions {
  readonly register?: boolean;
  readonly input: readonly string[];
  readonly claims?: string;
  readonly deposit?: string;
  readonly poll: number;
}

/** Variable that holds the player's private key. */
const keyVariable = "PLAYER_KEY";

export function serveCommand(): Command {
  const command = new Command("serve")
    .description(
      `Follow a chain and answer every dispute that names the account of ${keyVariable} (without it: the node's first account), for the calls that the program makes on the given inputs, one after the other from genesis. The Arbiter must know the program; with --register, or if its root is that of --program-root or of the project file, it is registered first.`,
    )
    .argument(...modulesArgument)
    .option("--input <file>", "input of a call; repeat in order", collect, [])
    .option("--claims <file>", 'JSON: {"claims": [{transition, signature}]} to compare and dispute')
    .option("--deposit <ether>", "top the deposit up to this first, stakes included")
    .option("--register", "register the program where the Arbiter does not know it")
    .option("--poll <ms>", "time between looks at the chain", count, 1000)
    .action(serve);
  return addProgramOptions(addChainOptions(command));
}

async function serve(files: readonly string[], options: Options): Promise<void> {
  if (options.poll < 1) throw new UsageError("--poll is 0", "choose 1 or more milliseconds");
  // The ledger example stands for nobody's program here.
  if (files.length === 0) loadModules(files, options);
  const program = gatewayProgram(files, options);
  for (const path of options.input) checkReadable(path);
  const claims = options.claims === undefined ? [] : claimsIn(options.claims);
  const deposit = options.deposit === undefined ? undefined : etherOf(options.deposit);
  await withArbiter(options, async ({ address, provider }) => {
    const calls: { book?: CallBook } = {};
    const player = new Player({
      arbiter: address,
      fromBlock: options.fromBlock,
      signer: await playerSigner(provider as JsonRpcProvider),
      execution: async (call: Call) => calls.book?.execution(call),
      pollMs: options.poll,
      onEvent: narrator("player"),
    });
    await ensureRegistered(player, program, options);
    if (deposit !== undefined) await ensureDeposit(player, deposit);
    const book = new CallBook(program, options.input.map(sourceOf));
    calls.book = book;
    const count = counted(book.calls.length, "call");
    remark(`player ${await player.address()} knows ${count} and follows ${address}`);
    const signal = untilStopped();
    const watch = new ClaimWatch(player, book.calls, claims);
    await Promise.all([player.follow(signal), watch.follow(signal, options.poll)]);
  });
}

/** Standard input can be read only once. */
function sourceOf(path: string): InputSource {
  if (path !== "-") return () => readBytes(path);
  const bytes = readBytes(path);
  return () => bytes;
}

/**
 * A player that runs another program than the one that was registered could answer nothing: it must be known to the
 * Arbiter, or meant by its root.
 */
async function ensureRegistered(
  { arbiter }: Player,
  program: Program,
  options: Options,
): Promise<void> {
  const root = hex(programRoot(program));
  if (await isRegistered(arbiter, program)) {
    remark(`program ${root}`);
    return;
  }
  if (options.register !== true && options.programRoot === undefined) {
    throw new UsageError(
      `this Arbiter does not know program ${root}`,
      "name the modules and options that were registered, or register these: --register",
    );
  }
  await registerProgram(arbiter, program);
  remark(`program ${root} is registered now`);
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
  const wanted = "write {transition, signature} objects into it";
  const { claims } = readJson(path, wanted);
  if (Array.isArray(claims)) return claims;
  throw new UsageError(`${path} has no list "claims"`, wanted);
}

function etherOf(text: string): bigint {
  try {
    const wei = parseEther(text);
    if (wei >= 0n) return wei;
  } catch {
    // No number at all.
  }
  throw new UsageError(`expected an amount of ether, got ${text}`, "write for example 1.5");
}

function untilStopped(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    process.once(signal, () => controller.abort());
  return controller.signal;
}
