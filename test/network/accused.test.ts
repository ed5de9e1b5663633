/**
 * Who is accused finds out of what, however few blocks its node answers events for.
 */
import { BrowserProvider, type Eip1193Provider, toBeHex, zeroPadValue } from "ethers";
import { expect, test } from "vitest";
import { BlockArbiterClient } from "../../src/history/index.ts";
import { blockArbiterInterface } from "../../src/history/network/networkInterfaces.ts";

const arbiter = `0x${"ab".repeat(20)}` as const;
const hash = `0x${"11".repeat(32)}`;
const account = `0x${"22".repeat(20)}`;
const newest = 50_000;
const accusedAt = 30_000;

/** A node that has one accusation, and refuses events of more than 1,000 blocks. */
const request: Eip1193Provider["request"] = async ({ method, params }) => {
  if (method === "eth_chainId") return toBeHex(1);
  if (method === "eth_blockNumber") return toBeHex(newest);
  if (method !== "eth_getLogs") throw new Error(`unexpected ${method}`);
  const [{ fromBlock, toBlock }] = params as [{ fromBlock: string; toBlock: string }];
  const [from, to] = [Number(fromBlock), toBlock === "latest" ? newest : Number(toBlock)];
  if (to - from + 1 > 1000) throw Object.assign(new Error("too many blocks"), { code: -32_005 });
  if (from > accusedAt || to < accusedAt) return [];
  const voted = [hash, hash, 1n, 2n, 3n, hash];
  const values = [7n, 1n, account, 5n, hash, voted];
  const { data, topics } = blockArbiterInterface.encodeEventLog("Accused", values);
  const blockNumber = toBeHex(accusedAt);
  const place = { blockNumber, blockHash: hash, transactionHash: hash, transactionIndex: "0x0" };
  return [{ address: arbiter, data, topics, ...place, logIndex: "0x0", removed: false }];
};

test("a node that answers eth_getLogs for few blocks › the accusation is found", async () => {
  const provider = new BrowserProvider({ request }, 1, { cacheTimeout: -1 });
  const client = new BlockArbiterClient(arbiter, provider);
  const found = await client.accused(7n);
  expect(found).toMatchObject({ id: 7n, generation: 1n, height: 5n, headerHash: hash });
  expect(zeroPadValue(found?.account ?? "0x", 32)).toBe(zeroPadValue(account, 32));
});
