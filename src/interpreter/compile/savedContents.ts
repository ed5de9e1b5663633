/**
 * What chunks held before the entry at hand first wrote to them: bytes of those that were not zero, in pieces that serve
 * one entry after another, of whichever state, since nothing behind an entry asks for them.
 *
 * Invariant: one entry at a time runs in a process, and takes back what it wrote before another begins.
 */
import { chunkBytes } from "../program/program.ts";
import { isZero } from "../state/memories.ts";

const chunksOfPiece = 64;
/** Pieces that are kept for the next entry. */
const keptPieces = 64;

const pieces: Uint8Array[] = [];

export class SavedContents {
  private used = 0;
  private from: Uint8Array = new Uint8Array(0);
  /** The words of `from`. */
  private words: Int32Array = new Int32Array(0);

  /** Forgets all. */
  clear(): void {
    this.used = 0;
    if (pieces.length > keptPieces) pieces.length = keptPieces;
  }

  /** Keeps a chunk of a memory; returns where, −1 if it is zero. */
  keep(bytes: Uint8Array, chunk: number): number {
    if (bytes !== this.from) {
      this.from = bytes;
      this.words = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
    }
    const first = (chunk * chunkBytes) / 4;
    if (isZero(this.words, first, first + chunkBytes / 4)) return -1;
    const place = this.used++;
    const piece = Math.floor(place / chunksOfPiece);
    if (piece === pieces.length) pieces.push(new Uint8Array(chunksOfPiece * chunkBytes));
    const start = chunk * chunkBytes;
    const old = bytes.subarray(start, start + chunkBytes);
    pieces[piece].set(old, (place % chunksOfPiece) * chunkBytes);
    return place;
  }

  /** Puts back what was kept. */
  putBack(bytes: Uint8Array, chunk: number, place: number): void {
    const start = chunk * chunkBytes;
    if (place < 0) {
      bytes.fill(0, start, start + chunkBytes);
      return;
    }
    const piece = pieces[Math.floor(place / chunksOfPiece)];
    const at = (place % chunksOfPiece) * chunkBytes;
    bytes.set(piece.subarray(at, at + chunkBytes), start);
  }
}
