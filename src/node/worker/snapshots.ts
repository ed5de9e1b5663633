/**
 * Whole states on the disk: from them a worker starts again, answers for older heights, and lets others join by
 * CometBFT's state sync.
 *
 *   file = "wasm-arbiter worker snapshot 1\n" ‖ length u32 of the JSON ‖ JSON {height, application} ‖ saved state
 *
 * Invariant: a file stands under its name only when all of it is on the disk (written beside, fsync, rename, fsync of
 * the folder); what is read is checked against the application hash, so a snapshot is the state that it says or none.
 */
import { createHash } from "node:crypto";
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { open, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { getBytes } from "ethers";
import { type ApplicationState, applicationHash, readApplication } from "../../history/index.ts";
import type { MachineState, Program } from "../../interpreter/index.ts";
import { loadState, SnapshotError, type StateTree, saveState } from "../../merkle/index.ts";
import { NodeError } from "../nodeError.ts";
import { stateText } from "./journal.ts";

const magic = new TextEncoder().encode("wasm-arbiter worker snapshot 1\n");
const fileName = /^(\d+)\.snapshot$/;

/** A worker's state after a block. */
export interface WorkerSnapshot {
  readonly height: bigint;
  readonly application: ApplicationState;
  readonly state: MachineState;
}

/** What stands beside a state: the head, hashes, registers, lengths; more than all of it is. */
const besideBytes = 2 ** 16;
/** A page with its bits in two maps of chunks. */
const savedPageBytes = 2 ** 16 + 4;

/** More bytes than a snapshot of any state of a program has: what is said to be longer is none. */
export function mostSnapshotBytes({
  memories,
  tables,
  globals,
  segments,
  config,
}: Program): number {
  const { stackSlots, frames, inputBytes, outputBytes } = config.limits;
  const pages = memories.reduce((sum, { maxPages }) => sum + maxPages, 0);
  const entries = tables.reduce((sum, { maxSize }) => sum + maxSize, 0);
  const words = stackSlots + frames + globals + entries;
  return besideBytes + pages * savedPageBytes + words * 8 + segments + inputBytes + outputBytes;
}

/** A worker's state as a snapshot's bytes; the tree is that of the base. */
export function encodeSnapshot(
  height: bigint,
  application: ApplicationState,
  base: StateTree,
): Uint8Array {
  const head = new TextEncoder().encode(
    JSON.stringify({ height: height.toString(), application: stateText(application) }),
  );
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, head.length);
  return new Uint8Array(Buffer.concat([magic, length, head, saveState(base)]));
}

/**
 * Reads a snapshot, and checks that its state is the base of its application state, and that of the application hash
 * where one is expected. Throws `state-corrupt`.
 */
export function readSnapshot(
  program: Program,
  bytes: Uint8Array,
  expected?: Uint8Array,
): WorkerSnapshot {
  const { height, application, saved } = parsed(bytes);
  const hash = getBytes(applicationHash(application));
  if (expected !== undefined && !Buffer.from(hash).equals(expected)) {
    throw new NodeError("state-corrupt", "a snapshot of another application hash");
  }
  try {
    return { height, application, state: loadState(program, saved, getBytes(application.base)) };
  } catch (error) {
    if (!(error instanceof SnapshotError)) throw error;
    throw new NodeError("state-corrupt", error.message);
  }
}

function parsed(bytes: Uint8Array) {
  try {
    if (!Buffer.from(bytes.subarray(0, magic.length)).equals(magic)) throw new RangeError("magic");
    const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(magic.length);
    const from = magic.length + 4;
    const head = JSON.parse(new TextDecoder().decode(bytes.subarray(from, from + length)));
    if (!/^\d{1,19}$/.test(head.height)) throw new RangeError("height");
    return {
      height: BigInt(head.height),
      application: readApplication(JSON.parse(head.application)),
      saved: bytes.subarray(from + length),
    };
  } catch {
    throw new NodeError("state-corrupt", "these bytes are no snapshot");
  }
}

/** What names a snapshot's bytes. */
export interface SnapshotDigest {
  /** Bytes. */
  readonly length: number;
  /** SHA-256. */
  readonly hash: Uint8Array;
}

/** The snapshots in a folder, the newest few. */
export class SnapshotFolder {
  readonly #folder: string;
  readonly #kept: number;
  /** On the way to the disk; read as if it were there. */
  #pending: { readonly height: bigint; readonly bytes: Uint8Array } | undefined;
  #written: Promise<void> = Promise.resolve();
  #failure: unknown;
  /** Of those that were asked for: any peer may ask again and again what there is. */
  readonly #digests = new Map<bigint, SnapshotDigest>();

  /** @param kept Number of snapshots that stay. */
  constructor(folder: string, kept: number) {
    mkdirSync(folder, { recursive: true });
    this.#folder = folder;
    this.#kept = kept;
  }

  /** Heights that have a snapshot, newest first. */
  heights(): bigint[] {
    const heights = new Set(
      readdirSync(this.#folder).flatMap((name) => fileName.exec(name)?.[1] ?? []),
    );
    const pending = this.#pending;
    if (pending !== undefined) heights.add(pending.height.toString());
    const sorted = [...heights].map(BigInt).sort((a, b) => (a < b ? 1 : -1));
    return pending === undefined ? sorted : sorted.slice(0, this.#kept);
  }

  /** The bytes at a height. */
  read(height: bigint): Uint8Array | undefined {
    if (this.#pending?.height === height) return this.#pending.bytes;
    const path = this.#path(height);
    return existsSync(path) ? new Uint8Array(readFileSync(path)) : undefined;
  }

  /** Length and hash of the bytes at a height. */
  digest(height: bigint): SnapshotDigest | undefined {
    const known = this.#digests.get(height);
    if (known !== undefined) return known;
    const bytes = this.read(height);
    if (bytes === undefined) return undefined;
    const hash = new Uint8Array(createHash("sha256").update(bytes).digest());
    const digest = { length: bytes.length, hash };
    this.#digests.set(height, digest);
    return digest;
  }

  /** Some of the bytes at a height; as many as there are. */
  slice(height: bigint, from: number, length: number): Uint8Array {
    if (this.#pending?.height === height) return this.#pending.bytes.subarray(from, from + length);
    const path = this.#path(height);
    if (!existsSync(path)) return new Uint8Array();
    const file = openSync(path, "r");
    try {
      const bytes = new Uint8Array(length);
      return bytes.subarray(0, readSync(file, bytes, 0, length, from));
    } finally {
      closeSync(file);
    }
  }

  /** Keeps a snapshot, and lets go of the oldest. */
  write(height: bigint, bytes: Uint8Array): void {
    this.#forget(height);
    const path = this.#path(height);
    const beside = `${path}.new`;
    writeFileSync(beside, bytes);
    synced(beside);
    renameSync(beside, path);
    synced(this.#folder);
    this.#trim();
  }

  /**
   * Keeps a snapshot, which is written while the process does other things; at once where another one is still on its way.
   * Throws what writing an earlier one has failed with.
   */
  writeBeside(height: bigint, bytes: Uint8Array): void {
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure !== undefined) throw failure;
    if (this.#pending !== undefined) {
      this.write(height, bytes);
      return;
    }
    const pending = { height, bytes };
    this.#digests.delete(height);
    this.#pending = pending;
    this.#written = this.#put(pending).catch((error: unknown) => {
      this.#failure = error;
    });
  }

  /** Settles when nothing is on its way any more. */
  get written(): Promise<void> {
    return this.#written;
  }

  async #put(pending: { readonly height: bigint; readonly bytes: Uint8Array }): Promise<void> {
    const path = this.#path(pending.height);
    const beside = `${path}.beside`;
    try {
      const file = await open(beside, "w");
      try {
        await file.writeFile(pending.bytes);
        await file.sync();
      } finally {
        await file.close();
      }
      // Meanwhile it may have been removed, or written anew.
      if (this.#pending === pending) await rename(beside, path);
      else await rm(beside);
      synced(this.#folder);
    } finally {
      if (this.#pending === pending) this.#pending = undefined;
    }
    this.#trim();
  }

  #forget(height: bigint): void {
    this.#digests.delete(height);
    if (this.#pending?.height === height) this.#pending = undefined;
  }

  #trim(): void {
    for (const old of this.heights().slice(this.#kept)) {
      this.#digests.delete(old);
      rmSync(this.#path(old), { force: true });
    }
  }

  /** Removes the snapshot at a height: it did not hold. */
  remove(height: bigint): void {
    this.#forget(height);
    rmSync(this.#path(height), { force: true });
  }

  #path(height: bigint): string {
    return join(this.#folder, `${height}.snapshot`);
  }
}

function synced(path: string): void {
  const file = openSync(path, "r");
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
