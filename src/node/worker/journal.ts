/**
 * What a worker keeps of its blocks, in an embedded database (SQLite through node:sqlite): of every block that has
 * transactions its record, its call's input and the application state after it; of the others only their height.
 *
 * Invariant: a commit is one transaction that is on the disk when `append` returns (WAL, synchronous FULL), so a
 * process that is killed anywhere either has a block whole or not at all, and CometBFT replays what it has not. One
 * process at a time has the file: a second one would not know what the first has signed.
 */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { ApplicationState } from "../../history/index.ts";
import { openDatabase } from "../database.ts";

/** A block with transactions, as it is kept. */
export interface KeptBlock {
  readonly height: bigint;
  /** Transaction 0. */
  readonly record: Uint8Array;
  /** The call's input. */
  readonly input: Uint8Array;
  /** State after it. */
  readonly application: ApplicationState;
}

const schema = `
  CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS blocks (
    height INTEGER PRIMARY KEY, record BLOB NOT NULL, input BLOB NOT NULL, application TEXT NOT NULL
  ) STRICT;
`;

/** The journal of one worker. */
export class BlockJournal {
  readonly #database: DatabaseSync;
  readonly #putFact: StatementSync;
  readonly #getFact: StatementSync;
  readonly #putBlock: StatementSync;
  readonly #getBlock: StatementSync;
  readonly #lastBlock: StatementSync;
  readonly #nextBlock: StatementSync;

  /** Opens a database file, or makes it; ":memory:" keeps nothing. Throws `folder-in-use` if a process has it open. */
  constructor(path: string) {
    this.#database = openDatabase(path, schema, "exclusive");
    this.#putFact = this.#database.prepare("INSERT OR REPLACE INTO facts VALUES (?, ?)");
    this.#getFact = this.#database.prepare("SELECT value FROM facts WHERE name = ?");
    this.#putBlock = this.#database.prepare("INSERT OR REPLACE INTO blocks VALUES (?, ?, ?, ?)");
    this.#getBlock = this.#database.prepare("SELECT * FROM blocks WHERE height = ?");
    this.#lastBlock = this.#database.prepare(
      "SELECT * FROM blocks WHERE height <= ? ORDER BY height DESC LIMIT 1",
    );
    this.#nextBlock = this.#database.prepare(
      "SELECT * FROM blocks WHERE height > ? AND height <= ? ORDER BY height LIMIT 1",
    );
  }

  /** Height of the last committed block; 0 before the first. */
  get height(): bigint {
    return BigInt(this.fact("height") ?? 0);
  }

  /** A named text that was kept. */
  fact(name: string): string | undefined {
    return this.#getFact.get(name)?.value as string | undefined;
  }

  /** Keeps named texts, all or none. */
  keepFacts(facts: Readonly<Record<string, string>>): void {
    this.#atomically(() => {
      for (const [name, value] of Object.entries(facts)) this.#putFact.run(name, value);
    });
  }

  /** Height of the state with which this folder begins, if that is not the genesis: it was joined, or inherited. */
  get startsAt(): bigint | undefined {
    const height = this.fact("syncedAt") ?? this.fact("inheritedAt");
    return height === undefined ? undefined : BigInt(height);
  }

  /** The folder begins with the state that another generation has ended with. */
  inherit(height: bigint, application: ApplicationState): void {
    const at = height.toString();
    this.keepFacts({ height: at, inheritedAt: at, inherited: stateText(application) });
  }

  /** The application state that was inherited at a height. */
  inheritedAt(height: bigint): ApplicationState | undefined {
    const isThere = this.fact("inheritedAt") === height.toString();
    return isThere ? stateOf(this.fact("inherited") ?? "") : undefined;
  }

  /** Keeps a committed height, its block if it has transactions, and named texts with them. */
  append(
    height: bigint,
    block: KeptBlock | undefined,
    facts: Readonly<Record<string, string>> = {},
  ): void {
    this.#atomically(() => {
      if (block !== undefined) {
        this.#putBlock.run(height, block.record, block.input, stateText(block.application));
      }
      for (const [name, value] of Object.entries(facts)) this.#putFact.run(name, value);
      this.#putFact.run("height", height.toString());
    });
  }

  /** The block at a height; nothing for an empty one. */
  block(height: bigint): KeptBlock | undefined {
    return rowOf(this.#getBlock.get(height));
  }

  /** The last block with transactions at a height or below. */
  lastBlock(height: bigint): KeptBlock | undefined {
    return rowOf(this.#lastBlock.get(height));
  }

  /** Blocks with transactions in (after, to], ascending; others may be written while they are read. */
  *blocks(after: bigint, to: bigint): Generator<KeptBlock> {
    for (let at = after; ; ) {
      const block = rowOf(this.#nextBlock.get(at, to));
      if (block === undefined) return;
      yield block;
      at = block.height;
    }
  }

  /** Closes the file. */
  close(): void {
    this.#database.close();
  }

  #atomically(work: () => void): void {
    this.#database.exec("BEGIN IMMEDIATE");
    try {
      work();
      this.#database.exec("COMMIT");
    } catch (error) {
      this.#database.exec("ROLLBACK");
      throw error;
    }
  }
}

/** An application state as JSON. */
export function stateText(state: ApplicationState): string {
  return JSON.stringify({
    ...state,
    fuel: state.fuel.toString(),
    steps: state.steps.toString(),
  });
}

/** What `stateText` wrote. */
export function stateOf(text: string): ApplicationState {
  const fields = JSON.parse(text);
  return { ...fields, fuel: BigInt(fields.fuel), steps: BigInt(fields.steps) };
}

function rowOf(row: Record<string, unknown> | undefined): KeptBlock | undefined {
  if (row === undefined) return undefined;
  return {
    height: BigInt(row.height as number),
    record: row.record as Uint8Array,
    input: row.input as Uint8Array,
    application: stateOf(row.application as string),
  };
}
