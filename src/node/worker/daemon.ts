/**
 * A worker's process: the ABCI server that CometBFT talks to, the signer that it asks for votes, metrics and health.
 *
 * Invariant: it holds no state of its own; killed at any moment and started again it is where its folder says.
 */
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import type { ListenOptions } from "node:net";
import { join } from "node:path";
import { hexlify, type SigningKey } from "ethers";
import {
  applicationHash,
  type ResultsSigner,
  signResults,
  type Validator,
} from "../../history/index.ts";
import type { Program } from "../../interpreter/index.ts";
import { serveAbci } from "../abci/server.ts";
import type { ConsensusNode } from "../consensus.ts";
import type { ClusterChain } from "../disputes/clusterChain.ts";
import { HttpError, type HttpServer, type Routes, serveHttp } from "../http.ts";
import type { Log } from "../log.ts";
import { WorkerMetrics } from "../metrics.ts";
import { RemoteSigner } from "../signer/remoteSigner.ts";
import { VoteGuard } from "../signer/voteGuard.ts";
import type { Storage } from "../storage/storageClient.ts";
import { AgreementWatch } from "../watch/agreement.ts";
import { abciWorker } from "./abciWorker.ts";
import { besideTheBlocks } from "./besideBlocks.ts";
import { Worker, type WorkerOptions } from "./blockWorker.ts";
import { BlockJournal } from "./journal.ts";
import { WorkerQueries } from "./queries.ts";
import { SnapshotFolder } from "./snapshots.ts";
import { StateSync } from "./stateSync.ts";
import type { TransactionRules } from "./transactionRules.ts";
import { type ClusterGenesis, readGenesis } from "./workerGenesis.ts";

/** What a worker's process is told. */
export interface WorkerSettings {
  readonly program: Program;
  readonly folder: string;
  /** Where CometBFT finds the application. */
  readonly abci: ListenOptions;
  readonly chainId: string;
  /** Its consensus key, and the socket on which CometBFT waits for the signer; an observer has neither. */
  readonly signer?: { readonly key: SigningKey; readonly socket: string };
  /** What the generation agreed on; needed to join by state sync. */
  readonly genesis?: ClusterGenesis;
  /** Metrics and health. */
  readonly http?: { readonly host: string; readonly port: number };
  readonly snapshotBlocks?: number;
  /** Snapshot with which the generation before has ended, for the first start of a worker that goes on from there. */
  readonly inherited?: Uint8Array;
  readonly keptSnapshots?: number;
  /** Nodes whose headers are compared with this worker's results. */
  readonly watched?: readonly ConsensusNode[];
  readonly validators?: readonly Validator[];
  readonly pollMs?: number;
  /** The own node, if it shows precommits that decided nothing. */
  readonly own?: ConsensusNode;
  /** Storage nodes that this worker brings its blocks to. */
  readonly storages?: readonly Storage[];
  /** Account that signs what calls returned, for `/results`. */
  readonly account?: ResultsSigner;
  /** Where it accuses whoever voted for another result than its own. */
  readonly chain?: ClusterChain;
  readonly rules?: TransactionRules;
  readonly spoil?: WorkerOptions["spoil"];
  readonly log: Log;
}

/** A running worker. */
export interface WorkerProcess {
  readonly worker: Worker;
  readonly http: HttpServer | undefined;
  stop(): Promise<void>;
}

/** Blocks that a healthy worker may be behind. */
const healthyLag = 3n;

/** Starts a worker; resolves once CometBFT can reach it. */
export async function startWorker(settings: WorkerSettings): Promise<WorkerProcess> {
  const { folder, log } = settings;
  mkdirSync(folder, { recursive: true });
  const journal = new BlockJournal(join(folder, "worker.sqlite"));
  const worker = new Worker({
    program: settings.program,
    journal,
    snapshots: new SnapshotFolder(join(folder, "snapshots"), settings.keptSnapshots ?? 4),
    ...(settings.snapshotBlocks === undefined ? {} : { snapshotBlocks: settings.snapshotBlocks }),
    ...(settings.rules === undefined ? {} : { rules: settings.rules }),
    ...(settings.spoil === undefined ? {} : { spoil: settings.spoil }),
  });
  if (settings.inherited !== undefined && worker.height === 0n) worker.inherit(settings.inherited);
  log.info({ height: worker.height.toString() }, "worker opened");
  const guard = new VoteGuard(journal);
  const metrics = await WorkerMetrics.create(worker);
  const application = abciWorker(worker, {
    stateSync: new StateSync(worker, settings.genesis, settings.chainId, settings.validators),
    guard,
    onRequest: (kind, milliseconds) => metrics.request(kind, milliseconds),
  });
  if (settings.abci.path !== undefined) rmSync(settings.abci.path, { force: true });
  const server = await serveAbci(application, {
    listen: settings.abci,
    onError: (error, request) => log.error({ request, err: error }, "request failed"),
  });
  const stopped = new AbortController();
  if (settings.signer !== undefined) {
    const { key, socket } = settings.signer;
    const { chainId } = settings;
    const onRefusal = (reason: string, what: string) => log.warn({ what, reason }, "not signed");
    const onError = (err: unknown) => log.error({ err }, "signer failed");
    const options = { chainId, key, guard, onRefusal, onError };
    void new RemoteSigner(options).follow(socket, stopped.signal);
  }
  const watch = new AgreementWatch(worker, settings.watched ?? [], settings.validators ?? []);
  const beside = besideTheBlocks(worker, watch, settings);
  const http =
    settings.http &&
    (await serveHttp({ ...settings.http, routes: routesOf(worker, watch, metrics, settings) }));
  return {
    worker,
    http,
    async stop() {
      stopped.abort();
      await beside();
      server.close();
      await http?.close();
      await worker.snapshots?.written;
      journal.close();
    },
  };
}

function routesOf(
  worker: Worker,
  watch: AgreementWatch,
  metrics: WorkerMetrics,
  { account, chainId }: WorkerSettings,
): Routes {
  const queries = new WorkerQueries(worker);
  return {
    "GET /results/*": async ({ parts }) => {
      if (account === undefined) throw new HttpError(404, "this worker signs no results");
      if (!/^\d{1,18}$/.test(parts[0])) throw new HttpError(400, "expected a height");
      const answer = await queries.answer({ kind: "results", height: BigInt(parts[0]) });
      const { height, application, results = [], output = new Uint8Array() } = answer;
      const hash = applicationHash(application);
      const called = { chainId, height, applicationHash: hash, results, output };
      const signed = await signResults(called, account);
      return {
        json: {
          ...signed,
          height: height.toString(),
          results: results.map(String),
          output: hexlify(output),
        },
      };
    },
    "GET /metrics": async () => ({ type: metrics.contentType, bytes: await metrics.text() }),
    "GET /healthz": () => {
      const isAgreed = watch.disagreement === undefined;
      const isHealthy = isAgreed && watch.lag <= healthyLag;
      const json = {
        agreed: isAgreed,
        lag: Number(watch.lag),
        furthest: watch.furthest.toString(),
      };
      return { status: isHealthy ? 200 : 503, json };
    },
  };
}

/** `app_state` as a file of CometBFT's genesis has it. */
export function genesisIn(path: string): ClusterGenesis {
  const { app_state: appState } = JSON.parse(readFileSync(path, "utf8"));
  return readGenesis(new TextEncoder().encode(JSON.stringify(appState)));
}
