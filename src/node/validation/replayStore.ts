/**
 * How far replays have come, on the disk: a validator that is killed goes on where it was.
 *
 * Invariant: one row a turn, written whole or not at all; a state that does not load is as good as none, and the replay
 * begins again.
 */
import type { DatabaseSync } from "node:sqlite";
import type { Hash } from "../../game/index.ts";
import type { ReplayProgress } from "../../history/index.ts";
import { Machine, type Program } from "../../interpreter/index.ts";
import { loadState, SnapshotError, StateTree, saveState } from "../../merkle/index.ts";
import { openDatabase } from "../database.ts";

/** A turn: a fragment under a seed. */
export interface TurnName {
  readonly id: Hash;
  readonly seed: Hash;
}

/** Where a replay stood. */
export interface KeptReplay {
  readonly machine: Machine;
  readonly progress: ReplayProgress;
}

/** The replays of one validator. */
export class ReplayStore {
  readonly #database: DatabaseSync;

  /** @param path Of the database; ":memory:" keeps nothing. */
  constructor(path: string) {
    this.#database = openDatabase(
      path,
      "CREATE TABLE IF NOT EXISTS replays (turn TEXT PRIMARY KEY, progress TEXT NOT NULL, state BLOB NOT NULL) STRICT;",
    );
  }

  /** Keeps where a replay stands, its machine between two calls. */
  keep(turn: TurnName, machine: Machine, progress: ReplayProgress): void {
    this.#database
      .prepare("INSERT OR REPLACE INTO replays VALUES (?, ?, ?)")
      .run(
        nameOf(turn),
        JSON.stringify(progress, bigints),
        saveState(new StateTree(machine.state)),
      );
  }

  /** Where a turn's replay stood; undefined if nothing is kept that holds. */
  read(program: Program, turn: TurnName): KeptReplay | undefined {
    const row = this.#database.prepare("SELECT * FROM replays WHERE turn = ?").get(nameOf(turn));
    if (row === undefined) return undefined;
    try {
      const machine = new Machine(program, loadState(program, row.state as Uint8Array));
      return { machine, progress: JSON.parse(row.progress as string, revived) };
    } catch (error) {
      if (!(error instanceof SnapshotError)) throw error;
      this.forget(turn);
      return undefined;
    }
  }

  /** Forgets a turn that is over. */
  forget(turn: TurnName): void {
    this.#database.prepare("DELETE FROM replays WHERE turn = ?").run(nameOf(turn));
  }

  close(): void {
    this.#database.close();
  }
}

const nameOf = ({ id, seed }: TurnName): string => `${id} ${seed}`;
/** JSON has no integers of 64 bits: they stand as "12n". */
const bigints = (_: string, value: unknown): unknown =>
  typeof value === "bigint" ? `${value}n` : value;
const revived = (_: string, value: unknown): unknown =>
  typeof value === "string" && /^\d+n$/.test(value) ? BigInt(value.slice(0, -1)) : value;
