/**
 * The Arbiter that `--rpc` and `--arbiter`, or the project file, name: on a chain that answers, at an address that holds
 * one.
 *
 * Invariant: whoever gets it closes the chain; everything that is wrong with it is told before anything else is done.
 */
import { getAddress, isAddress } from "ethers";
import { ArbiterClient } from "../../game/chain/arbiterClient.ts";
import type { Address } from "../../game/claim/claim.ts";
import { type Chain, remoteChain } from "../session/chain.ts";
import { UsageError } from "../terminal/failure.ts";
import { remark } from "../terminal/output.ts";
import { expectArbiter } from "./stage.ts";

export interface ChainOptions {
  readonly rpc?: string;
  readonly arbiter?: string;
  readonly fromBlock: number;
}

/** An address as an option has it. */
export function addressOption(name: string, text: string): Address {
  if (isAddress(text)) return getAddress(text);
  throw new UsageError(`expected an address, got ${text}`, `give ${name} 0x… with 40 digits`);
}

/** What the options say, before anything is asked. */
export function chainNamed({ rpc, arbiter }: ChainOptions) {
  if (rpc === undefined || arbiter === undefined) {
    throw new UsageError(
      `no ${rpc === undefined ? "chain" : "Arbiter"} is named`,
      'give --rpc and --arbiter, or write "chain" into the project file',
    );
  }
  return { rpc, address: addressOption("--arbiter", arbiter) };
}

/** The Arbiter, for reading; its chain is closed after `use`. */
export async function withArbiter<T>(
  options: ChainOptions,
  use: (client: ArbiterClient, chain: Chain) => Promise<T>,
): Promise<T> {
  const { rpc, address } = chainNamed(options);
  const chain = await remoteChain(rpc);
  try {
    if ((await chain.provider.getCode(address)) === "0x") {
      throw new UsageError(`no contract at ${address} on that chain`, "correct --arbiter or --rpc");
    }
    const client = new ArbiterClient(address, chain.provider, options.fromBlock);
    await expectArbiter(client);
    await checkFromBlock(client);
    return await use(client, chain);
  } finally {
    await chain.close();
  }
}

/** What was opened before --from-block is not seen: a player would lose those disputes by the clock. */
async function checkFromBlock({ address, provider, fromBlock }: ArbiterClient): Promise<void> {
  if (fromBlock === 0) return;
  const head = await provider.getBlockNumber();
  if (fromBlock > head) {
    throw new UsageError(
      `--from-block is ${fromBlock}, and the chain is at block ${head}`,
      "give the block of the Arbiter's creation",
    );
  }
  // A node without old states cannot tell.
  const before = await provider.getCode(address, fromBlock - 1).catch(() => "0x");
  if (before === "0x") return;
  remark(
    `the Arbiter was there before block ${fromBlock}: what was opened earlier is not seen; give --from-block the block of its creation`,
  );
}
