/**
 * A chain in a process of its own, at a port that was free: what a reader of the documents starts in another terminal.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../", import.meta.url));

export interface ChainProcess {
  readonly process: ChildProcess;
  readonly url: string;
}

export async function startChain(): Promise<ChainProcess> {
  const port = await new Promise<number>((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" ? (address?.port ?? 0) : 0));
    });
  });
  const cli = `${root}node_modules/hardhat/dist/src/cli.js`;
  const process_ = spawn(
    process.execPath,
    [cli, "node", "--hostname", "127.0.0.1", "--port", `${port}`],
    {
      cwd: root,
      stdio: ["ignore", "pipe", "inherit"],
      env: { ...process.env, HARDHAT_DISABLE_TELEMETRY: "true" },
    },
  );
  await new Promise<void>((resolve, reject) => {
    process_.stdout?.on("data", (said) => String(said).includes("Started") && resolve());
    process_.once("exit", () => reject(new Error("the chain ended")));
  });
  return { process: process_, url: `http://127.0.0.1:${port}` };
}
