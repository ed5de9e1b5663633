/**
 * A chain to ask: an embedded one (the package hardhat, in this process) or one behind a URL.
 *
 * Invariant: a chain that cannot be reached is told at once and in one line; nothing retries for ever.
 */
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { JsonRpcProvider, type Provider, type Signer } from "ethers";
import { UsageError } from "../terminal/failure.ts";
import { InProcessProvider } from "./inProcessProvider.ts";

export interface Chain {
  readonly provider: Provider;
  close(): Promise<void>;
}

export interface EmbeddedChain extends Chain {
  /** A funded account. */
  readonly signer: Signer;
}

const answerTimeoutMs = 10_000;

/** Starts a chain in this process. */
export async function embeddedChain(): Promise<EmbeddedChain> {
  process.env.HARDHAT_DISABLE_TELEMETRY = "true";
  const { createHardhatRuntimeEnvironment } = await import("hardhat/hre").catch(() => {
    throw new UsageError(
      "an embedded chain needs the package hardhat",
      "npm install hardhat, or name a chain with --rpc",
    );
  });
  // Hardhat wants to live in a project; its own folder is one that is always there.
  const root = dirname(createRequire(import.meta.url).resolve("hardhat/package.json"));
  const network = { type: "edr-simulated", chainType: "l1", hardfork: "osaka" } as const;
  const hre = await createHardhatRuntimeEnvironment({ networks: { default: network } }, {}, root);
  const connection = await hre.network.create();
  const provider = new InProcessProvider(connection.provider);
  return {
    provider,
    signer: await provider.getSigner(0),
    async close() {
      provider.destroy();
      await connection.close();
    },
  };
}

/** The chain behind a JSON-RPC URL. */
export async function remoteChain(url: string): Promise<Chain> {
  const chainId = await askChainId(url);
  const provider = new JsonRpcProvider(url, chainId, { staticNetwork: true, cacheTimeout: -1 });
  return { provider, close: async () => provider.destroy() };
}

async function askChainId(url: string): Promise<bigint> {
  const id = await rpcResult(url, await answerOf(url));
  return BigInt(id);
}

/** What a server says when it is asked for its chain's id; UsageError if none is there. */
async function answerOf(url: string): Promise<Response> {
  try {
    return await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "eth_chainId", params: [] }),
      signal: AbortSignal.timeout(answerTimeoutMs),
    });
  } catch {
    throw new UsageError(`no chain answers at ${url}`, "start the node, or correct --rpc");
  }
}

async function rpcResult(url: string, response: Response): Promise<string> {
  const answer = (await response.json().catch(() => undefined)) as { result?: unknown } | null;
  const { result } = answer ?? {};
  if (typeof result === "string" && /^0x[\da-f]+$/i.test(result)) return result;
  const kind = response.headers.get("content-type")?.split(";")[0];
  throw new UsageError(
    `an HTTP server answers at ${url}, but no Ethereum node (status ${response.status}${kind ? `, ${kind}` : ""})`,
    "correct --rpc: it must be the URL of a node's JSON-RPC",
  );
}
