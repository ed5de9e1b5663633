/**
 * Where manifests are kept: an interface that metadata nodes will stand behind too, and a store of one's own.
 *
 * Invariant: a manifest is taken only behind the one before it, and only if no rule of the chain is broken
 * (docs/history.md §6) but those that its workers have voted against: what they are convicted by is shown to everybody.
 * So what a store gives out is a chain of true headers from the generation's beginning.
 */
import type { DatabaseSync } from "node:sqlite";
import {
  brokenRule,
  type ChainRule,
  encodeManifest,
  type Generation,
  type Manifest,
  readManifest,
  workersRules,
} from "../../history/index.ts";
import { openDatabase } from "../database.ts";

/** Manifests of one generation by height. */
export interface ManifestStore {
  /** Takes the next manifest; the rule that it breaks, if it does. */
  put(manifest: Manifest): Promise<ChainRule | undefined>;
  get(height: bigint): Promise<Manifest | undefined>;
  /** Height of the last one; one below the first height while there is none. */
  top(): Promise<bigint>;
  close(): Promise<void>;
}

/** A store in a database file. */
export class OwnManifests implements ManifestStore {
  readonly #database: DatabaseSync;
  readonly #generation: Generation;

  /** @param path Of the file; ":memory:" keeps nothing. */
  constructor(path: string, generation: Generation) {
    this.#generation = generation;
    this.#database = openDatabase(
      path,
      "CREATE TABLE IF NOT EXISTS manifests (height INTEGER PRIMARY KEY, manifest BLOB NOT NULL) STRICT;",
    );
  }

  async put(manifest: Manifest): Promise<ChainRule | undefined> {
    const top = await this.top();
    const before = await this.get(top);
    const rule = brokenRule(manifest, before, this.#generation, workersRules);
    if (rule !== undefined) return rule;
    this.#database
      .prepare("INSERT INTO manifests VALUES (?, ?)")
      .run(manifest.header.height, encodeManifest(manifest));
    return undefined;
  }

  async get(height: bigint): Promise<Manifest | undefined> {
    const row = this.#database
      .prepare("SELECT manifest FROM manifests WHERE height = ?")
      .get(height);
    return row === undefined ? undefined : readManifest(row.manifest as Uint8Array);
  }

  async top(): Promise<bigint> {
    const row = this.#database.prepare("SELECT max(height) AS top FROM manifests").get();
    const top = row?.top as number | null;
    return top === null ? this.#generation.initialHeight - 1n : BigInt(top);
  }

  async close(): Promise<void> {
    this.#database.close();
  }
}
