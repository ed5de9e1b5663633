/**
 * Blocks in a folder, as IPFS nodes keep them (blockstore-fs): one file a block, under its CID.
 *
 * Invariant: the default of every node; it talks to nobody.
 */
import type { BlockKeeper } from "./contentStore.ts";

/** Opens a folder of blocks, and makes it where there is none. */
export async function folderKeeper(folder: string): Promise<BlockKeeper> {
  const { FsBlockstore } = await import("blockstore-fs");
  const { CID } = await import("multiformats/cid");
  const { sha256 } = await import("multiformats/hashes/sha2");
  const raw = await import("multiformats/codecs/raw");
  const blocks = new FsBlockstore(folder);
  await blocks.open();
  return {
    async put(bytes) {
      const cid = CID.createV1(raw.code, await sha256.digest(bytes));
      await blocks.put(cid, bytes);
      return cid.toString();
    },
    async get(name) {
      const cid = CID.parse(name);
      if (!(await blocks.has(cid))) return undefined;
      const pieces: Uint8Array[] = [];
      for await (const piece of blocks.get(cid)) pieces.push(piece);
      return new Uint8Array(Buffer.concat(pieces));
    },
    async remove(name) {
      const cid = CID.parse(name);
      if (await blocks.has(cid)) await blocks.delete(cid);
    },
    close: async () => blocks.close(),
  };
}
