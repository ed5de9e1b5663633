/**
 * A chain for tests at length: anvil in a process of its own, without limits. It executes a batch some twenty times as fast as
 * the embedded chain, which traces every instruction.
 *
 * Invariant: the process ends with `stop`, or with the process that started it.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { createRequire } from "node:module";
import { type Chain, callGas, chainOver, embeddedChain } from "./chain.ts";

export interface StoppableChain extends Chain {
  stop(): void;
}

const options = [
  ...["--port", "0", "--hardfork", "osaka", "--disable-code-size-limit"],
  ...["--gas-limit", `${callGas}`, "--base-fee", "0"],
];

/** The address that anvil says it listens at; undefined if it ends before. Its output is read on, or it would wait. */
function addressOf(anvil: ChildProcess): Promise<string | undefined> {
  return new Promise((resolve) => {
    let said = "";
    anvil.stdout?.on("data", (chunk: Buffer) => {
      said = (said + chunk).slice(-500);
      const address = /Listening on (\S+)\n/.exec(said)?.[1];
      if (address !== undefined) resolve(address);
    });
    anvil.once("exit", () => resolve(undefined));
  });
}

/** Starts anvil; the embedded chain takes its place where the package has no binary for this machine. */
export async function anvilChain(): Promise<StoppableChain> {
  const require = createRequire(import.meta.url);
  const program = require.resolve("@foundry-rs/anvil/bin.mjs");
  const anvil = spawn(process.execPath, [program, ...options], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  const stop = () => void anvil.kill();
  process.once("exit", stop);
  const address = await addressOf(anvil);
  if (address === undefined) return { ...(await embeddedChain()), stop };
  let id = 0;
  const chain = await chainOver(async (method, params) => {
    const body = JSON.stringify({ jsonrpc: "2.0", id: ++id, method, params });
    const headers = { "content-type": "application/json" };
    const response = await fetch(`http://${address}`, { method: "POST", headers, body });
    const answer = (await response.json()) as { result?: unknown; error?: { message: string } };
    if (answer.error !== undefined) throw new Error(answer.error.message);
    return answer.result;
  });
  return { ...chain, stop };
}
