/**
 * A storage node's process takes what a validator leaves for the next one: a state, which is longer than any block.
 */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { contentOf } from "../../src/history/index.ts";
import { StorageClient } from "../../src/node/storage/storageClient.ts";
import { temporaryFolder } from "./commandLine.ts";

const start = fileURLToPath(new URL("../../src/cli/start.js", import.meta.url));
const folder = temporaryFolder();
afterAll(() => folder.end());

test("a content of 8 MiB is kept and shown", async () => {
  const cluster = `0x${"11".repeat(32)}`;
  const contract = `0x${"22".repeat(20)}`;
  const terms = ["--cluster", cluster, "--chain-id", "31337", "--contract", contract];
  const place = ["--folder", folder.file("storage"), "--content-mib", "8"];
  const child = spawn(process.execPath, [start, "storage", ...terms, ...place], {
    env: { ...process.env, STORAGE_KEY: `0x${"33".repeat(32)}` },
    stdio: ["ignore", "ignore", "pipe"],
  });
  try {
    const url = await new Promise<string>((resolve) => {
      let said = "";
      child.stderr.on("data", (bytes: Uint8Array) => {
        said += new TextDecoder().decode(bytes);
        const found = /at (http:\S+)/.exec(said);
        if (found !== null) resolve(found[1]);
      });
    });
    const client = new StorageClient(url);
    const state = new Uint8Array(2 ** 23).fill(7);
    const receipt = await client.keep(1n, state);
    expect(receipt).toMatchObject(contentOf(state));
    expect(await client.show(receipt)).toEqual(state);
    await expect(client.keep(1n, new Uint8Array(2 ** 23 + 1))).rejects.toThrow();
  } finally {
    child.kill("SIGTERM");
  }
});
