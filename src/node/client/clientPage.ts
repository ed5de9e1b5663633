/**
 * The client's page: sends a transaction to the gateway that served it, and shows the thirteen steps of the check, each
 * with what it rests on.
 *
 * Invariant: the page believes nothing but what the steps say; it comes from the gateway, so whoever trusts nobody
 * serves it from a place of their own.
 */
import { getBytes, hexlify, isHexString } from "ethers";
import type { Hash } from "../../game/index.ts";
import { visible, visibleName } from "../../game/report/visibleText.ts";
import type { ClientStep } from "../../history/index.ts";
import { GatewayClient } from "./gatewayClient.ts";

const field = (name: string): HTMLInputElement => {
  const found = document.querySelector<HTMLInputElement>(`[name="${name}"]`);
  if (found === null) throw new Error(`the page has no field ${name}`);
  return found;
};

const place = (id: string): HTMLElement => {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page has no place ${id}`);
  return found;
};

/** Times that the check is repeated, to tell how long it takes once the browser has compiled it. */
const repetitions = 20;

async function run(): Promise<void> {
  const said = place("said");
  const steps = place("steps");
  const send = place("send") as HTMLButtonElement;
  clear();
  // A second transaction beside the first would write its steps among the first one's.
  send.disabled = true;
  try {
    const text = field("transaction").value.trim();
    if (!isHexString(text) || text.length % 2 === 1)
      throw new Error("a transaction is hex with 0x");
    const block = field("block").value.trim();
    if (block !== "" && !isHexString(block, 32)) throw new Error("a block's hash is 32 bytes");
    const trusted = block === "" ? undefined : (block as Hash);
    const client = new GatewayClient(location.origin, undefined, trusted);
    said.textContent = "sending …";
    const sent = await client.send(getBytes(text));
    if (sent.code !== 0) throw new Error(`refused with code ${sent.code}: ${sent.reason}`);
    said.textContent = "waiting for the block behind its block …";
    const range = {
      memory: Number(field("memory").value),
      address: Number(field("address").value),
      length: Number(field("length").value),
    };
    const first = await client.response(sent.hash, range);
    const times: number[] = [];
    for (let i = 0; i < repetitions; i++) times.push(await client.checkAgain(first));
    times.sort((a, b) => a - b);
    const { report } = first;
    for (const step of report.steps) steps.append(row(step));
    place("head").hidden = false;
    place("bytes").textContent = report.bytes === undefined ? "none" : hexlify(report.bytes);
    said.textContent = report.isAccepted ? "accepted" : "refused";
    said.dataset.firstMs = first.checkMs.toFixed(1);
    said.dataset.medianMs = times[repetitions / 2].toFixed(1);
    place("time").textContent =
      `checked in ${said.dataset.firstMs} ms, again in ${said.dataset.medianMs} ms`;
  } catch (error) {
    said.textContent = `failed: ${visibleName((error as Error).message)}`;
  } finally {
    send.disabled = false;
  }
}

/** Nothing of the answer before stands beside what is said of the next one. */
function clear(): void {
  const said = place("said");
  for (const name of Object.keys(said.dataset)) delete said.dataset[name];
  for (const id of ["said", "time", "bytes"]) place(id).textContent = "";
  place("steps").replaceChildren();
  place("head").hidden = true;
}

function row({ number, name, status, basis, reason }: ClientStep): HTMLElement {
  const cells = [String(number), name, status, reason ?? basis].map((text) => {
    const cell = document.createElement("td");
    cell.textContent = visible(text);
    return cell;
  });
  const line = document.createElement("tr");
  line.className = status;
  line.append(...cells);
  return line;
}

for (const [name, value] of new URLSearchParams(location.search)) {
  const input = document.querySelector<HTMLInputElement>(`[name="${name}"]`);
  if (input !== null) input.value = value;
}
place("form").addEventListener("submit", (event) => {
  event.preventDefault();
  void run();
});
if (location.hash === "#run") void run();
