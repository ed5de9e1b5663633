/**
 * A page in headless Chromium in real time, for tests and benchmarks that measure: through the DevTools protocol, since
 * `--dump-dom` runs on a clock of its own.
 */
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** The executable; nothing where there is none. */
export const chromium = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
].find(existsSync);

/** Opens a page and evaluates an expression until it is not empty; resolves to its value. */
export async function evaluateOn(url: string, expression: string, waitMs: number): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "wasm-arbiter-chromium-"));
  const flags = ["--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-port=0"];
  const browser = spawn(chromium ?? "", [...flags, `--user-data-dir=${folder}`, url], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  try {
    const port = await new Promise<string>((resolve, reject) => {
      let said = "";
      browser.stderr.on("data", (bytes) => {
        said += bytes;
        const found = /ws:\/\/127\.0\.0\.1:(\d+)\//.exec(said);
        if (found !== null) resolve(found[1]);
      });
      browser.once("exit", () => reject(new Error(`Chromium ended: ${said.slice(-300)}`)));
    });
    return await polled(port, expression, Date.now() + waitMs);
  } finally {
    browser.kill("SIGKILL");
    await new Promise((done) => browser.once("close", done));
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function polled(port: string, expression: string, end: number): Promise<string> {
  const targets = await (await fetch(`http://127.0.0.1:${port}/json`)).json();
  const page = targets.find(({ type }: { type: string }) => type === "page");
  const socket = new WebSocket(page.webSocketDebuggerUrl);
  await new Promise((resolve) => socket.addEventListener("open", resolve, { once: true }));
  for (let id = 1; Date.now() < end; id++) {
    const answer = new Promise<{ result?: { result?: { value?: unknown } } }>((resolve) =>
      socket.addEventListener("message", ({ data }) => resolve(JSON.parse(data)), { once: true }),
    );
    socket.send(JSON.stringify({ id, method: "Runtime.evaluate", params: { expression } }));
    const value = (await answer).result?.result?.value;
    if (typeof value === "string" && value !== "") {
      socket.close();
      return value;
    }
    await sleep(100);
  }
  throw new Error("the page did not get there in time");
}
