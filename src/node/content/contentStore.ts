/**
 * Where a node keeps bytes by their root (paper 5.5: H_ST): the interface, and a store over any keeper of blocks.
 *
 * A content's name is the machine's own input root and its length, which no other network knows; a keeper has names of
 * its own (IPFS: CIDs), and an index says which is which.
 *
 * Invariant: what is given out has the root and the length that were asked for, whoever kept it; what is put while it is
 * being released is there when `put` resolves, or a receipt would be signed for what is gone.
 */
import type { DatabaseSync, SQLOutputValue } from "node:sqlite";
import { type Content, contentOf } from "../../history/index.ts";
import { openDatabase } from "../database.ts";
import { NodeError } from "../nodeError.ts";

/** Bytes by their root. */
export interface ContentStore {
  /**
   * Keeps bytes; resolves once they are safe.
   *
   * @param height Of the block that they belong to: `release` drops what has one, the highest that was given.
   */
  put(bytes: Uint8Array, height?: bigint): Promise<Content>;
  /** Drops what belongs to blocks below a height, but for what is to be kept; how many contents. */
  release(height: bigint, kept?: readonly Content[]): Promise<number>;
  /** The bytes of a content. Throws `content-missing`, `content-mismatch`. */
  get(content: Content): Promise<Uint8Array>;
  /** Whether the store knows of a content. */
  has(content: Content): Promise<boolean>;
  /** Bytes of all contents. */
  storedBytes(): Promise<number>;
  /** What the keeper calls a content that is here: in IPFS its CID, by which other nodes fetch it. */
  nameOf(content: Content): string | undefined;
  close(): Promise<void>;
}

/** Something that keeps blocks of bytes under names of its own. */
export interface BlockKeeper {
  /** Keeps bytes and names them. */
  put(bytes: Uint8Array): Promise<string>;
  /** The bytes of a name; undefined where they are not to be had. */
  get(name: string): Promise<Uint8Array | undefined>;
  /** Keeps the bytes of a name no more; nothing where they are not here. */
  remove(name: string): Promise<void>;
  close(): Promise<void>;
}

/** A content store over a keeper, with its index in a database file. */
export class IndexedStore implements ContentStore {
  readonly #keeper: BlockKeeper;
  readonly #index: DatabaseSync;
  /** Contents that are being dropped, by their roots. */
  readonly #removals = new Map<unknown, Promise<void>>();

  constructor(keeper: BlockKeeper, indexPath: string) {
    this.#keeper = keeper;
    this.#index = openDatabase(
      indexPath,
      `CREATE TABLE IF NOT EXISTS contents (root TEXT, length INTEGER, name TEXT NOT NULL, PRIMARY KEY (root, length)) STRICT;
      CREATE TABLE IF NOT EXISTS heights (root TEXT, length INTEGER, height INTEGER NOT NULL, PRIMARY KEY (root, length)) STRICT;`,
    );
  }

  async put(bytes: Uint8Array, height?: bigint): Promise<Content> {
    const content = contentOf(bytes);
    while (this.#removals.has(content.root)) await this.#removals.get(content.root);
    // Before the bytes: a release that comes meanwhile leaves them.
    if (height !== undefined) {
      this.#index
        .prepare(
          "INSERT INTO heights VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET height = max(height, excluded.height)",
        )
        .run(content.root, content.length, height);
    }
    this.#remember(content, await this.#keeper.put(bytes));
    return content;
  }

  async release(height: bigint, kept: readonly Content[] = []): Promise<number> {
    const keptNames = new Set(kept.map((content) => this.nameOf(content)));
    const rows = this.#index
      .prepare("SELECT root, length, name FROM contents NATURAL JOIN heights WHERE height < ?")
      .all(height);
    const isDue = this.#index.prepare(
      "SELECT 1 FROM heights WHERE root = ? AND length = ? AND height < ?",
    );
    let dropped = 0;
    for (const { root, length, name } of rows) {
      // Those before it took their time, in which it may have been put again.
      if (keptNames.has(name as string) || !isDue.get(root, length, height)) continue;
      const removal = this.#remove(root, length, name as string);
      this.#removals.set(
        root,
        removal.catch(() => {}),
      );
      await removal.finally(() => this.#removals.delete(root));
      dropped++;
    }
    return dropped;
  }

  async #remove(root: SQLOutputValue, length: SQLOutputValue, name: string): Promise<void> {
    // First the bytes: what an interruption leaves in the index is dropped the next time.
    await this.#keeper.remove(name);
    for (const table of ["contents", "heights"]) {
      this.#index.prepare(`DELETE FROM ${table} WHERE root = ? AND length = ?`).run(root, length);
    }
  }

  async storedBytes(): Promise<number> {
    const row = this.#index.prepare("SELECT total(length) AS bytes FROM contents").get();
    return Number(row?.bytes);
  }

  async get(content: Content): Promise<Uint8Array> {
    return this.#fetch(content, this.nameOf(content));
  }

  async has(content: Content): Promise<boolean> {
    return this.nameOf(content) !== undefined;
  }

  /**
   * Keeps a content that others have, by the keeper's name for it (in IPFS a CID that some peer gives).
   * Throws `content-missing`, `content-mismatch`.
   */
  async mirror(content: Content, name: string): Promise<void> {
    const bytes = await this.#fetch(content, name);
    this.#remember(content, await this.#keeper.put(bytes));
  }

  nameOf({ root, length }: Content): string | undefined {
    const row = this.#index
      .prepare("SELECT name FROM contents WHERE root = ? AND length = ?")
      .get(root, length);
    return row?.name as string | undefined;
  }

  async close(): Promise<void> {
    this.#index.close();
    await this.#keeper.close();
  }

  async #fetch(content: Content, name: string | undefined): Promise<Uint8Array> {
    const bytes = name === undefined ? undefined : await this.#keeper.get(name);
    if (bytes === undefined) throw new NodeError("content-missing", content.root);
    const { root, length } = contentOf(bytes);
    if (root !== content.root || length !== content.length) {
      throw new NodeError("content-mismatch", content.root);
    }
    return bytes;
  }

  #remember({ root, length }: Content, name: string): void {
    this.#index.prepare("INSERT OR REPLACE INTO contents VALUES (?, ?, ?)").run(root, length, name);
  }
}
