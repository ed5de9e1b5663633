/**
 * A cluster for the stage, in one process or on real CometBFT nodes, with its accounts before the contracts.
 *
 * Invariant: the honest accuser knows only what its own worker computed; the liar answers by the machine that went wrong.
 */
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { hexlify, type SigningKey } from "ethers";
import type { Address, Hash } from "../../game/index.ts";
import { countersOfCall, Machine, type Program, snapshot } from "../../interpreter/index.ts";
import { StateTree } from "../../merkle/index.ts";
import type { RunningCluster } from "../../node/cluster/demonstration.ts";
import type { Worker } from "../../node/worker/blockWorker.ts";
import type { ClusterGenesis } from "../../node/worker/workerGenesis.ts";
import { nodePart } from "../session/nodePackages.ts";
import { accountVariable } from "../session/processOptions.ts";
import { UsageError } from "../terminal/failure.ts";
import { remark } from "../terminal/output.ts";
import type { ClusterStage } from "./clusterStage.ts";
import { FaultyExecution, incrementMemory } from "./faultyExecution.ts";
import { narrator } from "./narration.ts";

/** What both kinds are made of. */
export interface Staged {
  readonly program: Program;
  readonly stage: ClusterStage;
  readonly genesis: ClusterGenesis;
  readonly keys: readonly SigningKey[];
  readonly storage: { readonly key: string; readonly address: Address };
  readonly folder: string;
  /** How many of the workers lie; the last ones. */
  readonly liars?: number;
}

const pollMs = 50;

/** One process; the last workers lie and defend their lie. */
export async function startEmbedded(staged: Staged): Promise<RunningCluster> {
  const { startEmbeddedCluster } = await nodePart(
    () => import("../../node/cluster/embeddedCluster.ts"),
  );
  const { clientPage } = await import("../../node/gateway/gatewayPage.ts");
  const { program, stage, genesis, keys, storage, folder } = staged;
  const running = await startEmbeddedCluster({
    program,
    folder,
    chainId: stage.generation.chainId,
    genesis,
    keys,
    spoil: incrementMemory,
    storageKey: storage.key,
    page: await clientPage(),
    ...(staged.liars === undefined ? {} : { liars: staged.liars }),
    openChain: (_, liars) => chainsOf(staged, liars),
  });
  return { ...running, trustedBlock: await stage.newestBlock() };
}

/** The accuser's chain; the liars' owners play beside it. */
async function chainsOf({ stage, keys }: Staged, liars: readonly Worker[]) {
  const { ContractChain } = await import("../../node/disputes/contractChain.ts");
  const { addresses, fromBlock, generation } = stage;
  const places = { ...addresses, fromBlock, generation: generation.id, pollMs };
  const chain = await ContractChain.connect({
    ...places,
    signer: stage.watcher,
    onEvent: narrator("accuser"),
  });
  const players = [chain];
  for (const [index, liar] of liars.entries()) {
    const player = await ContractChain.connect({
      ...places,
      signer: stage.owners[keys.length - liars.length + index],
      answers: await answersOf(liar),
      onEvent: narrator("liar"),
    });
    players.push(player);
  }
  const stopped = new AbortController();
  const playing = players.map((player) => player.follow(stopped.signal));
  const close = chain.close.bind(chain);
  chain.close = async () => {
    stopped.abort();
    await Promise.all(playing);
    await close();
  };
  return chain;
}

/** How the liar answers: by an execution with its machine's fault, and the state that it has voted for. */
async function answersOf(liar: Worker) {
  const { stateAfter } = await import("../../node/worker/recovery.ts");
  return {
    resultOf: async ({ height }: { readonly height: bigint }) =>
      liar.journal.block(height - 1n)?.application,
    execution: async ({ previousState }: { readonly previousState: Hash }) => {
      for (const block of liar.journal.blocks(0n, liar.height)) {
        const { machine } = stateAfter(liar, block.height - 1n);
        if (machine.base() !== previousState) continue;
        const before = snapshot(machine.baseTree().state);
        const outcome = machine.run("honest", block.input);
        if (outcome === "over-fuel") throw new TypeError("expected a call without a bound to end");
        const { stepCounter } = countersOfCall(before, liar.program);
        const fault = { step: stepCounter + Number(outcome.steps), alter: incrementMemory };
        return new FaultyExecution(liar.program, before, block.input, fault);
      }
      return undefined;
    },
  };
}

/** Four real nodes; three workers lie, and are silent when they are accused. */
export async function startComet(staged: Staged): Promise<RunningCluster> {
  const { startCometCluster } = await nodePart(() => import("../../node/cluster/cometCluster.ts"));
  const { ContractChain } = await import("../../node/disputes/contractChain.ts");
  const { program, stage, genesis, keys, storage, folder } = staged;
  const executable = cometbft();
  const genesisState = hexlify(new StateTree(new Machine(program).state).stateHash()) as Hash;
  const { addresses, fromBlock, generation } = stage;
  const rpc = await stage.serve();
  const places = ["--rpc", rpc, "--clusters", addresses.clusters, "--block-arbiter"];
  places.push(addresses.blockArbiter, "--from-block", String(fromBlock));
  places.push("--generation", String(generation.id));
  remark(`${executable}, ${folder}`);
  const running = await startCometCluster({
    executable,
    folder,
    chainId: generation.chainId,
    genesis,
    genesisState,
    keys,
    storageKey: storage.key,
    openChain: () =>
      ContractChain.connect({
        ...addresses,
        fromBlock,
        generation: generation.id,
        pollMs,
        signer: stage.watcher,
      }),
    worker: (member, { storageUrl, lieFile }) => {
      const { index, folder: own, abciSocket, signerSocket, genesis: document, rpcUrls } = member;
      const key = join(own, "key");
      writeFileSync(key, keys[index].privateKey, { mode: 0o600 });
      const args = [
        fileURLToPath(new URL("../start.js", import.meta.url)),
        "worker",
        fileURLToPath(new URL("../../../examples/cluster/counters.wasm", import.meta.url)),
        "--no-project",
        ...["--folder", join(own, "state"), "--abci", abciSocket, "--genesis", document],
        ...["--key", key, "--signer", signerSocket, "--storage", storageUrl],
        ...rpcUrls.flatMap((url) => ["--watch", url]),
        ...["--wal", member.logFolder],
        // The honest worker accuses by itself; the liars are silent.
        ...(lieFile === undefined ? places : ["--spoil-file", lieFile]),
      ];
      const env: Record<string, string> =
        lieFile === undefined ? { [accountVariable]: stage.watcherKey } : {};
      return { command: process.execPath, args, env };
    },
  });
  return { ...running, trustedBlock: await stage.newestBlock() };
}

/** CometBFT's executable. */
function cometbft(): string {
  const { COMETBFT, GOBIN, GOPATH, HOME } = process.env;
  const folder = GOBIN ?? join(GOPATH ?? join(HOME ?? "", "go"), "bin");
  for (const name of [COMETBFT, "cometbft", join(folder, "cometbft")]) {
    if (name === undefined) continue;
    try {
      execFileSync(name, ["version"], { stdio: "ignore" });
      return name;
    } catch {}
  }
  throw new UsageError(
    "CometBFT is not installed",
    "go install github.com/cometbft/cometbft/cmd/cometbft@v0.38.26, or name it in COMETBFT",
  );
}
