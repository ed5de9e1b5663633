/**
 * What the node is started with: arguments and environment, checked before anything is touched.
 *
 * Invariant: a wrong value is named together with what was expected; the key is never repeated in a message.
 */
import { getAddress, isAddress, type TypedDataDomain, Wallet } from "ethers";
import { evidenceDomain } from "../../src/game/index.ts";
import type { Counterpart } from "./watch.ts";

export const usage =
  "NODE_KEY=0x… CHAIN_ID=31337 ARBITER=0x… node examples/node/main.ts FOLDER PORT [COUNTERPART_URL COUNTERPART_ACCOUNT]";

/** An argument or a variable is missing or holds something else than it should. */
export class SettingError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "SettingError";
  }
}

export interface Settings {
  readonly folder: string;
  /** 0: any free one. */
  readonly port: number;
  readonly wallet: Wallet;
  /** Chain and Arbiter that signatures are for. */
  readonly domain: TypedDataDomain;
  readonly counterpart: Counterpart | undefined;
}

export function readSettings(
  words: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): Settings {
  const [folder, port, url, account] = words;
  const { NODE_KEY: key, CHAIN_ID: chainId, ARBITER: arbiter } = environment;
  if (folder === undefined || port === undefined) throw new SettingError(`usage: ${usage}`);
  for (const [name, value] of Object.entries({
    NODE_KEY: key,
    CHAIN_ID: chainId,
    ARBITER: arbiter,
  }))
    if (!value) throw new SettingError(`${name} is not set; usage: ${usage}`);
  return {
    folder,
    port: portOf(port),
    wallet: walletOf(key ?? ""),
    domain: evidenceDomain(chainIdOf(chainId ?? ""), addressOf("ARBITER", arbiter ?? "")),
    counterpart: url === undefined ? undefined : counterpartOf(url, account),
  };
}

function portOf(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port < 65536) return port;
  throw new SettingError(`expected a port from 0 (any free one) to 65535, got ${text}`);
}

function walletOf(key: string): Wallet {
  try {
    return new Wallet(key);
  } catch {
    throw new SettingError("NODE_KEY holds no private key; write 0x and 64 hexadecimal digits");
  }
}

function chainIdOf(text: string): bigint {
  if (/^[1-9]\d*$/.test(text)) return BigInt(text);
  throw new SettingError(`expected the number of a chain in CHAIN_ID, got ${text}`);
}

function addressOf(name: string, text: string): string {
  if (isAddress(text)) return getAddress(text);
  throw new SettingError(`expected an address in ${name}, 0x and 40 digits, got ${text}`);
}

function counterpartOf(url: string, account: string | undefined): Counterpart {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    throw new SettingError(`expected the counterpart's URL, http://…, got ${url}`);
  }
  if (account === undefined) {
    throw new SettingError("expected the counterpart's account after its URL");
  }
  return { url: url.replace(/\/$/, ""), account: addressOf("COUNTERPART_ACCOUNT", account) };
}
