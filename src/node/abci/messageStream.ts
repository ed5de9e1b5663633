/**
 * How ABCI messages lie in a byte stream (CometBFT 0.38, spec/abci/abci++_client_server.md): each is a protobuf message
 * behind its length as an unsigned varint.
 *
 * Invariant: a message is handed out once all of its bytes are there, in the order of the stream; a length that no
 * message has ends the connection before anything of that size is kept.
 */
import { NodeError } from "../nodeError.ts";

/** CometBFT's own bound on a message: 64 MiB, and room for the envelope. */
const mostBytes = 64 * 2 ** 20 + 1024;
const mostVarintBytes = 5;

/** A length as a varint. */
export function lengthPrefix(length: number): Uint8Array {
  const bytes: number[] = [];
  let rest = length;
  while (rest > 0x7f) {
    bytes.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  bytes.push(rest);
  return Uint8Array.from(bytes);
}

/** Cuts a stream of bytes into messages. */
export class MessageReader {
  readonly #pieces: Uint8Array[] = [];
  #length = 0;

  /** Takes the next bytes of the stream and gives the messages that they complete. Throws `abci-message`. */
  push(bytes: Uint8Array): Uint8Array[] {
    this.#pieces.push(bytes);
    this.#length += bytes.length;
    const messages: Uint8Array[] = [];
    for (let message = this.#next(); message !== undefined; message = this.#next()) {
      messages.push(message);
    }
    return messages;
  }

  #next(): Uint8Array | undefined {
    const head = this.#head();
    if (head === undefined || this.#length < head.size + head.length) return undefined;
    const all = this.#joined();
    const end = head.size + head.length;
    this.#pieces.length = 0;
    this.#length = all.length - end;
    if (this.#length > 0) this.#pieces.push(all.subarray(end));
    return all.subarray(head.size, end);
  }

  /** The next message's length and how many bytes that takes; nothing while they are not there. */
  #head(): { readonly size: number; readonly length: number } | undefined {
    if (this.#length === 0) return undefined;
    // A length is cut in two by the stream so seldom that joining costs nothing.
    const bytes = this.#pieces[0].length >= mostVarintBytes ? this.#pieces[0] : this.#joined();
    let length = 0;
    for (let i = 0; i < Math.min(bytes.length, mostVarintBytes); i++) {
      length += (bytes[i] & 0x7f) * 2 ** (7 * i);
      if (length > mostBytes) throw new NodeError("abci-message", `a length of ${length} bytes`);
      if (bytes[i] < 0x80) return { size: i + 1, length };
    }
    if (bytes.length >= mostVarintBytes) throw new NodeError("abci-message", "an endless length");
    return undefined;
  }

  #joined(): Uint8Array {
    if (this.#pieces.length > 1) this.#pieces.splice(0, this.#pieces.length, joined(this.#pieces));
    return this.#pieces[0];
  }
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(pieces));
}
