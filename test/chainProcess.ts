/**
 * A chain in a process of its own, at a port that the system gives it: what a reader of the documents starts in another
 * terminal.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../", import.meta.url));

export interface ChainProcess {
  readonly process: ChildProcess;
  readonly url: string;
}

export async function startChain(): Promise<ChainProcess> {
  const cli = `${root}node_modules/hardhat/dist/src/cli.js`;
  const process_ = spawn(
    process.execPath,
    [cli, "node", "--hostname", "127.0.0.1", "--port", "0"],
    {
      cwd: root,
      stdio: ["ignore", "pipe", "inherit"],
      env: { ...process.env, HARDHAT_DISABLE_TELEMETRY: "true", NO_COLOR: "1" },
    },
  );
  const url = await new Promise<string>((resolve, reject) => {
    let said = "";
    process_.stdout?.on("data", (text) => {
      said = (said + text).slice(-10_000);
      const found = /Started .* at (http:\/\/[\d.]+:\d+)/.exec(said);
      if (found !== null) resolve(found[1]);
    });
    process_.once("exit", () => reject(new Error(`the chain ended: ${said}`)));
  });
  return { process: process_, url };
}
