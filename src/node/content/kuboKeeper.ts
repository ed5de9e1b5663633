/**
 * Blocks in IPFS through a Kubo node's RPC (/api/v0/block, /api/v0/pin): put as raw blocks with SHA-256 and pinned, so any IPFS node
 * can fetch them by their CID.
 *
 * Invariant: what Kubo gives back is checked by the store that asked, like anybody's bytes; a node that does not answer
 * within a bounded time has nothing.
 */
import { type Answer, asked, jsonOf } from "../answers.ts";
import { NodeError } from "../nodeError.ts";
import type { BlockKeeper } from "./contentStore.ts";

/** Contents are blocks' transactions and snapshots; IPFS's own blocks are shorter. */
const bounds = { timeoutMs: 30_000, mostBytes: 2 ** 30 };

/** @param url Of Kubo's RPC, as `http://127.0.0.1:5001`. */
export function kuboKeeper(url: string): BlockKeeper {
  const ask = async (path: string, body?: FormData): Promise<Answer> => {
    const init: RequestInit = { method: "POST", ...(body === undefined ? {} : { body }) };
    const place = `${url.replace(/\/$/, "")}/api/v0/${path}`;
    return asked(place, init, bounds).catch((error: Error) => {
      throw new NodeError("content-missing", `Kubo at ${url}: ${error.message}`);
    });
  };
  return {
    async put(bytes) {
      const form = new FormData();
      form.append("data", new Blob([bytes.slice()]));
      const answer = await ask("block/put?cid-codec=raw&mhtype=sha2-256&pin=true", form);
      const key = keyIn(answer);
      if (key === undefined) {
        throw new NodeError("content-missing", `Kubo at ${url} did not keep the block`);
      }
      return key;
    },
    async get(name) {
      const { ok, bytes } = await ask(`block/get?arg=${encodeURIComponent(name)}`);
      return ok ? bytes : undefined;
    },
    async remove(name) {
      // Refused where it is not pinned, or not here.
      await ask(`pin/rm?arg=${encodeURIComponent(name)}`);
      const response = await ask(`block/rm?arg=${encodeURIComponent(name)}&force=true`);
      if (!response.ok) {
        throw new NodeError("content-missing", `Kubo at ${url} did not drop the block`);
      }
    },
    close: async () => {},
  };
}

/** The name under which a block was put; undefined if it was not. */
function keyIn(answer: Answer): string | undefined {
  try {
    const { Key: key } = jsonOf(answer) as { readonly Key?: unknown };
    return answer.ok && typeof key === "string" ? key : undefined;
  } catch {
    return undefined;
  }
}
