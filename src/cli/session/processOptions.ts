/**
 * What the long-running processes of the network share: `worker` and `validator` have a folder, storage nodes, an EVM chain
 * and the account that pays there, and a log.
 *
 * Invariant: the account's key stands in no argument, which other users of the machine could read, and in no file.
 */
import type { Command } from "commander";
import { isHexString } from "ethers";
import { UsageError } from "../terminal/failure.ts";
import { collect, count } from "./options.ts";

/** Values of the shared options. */
export interface ProcessOptions {
  readonly folder: string;
  readonly storage: readonly string[];
  readonly rpc?: string;
  readonly fromBlock: number;
  readonly logLevel: string;
}

/** What the help of one process says of them. */
export interface ProcessTexts {
  /** Default of --folder. */
  readonly folder: string;
  /** What it keeps there, what storage nodes are for, and what the chain is for. */
  readonly keeps: string;
  readonly stores: string;
  readonly chain: string;
}

export function addProcessOptions(command: Command, texts: ProcessTexts): Command {
  return command
    .option("--folder <path>", `where the ${command.name()} keeps ${texts.keeps}`, texts.folder)
    .option("--storage <url>", `${texts.stores}; repeat`, collect, [])
    .option("--rpc <url>", texts.chain)
    .option("--from-block <number>", "block of the contracts' creation", count, 0)
    .option("--log-level <level>", "of pino: debug, info, warn, error, silent", "info");
}

/** Variable that holds the private key of the account that accuses, confirms, and signs results. */
export const accountVariable = "WASM_ARBITER_ACCOUNT_KEY";

/** The key of the account that pays. Throws UsageError if the environment has none. */
export function accountKey(): string {
  const key = process.env[accountVariable];
  if (isHexString(key, 32)) return key;
  throw new UsageError(
    "there is no account to send from",
    `set ${accountVariable} to a private key`,
  );
}
