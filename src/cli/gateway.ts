/**
 * `gateway`: the process that clients talk to (docs/cluster.md): takes transactions, answers with proofs, serves the
 * client's page.
 *
 * Invariant: it has no keys and is trusted with nothing.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { hexlify } from "ethers";
import type { Hash } from "../game/index.ts";
import { applicationHash, type Generation, initialApplicationState } from "../history/index.ts";
import { StateTree } from "../merkle/index.ts";
import { gatewayProgram, machineAtGenesis } from "./game/call.ts";
import { chainIn } from "./game/genesisFile.ts";
import { loadModules } from "./session/linkedProgram.ts";
import { nodePart } from "./session/nodePackages.ts";
import {
  addProgramOptions,
  count,
  modulesArgument,
  type ProgramOptions,
} from "./session/options.ts";
import { addSettings, applySettings } from "./session/settings.ts";
import { untilStopped } from "./session/untilStopped.ts";
import { UsageError } from "./terminal/failure.ts";
import { remark } from "./terminal/output.ts";

interface Options extends ProgramOptions {
  readonly node: string;
  readonly genesis?: string;
  readonly folder: string;
  readonly http: number;
}

/** Between two looks for new blocks to write manifests of. */
const manifestMs = 500;

export function gatewayCommand(): Command {
  const command = new Command("gateway")
    .description(
      "Take transactions for a cluster and answer clients with blocks, votes and proofs, from one CometBFT node and the worker behind it; write the chain's manifests; serve the client's page. Every option is also an environment variable, WASM_ARBITER_ and its name in capitals, and may stand in a settings file.",
    )
    .argument(...modulesArgument)
    .option("--node <url>", "RPC of a CometBFT node", "http://127.0.0.1:26657")
    .option("--genesis <file>", "CometBFT's genesis.json")
    .option("--folder <path>", "where manifests are kept", "gateway")
    .option("--http <port>", "port to listen on", count, 8080)
    .action(run);
  return addSettings(addProgramOptions(command));
}

async function run(files: readonly string[], _: unknown, command: Command): Promise<void> {
  await applySettings(command);
  const options = command.opts<Options>();
  if (files.length === 0) loadModules(files, options);
  if (options.genesis === undefined) {
    throw new UsageError("no genesis is named", "give --genesis with CometBFT's genesis.json");
  }
  const { CometNode } = await nodePart(() => import("../node/cometbft/cometbftNode.ts"));
  const { Gateway } = await nodePart(() => import("../node/gateway/clusterGateway.ts"));
  const { clientPage } = await nodePart(() => import("../node/gateway/gatewayPage.ts"));
  const { serveHttp } = await nodePart(() => import("../node/http.ts"));
  const { OwnManifests } = await nodePart(() => import("../node/manifests/manifestStore.ts"));
  const { ManifestWriter } = await nodePart(() => import("../node/manifests/manifestWriter.ts"));
  const { repeated } = await nodePart(() => import("../node/cluster/repeated.ts"));
  const { genesisIn } = await nodePart(() => import("../node/worker/daemon.ts"));
  const { state } = machineAtGenesis(gatewayProgram(files, options));
  const genesisState = hexlify(new StateTree(state).stateHash()) as Hash;
  const { chainId, validators, initialHeight } = chainIn(options.genesis);
  const { cluster, receipts: terms, initialApplicationHash } = genesisIn(options.genesis);
  const generation: Generation = {
    chainId,
    validators,
    initialHeight,
    initialApplicationHash:
      initialApplicationHash ?? applicationHash(initialApplicationState(genesisState)),
  };
  mkdirSync(options.folder, { recursive: true });
  const manifests = new OwnManifests(join(options.folder, "manifests.sqlite"), generation);
  const node = new CometNode(options.node);
  const writer = new ManifestWriter(node, manifests, { genesisState, initialHeight });
  const receipts = { ...terms, cluster, chainId: terms.chainId.toString() };
  const page = await clientPage();
  const gateway = new Gateway({ node, generation, manifests, receipts, page });
  const server = await serveHttp({
    host: "127.0.0.1",
    port: options.http,
    routes: gateway.routes(),
  });
  remark(`gateway at ${server.url}`);
  const stop = repeated(
    () =>
      writer.write().then(
        () => {},
        (error: Error) => remark(error.message),
      ),
    manifestMs,
  );
  await untilStopped();
  await stop();
  await server.close();
  await manifests.close();
}
