/**
 * A process of a cluster that is kept running: started again whenever it ends, since CometBFT exits with code 0 when its
 * application dies, and killed when it does not end in time after it was asked to.
 *
 * Invariant: after `stop`, and after the end of this process, however it came, the process is gone and stays so; only
 * processes started here are ever signalled.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, rmSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { endWithThisProcess } from "./reaper.ts";

/** What runs. */
export interface ProcessOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** File that its output is appended to. */
  readonly log: string;
  /** Sockets that it leaves behind when it is killed, and does not listen on again while they are there. */
  readonly leftovers?: readonly string[];
}

/** Between an end and the next start. */
const restartMs = 200;
/** From the request to end until it is killed. */
const patienceMs = 3_000;

/** One process, started again until it is stopped. */
export class KeptProcess {
  readonly #options: ProcessOptions;
  #child: ChildProcess | undefined;
  #isStopped = false;
  #ended: Promise<void> = Promise.resolve();
  /** How often it was started. */
  starts = 0;

  constructor(options: ProcessOptions) {
    this.#options = options;
    this.#start();
  }

  /** Process id; undefined between an end and the next start. */
  get pid(): number | undefined {
    return this.#child?.exitCode === null ? this.#child.pid : undefined;
  }

  /** Ends it at once, as a power cut would; it is started again. */
  kill(): void {
    this.#child?.kill("SIGKILL");
  }

  /** Ends it for good. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    const child = this.#child;
    if (child === undefined) return;
    child.kill("SIGTERM");
    await Promise.race([this.#ended, sleep(patienceMs)]);
    child.kill("SIGKILL");
    await this.#ended;
  }

  #start(): void {
    this.starts++;
    const { command, args, env, log, leftovers = [] } = this.#options;
    for (const path of leftovers) rmSync(path, { force: true });
    const output = openSync(log, "a");
    const child = spawn(command, args, {
      stdio: ["ignore", output, output],
      env: { ...process.env, ...env },
    });
    closeSync(output);
    endWithThisProcess(child);
    this.#child = child;
    this.#ended = new Promise((resolve) => {
      child.once("exit", () => {
        resolve();
        if (!this.#isStopped) setTimeout(() => this.#isStopped || this.#start(), restartMs);
      });
      child.once("error", () => resolve());
    });
  }
}
