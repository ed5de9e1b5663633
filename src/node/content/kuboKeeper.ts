/**
 * Blocks in IPFS through a Kubo node's RPC (/api/v0/block, /api/v0/pin): put as raw blocks with SHA-256 and pinned, so any IPFS node
 * can fetch them by their CID.
 *
 * Invariant: what Kubo gives back is checked by the store that asked, like anybody's bytes; a node that does not answer
 * within a bounded time has nothing.
 */
import { NodeError } from "../nodeError.ts";
import type { BlockKeeper } from "./contentStore.ts";

const answerTimeoutMs = 30_000;

/** @param url Of Kubo's RPC, as `http://127.0.0.1:5001`. */
export function kuboKeeper(url: string): BlockKeeper {
  const ask = async (path: string, body?: FormData): Promise<Response> => {
    const signal = AbortSignal.timeout(answerTimeoutMs);
    const init: RequestInit = { method: "POST", signal, ...(body === undefined ? {} : { body }) };
    return fetch(`${url.replace(/\/$/, "")}/api/v0/${path}`, init).catch((error: Error) => {
      throw new NodeError("content-missing", `Kubo at ${url}: ${error.message}`);
    });
  };
  return {
    async put(bytes) {
      const form = new FormData();
      form.append("data", new Blob([bytes.slice()]));
      const response = await ask("block/put?cid-codec=raw&mhtype=sha2-256&pin=true", form);
      const answer = (await response.json().catch(() => ({}))) as { readonly Key?: unknown };
      if (!response.ok || typeof answer.Key !== "string") {
        throw new NodeError("content-missing", `Kubo at ${url} did not keep the block`);
      }
      return answer.Key;
    },
    async get(name) {
      const response = await ask(`block/get?arg=${encodeURIComponent(name)}`);
      return response.ok ? new Uint8Array(await response.arrayBuffer()) : undefined;
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
