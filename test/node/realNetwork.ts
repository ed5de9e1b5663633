/**
 * A cluster of four real CometBFT nodes for tests, where CometBFT is installed.
 */
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { SigningKey } from "ethers";
import {
  CometNetwork,
  type MemberPlaces,
  type NetworkOptions,
} from "../../src/node/cometbft/network.ts";
import { type ClusterGenesis, encodeGenesis } from "../../src/node/worker/workerGenesis.ts";
import { countersGenesis } from "./counters.ts";
import { chainId, workerKeys } from "./network.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

const countersProgram = {
  modules: [join(root, "examples/cluster/counters.wasm")],
  genesis: countersGenesis(),
};

/** The executable, or nothing where it is missing. */
export const cometbft = findCometbft();

function findCometbft(): string | undefined {
  const go = join(process.env.GOBIN ?? join(process.env.GOPATH ?? `${process.env.HOME}/go`, "bin"));
  for (const name of [process.env.COMETBFT, "cometbft", join(go, "cometbft")]) {
    if (name === undefined) continue;
    try {
      execFileSync(name, ["version"], { stdio: "ignore" });
      return name;
    } catch {}
  }
  return undefined;
}

/** Starts it below a folder. */
export function startNetwork(
  folder: string,
  changes: Partial<NetworkOptions> & {
    readonly workerArgs?: (index: number) => readonly string[];
    /** The workers' program as the command line takes its modules, and its genesis; the counters unless given. */
    readonly program?: { readonly modules: readonly string[]; readonly genesis: ClusterGenesis };
    /** CometBFT's own kvstore instead of workers. */
    readonly builtIn?: boolean;
  } = {},
): Promise<CometNetwork> {
  if (cometbft === undefined) throw new Error("CometBFT is not installed");
  const { workerArgs = () => [], builtIn = false, keys = workerKeys } = changes;
  const { workerArgs: _, builtIn: __, program = countersProgram, ...options } = changes;
  return CometNetwork.start({
    folder,
    executable: cometbft,
    chainId,
    appState: encodeGenesis(program.genesis),
    keys,
    ...(builtIn
      ? {}
      : {
          worker: (places) =>
            workerCommand(places, keys, [...program.modules, ...workerArgs(places.index)]),
        }),
    ...options,
  });
}

function workerCommand(places: MemberPlaces, keys: readonly SigningKey[], more: readonly string[]) {
  const { index, folder, abciSocket, signerSocket, genesis, rpcUrls } = places;
  const key = keys[index]?.privateKey;
  if (key !== undefined) writeFileSync(join(folder, "key"), key);
  const args = [
    join(root, "src/cli/start.js"),
    "worker",
    "--no-project",
    ...["--folder", join(folder, "state"), "--abci", abciSocket, "--genesis", genesis],
    ...(key === undefined ? [] : ["--key", join(folder, "key"), "--signer", signerSocket]),
    ...rpcUrls.flatMap((url) => ["--watch", url]),
    ...more,
  ];
  return { command: process.execPath, args };
}
