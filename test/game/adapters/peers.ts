/**
 * Compiled contracts of other dispute games, from their npm packages: fetched by `npm pack` into cache/peers/ when first
 * needed (the packages unpack to 130 MB, of which a dozen files are read; none is a dependency of anything here).
 *
 * Invariant: only the pinned archives are accepted. nitro-contracts is under BUSL-1.1: only its bytecode is run, in tests.
 */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const cache = fileURLToPath(new URL("../../../cache/peers/", import.meta.url));

interface Peer {
  readonly package: string;
  /** As the registry states it. */
  readonly integrity: string;
  /** File of a contract's artifact in the package. */
  readonly file: (contract: string) => string;
  readonly contracts: readonly string[];
}

const boldFolders: Readonly<Record<string, string>> = {
  EdgeChallengeManager: "src/challengeV2",
  TestWETH9: "src/mocks",
  ERC1967Proxy: "@openzeppelin/contracts/proxy/ERC1967",
};

const peers = {
  opStack: {
    package: "@eth-optimism/contracts-bedrock@0.17.3",
    integrity:
      "sha512-cHPO7ntWeOBDLO7ZFFSZGI1D7CDqf4loRbRVJrFIsqLEz+hysWIqA0e3dv2GnrjVeuYePBfI2NTBEG4uwz9bQQ==",
    file: (contract) => `forge-artifacts/${contract}.sol/${contract}.json`,
    contracts: [
      "FaultDisputeGame",
      "DisputeGameFactory",
      "DelayedWETH",
      "AnchorStateRegistry",
      "SuperchainConfig",
      "Proxy",
    ],
  },
  bold: {
    package: "@arbitrum/nitro-contracts@3.2.0",
    integrity:
      "sha512-uiwqpgLLBpym/55YBPVItkfOnkfGRh+yWyIeTxBjSn+O0nDcEwPZhB1EQSE+eTxteD9nP7ZacAi3a9f+E/17vQ==",
    file: (contract) => {
      const path = boldFolders[contract];
      return `build/contracts/${path}/${contract}.sol/${contract}.json`;
    },
    contracts: ["EdgeChallengeManager", "TestWETH9", "ERC1967Proxy"],
  },
} as const satisfies Record<string, Peer>;

/** What a peer's contract is deployed from. */
export interface PeerArtifact {
  readonly abi: never[];
  readonly bytecode: string;
}

export type PeerName = keyof typeof peers;

/** Artifacts of a peer's contracts by name; undefined, said loudly, where its package cannot be had. */
export async function peerArtifacts(
  name: PeerName,
): Promise<Record<string, PeerArtifact> | undefined> {
  const peer: Peer = peers[name];
  const folder = `${cache}${name}/`;
  try {
    if (!existsSync(folder)) await get(peer, folder);
  } catch (error) {
    console.error(`NOT RUN: the games of ${name}: no ${peer.package}: ${(error as Error).message}`);
    return undefined;
  }
  const artifacts = peer.contracts.map((contract) => {
    const { abi, bytecode } = JSON.parse(
      readFileSync(`${folder}package/${peer.file(contract)}`, "utf8"),
    ) as { abi: never[]; bytecode: string | { object: string } };
    const code = typeof bytecode === "string" ? bytecode : bytecode.object;
    return [contract, { abi, bytecode: code }] as const;
  });
  return Object.fromEntries(artifacts);
}

async function get(peer: Peer, folder: string): Promise<void> {
  const part = `${folder.slice(0, -1)}.part-${process.pid}/`;
  rmSync(part, { recursive: true, force: true });
  mkdirSync(part, { recursive: true });
  try {
    await run("npm", ["pack", "--silent", "--pack-destination", part, peer.package], {
      cwd: part,
      timeout: 120_000,
    });
    const archive = readdirSync(part).find((file) => file.endsWith(".tgz"));
    if (archive === undefined) throw new Error("npm pack has left no archive");
    const digest = createHash("sha512").update(readFileSync(part + archive));
    const actual = `sha512-${digest.digest("base64")}`;
    if (actual !== peer.integrity) throw new Error(`expected ${peer.integrity}, got ${actual}`);
    const files = peer.contracts.map((contract) => `package/${peer.file(contract)}`);
    await run("tar", ["-xzf", archive, ...files], { cwd: part });
    rmSync(part + archive);
    // Another process may have been faster.
    if (!existsSync(folder)) renameSync(part, folder);
  } finally {
    rmSync(part, { recursive: true, force: true });
  }
}
