/**
 * What a worker's process counts, for Prometheus (by prom-client).
 *
 * Invariant: names begin with `wasm_arbiter_`, units stand last; nothing is counted that the journal does not know too.
 */
import type { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { Worker } from "./worker/blockWorker.ts";

const milliseconds = [0.1, 0.3, 1, 3, 10, 30, 100, 300, 1000, 3000, 10000];

/** The metrics of one worker. */
export class WorkerMetrics {
  readonly #registry: Registry;
  readonly #requests: Histogram<"kind">;
  readonly #height: Gauge;
  readonly #blocks: Counter;

  private constructor(client: typeof import("prom-client"), worker: Worker) {
    this.#registry = new client.Registry();
    const registers = [this.#registry];
    client.collectDefaultMetrics({ register: this.#registry, prefix: "wasm_arbiter_" });
    this.#requests = new client.Histogram({
      name: "wasm_arbiter_request_milliseconds",
      help: "time of ABCI requests",
      labelNames: ["kind"],
      buckets: milliseconds,
      registers,
    });
    this.#height = new client.Gauge({
      name: "wasm_arbiter_height",
      help: "last committed height",
      registers,
    });
    this.#blocks = new client.Counter({
      name: "wasm_arbiter_blocks_total",
      help: "blocks committed by this process",
      registers,
    });
    this.#height.set(Number(worker.height));
    worker.onCommit.push((height) => {
      this.#height.set(Number(height));
      this.#blocks.inc();
    });
  }

  /** Metrics of a worker. */
  static async create(worker: Worker): Promise<WorkerMetrics> {
    const { default: client } = await import("prom-client");
    return new WorkerMetrics(client, worker);
  }

  /** A request took so long. */
  request(kind: string, time: number): void {
    this.#requests.observe({ kind }, time);
  }

  /** Of the text. */
  get contentType(): string {
    return this.#registry.contentType;
  }

  /** All metrics, in Prometheus's format. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }
}
