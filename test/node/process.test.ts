/**
 * Kept processes: started again when they end, gone after `stop`, and gone when the process that keeps them is killed.
 */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { KeptProcess } from "../../src/node/cometbft/process.ts";
import { temporaryFolder } from "../cli/commandLine.ts";

const folder = temporaryFolder();
afterAll(() => folder.end());

const isRunning = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    // A zombie is gone, too: its parent was killed, and nobody has asked for its status yet.
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
};

async function until(holds: () => boolean): Promise<void> {
  const end = Date.now() + 60_000;
  while (!holds() && Date.now() < end) await sleep(20);
  expect(holds()).toBe(true);
}

test("is started again when it ends, and gone after stop", async () => {
  const kept = new KeptProcess({ command: "sleep", args: ["600"], log: folder.file("log") });
  const first = kept.pid ?? 0;
  kept.kill();
  await until(() => kept.starts === 2 && kept.pid !== undefined);
  const second = kept.pid ?? 0;
  expect(isRunning(first)).toBe(false);
  expect(isRunning(second)).toBe(true);
  await kept.stop();
  expect(isRunning(second)).toBe(false);
});

test("ends with the process that keeps it, also when that one is killed", async () => {
  const module = fileURLToPath(new URL("../../src/node/cometbft/process.ts", import.meta.url));
  const script = `
    import { KeptProcess } from ${JSON.stringify(module)};
    const keep = () => new KeptProcess({ command: "sleep", args: ["600"], log: "/dev/null" });
    const [one, two, three] = [keep(), keep(), keep()];
    await two.stop();
    console.log(one.pid, three.pid);
    setInterval(() => {}, 1000);`;
  const parent = spawn(process.execPath, ["--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const said = await new Promise<string>((resolve) =>
    parent.stdout.once("data", (bytes) => resolve(String(bytes))),
  );
  const pids = said.trim().split(" ").map(Number);
  expect(pids.map(isRunning)).toEqual([true, true]);
  parent.kill("SIGKILL");
  await until(() => !pids.some(isRunning));
});
