/**
 * A program cache in a folder (docs/cache.md): a file an entry, named by the digest of its identity, compressed, under a code
 * that only this user's key makes.
 *
 * Invariant: an entry that was altered, swapped, cut or written by somebody without the key is noticed, deleted and derived
 * anew. Entries are written beside their place and renamed, so that processes see whole ones; any may be deleted at
 * any time. Nothing here throws: a folder that cannot be used keeps nothing.
 */
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import type { ProgramCache } from "../../programCache.ts";

/** Loaded when there is an entry to look for: programs that are too small for one run in less time. */
const crypto = () => process.getBuiltinModule("node:crypto");
const zlib = () => process.getBuiltinModule("node:zlib");

const ending = ".program";
const temporaryEnding = ".temporary";
const magic = Buffer.from("wasm-arbiter program cache 1\n");
const codeBytes = 32;
const lengthBytes = 8;
const headerBytes = magic.length + codeBytes + lengthBytes;
/** Files that a killed process has left behind. */
const abandonedMs = 3_600_000;
const chunkSize = 4 * 2 ** 20;

export interface FolderCacheOptions {
  /** Bytes of all entries; what was not used for longest goes first. */
  readonly mostBytes?: number;
}

/** Entries of a large program take 5 MB. */
const defaultMostBytes = 512 * 2 ** 20;

export class FolderProgramCache implements ProgramCache {
  readonly folder: string;
  readonly #key: Uint8Array;
  readonly #mostBytes: number;

  /** `key`: 32 secret bytes; who has them can make the folder give back other programs. */
  constructor(
    folder: string,
    key: Uint8Array,
    { mostBytes = defaultMostBytes }: FolderCacheOptions = {},
  ) {
    this.folder = folder;
    this.#key = key;
    this.#mostBytes = mostBytes;
  }

  get(identity: readonly Uint8Array[]): Uint8Array | undefined {
    const name = nameOf(identity);
    const path = join(this.folder, name);
    try {
      const file = readFileSync(path);
      const content = this.#opened(name, file);
      if (content === undefined) remove(path);
      else touch(path);
      return content;
    } catch {
      return undefined;
    }
  }

  put(identity: readonly Uint8Array[], content: readonly Uint8Array[]): void {
    const name = nameOf(identity);
    const temporary = join(
      this.folder,
      `${crypto().randomBytes(12).toString("hex")}${temporaryEnding}`,
    );
    try {
      mkdirSync(this.folder, { recursive: true, mode: 0o700 });
      writeFileSync(temporary, this.#sealed(name, Buffer.concat(content)), {
        flag: "wx",
        mode: 0o600,
      });
      renameSync(temporary, join(this.folder, name));
      this.#evict();
    } catch {
      remove(temporary);
    }
  }

  #sealed(name: string, content: Buffer): Buffer {
    const { constants, zstdCompressSync } = zlib();
    const packed = zstdCompressSync(content, {
      chunkSize,
      params: { [constants.ZSTD_c_compressionLevel]: 1 },
    });
    const length = Buffer.alloc(lengthBytes);
    length.writeBigUInt64LE(BigInt(content.length));
    return Buffer.concat([magic, this.#codeOf(name, length, packed), length, packed]);
  }

  #opened(name: string, file: Buffer): Uint8Array | undefined {
    if (file.length < headerBytes || !file.subarray(0, magic.length).equals(magic))
      return undefined;
    const code = file.subarray(magic.length, magic.length + codeBytes);
    const length = file.subarray(magic.length + codeBytes, headerBytes);
    const packed = file.subarray(headerBytes);
    if (!crypto().timingSafeEqual(code, this.#codeOf(name, length, packed))) return undefined;
    const size = Number(length.readBigUInt64LE());
    const content = zlib().zstdDecompressSync(packed, { chunkSize: Math.max(size, 64) });
    return content.length === size ? content : undefined;
  }

  /** The name is in it, so that an entry in another's place is noticed. */
  #codeOf(name: string, length: Uint8Array, packed: Uint8Array): Buffer {
    return crypto()
      .createHmac("sha256", this.#key)
      .update(magic)
      .update(name)
      .update(length)
      .update(packed)
      .digest();
  }

  /** Deletes what was not used for longest until the rest is within the bound, and what was abandoned. */
  #evict(): void {
    const now = Date.now();
    const files = readdirSync(this.folder).flatMap((name) => {
      const { size, mtimeMs } = statSync(join(this.folder, name), { throwIfNoEntry: false }) ?? {};
      return size === undefined || mtimeMs === undefined ? [] : [{ name, size, mtimeMs }];
    });
    for (const { name, mtimeMs } of files) {
      if (name.endsWith(temporaryEnding) && now - mtimeMs > abandonedMs)
        remove(join(this.folder, name));
    }
    const entries = files.filter(({ name }) => name.endsWith(ending));
    entries.sort((a, b) => b.mtimeMs - a.mtimeMs);
    let sum = 0;
    for (const { name, size } of entries) {
      sum += size;
      if (sum > this.#mostBytes) remove(join(this.folder, name));
    }
  }
}

/** Names of identities, which are long: an entry is looked for, put, and put again when more of it is known. */
const names = new WeakMap<readonly Uint8Array[], string>();

function nameOf(identity: readonly Uint8Array[]): string {
  const known = names.get(identity);
  if (known !== undefined) return known;
  const hash = crypto().createHash("sha256");
  for (const piece of identity) {
    const length = Buffer.alloc(lengthBytes);
    length.writeBigUInt64LE(BigInt(piece.length));
    hash.update(length).update(piece);
  }
  const name = `${hash.digest("hex")}${ending}`;
  names.set(identity, name);
  return name;
}

/** Removes a file, if it is there and may be removed. */
function remove(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // A folder that cannot be written to keeps what it has.
  }
}

/** Says that an entry was used; a folder that cannot be written to says nothing. */
function touch(path: string): void {
  try {
    const now = new Date();
    utimesSync(path, now, now);
  } catch {
    // Then eviction goes by when entries were written.
  }
}
