/**
 * Load for a cluster that runs the ledger: `npm run -s load -- GATEWAY_URL [TRANSACTIONS] [CLIENTS]` signs deposits and
 * transfers for the cluster's chain, hands them to a gateway, and prints what was taken.
 *
 * Invariant: a client's transactions are sent one after another, in the order of their nonces; clients do not wait for
 * one another.
 */
import { pathToFileURL } from "node:url";
import { maxLifetimeBlocks, workload } from "../../src/sdk/index.ts";
import { encodeCommand } from "./commands.ts";

/** What a gateway said of the transactions. */
export interface LoadReport {
  readonly sent: number;
  /** Transactions by CheckTx's code; 0 are those that wait for a block. */
  readonly codes: Readonly<Record<number, number>>;
  readonly seconds: number;
}

interface Load {
  readonly transactions: number;
  readonly clients: number;
  /** Whose keys the clients have. */
  readonly seed?: string;
}

/** Signs and sends. Rejects if the gateway does not answer as one. */
export async function sendLoad(url: string, { transactions, clients, ...rest }: Load) {
  const { chainId, height } = await answerOf(fetch(`${url}/status`));
  const lanes = Array.from({ length: clients }, (): Uint8Array[] => []);
  const signed = workload({
    chainId,
    transactions,
    clients,
    expiryHeight: BigInt(height) + maxLifetimeBlocks,
    payload: (index, keys) =>
      index < keys.length
        ? encodeCommand({ kind: "deposit", amount: 1_000_000n })
        : encodeCommand({
            kind: "transfer",
            amount: BigInt(1 + (index % 100)),
            receiver: keys[(index * 7 + 1) % keys.length].address,
          }),
    ...rest,
  });
  let position = 0;
  for (const bytes of signed) lanes[position++ % clients].push(bytes);
  const codes: Record<number, number> = {};
  const start = performance.now();
  await Promise.all(
    lanes.map(async (lane) => {
      for (const bytes of lane) {
        const body = new Uint8Array(bytes);
        const { code } = await answerOf(fetch(`${url}/transactions`, { method: "POST", body }));
        codes[code] = (codes[code] ?? 0) + 1;
      }
    }),
  );
  const seconds = Math.round(performance.now() - start) / 1000;
  const report: LoadReport = { sent: transactions, codes, seconds };
  return report;
}

async function answerOf(request: Promise<Response>) {
  const response = await request;
  if (!response.ok) throw new Error(`the gateway answered ${response.status}`);
  return (await response.json()) as { chainId: string; height: string; code: number };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const [url, transactions = "10000", clients = "100"] = process.argv.slice(2);
  if (url === undefined) throw new RangeError("expected the address of a gateway");
  const load = { transactions: Number(transactions), clients: Number(clients) };
  console.log(JSON.stringify(await sendLoad(url.replace(/\/$/, ""), load)));
}
