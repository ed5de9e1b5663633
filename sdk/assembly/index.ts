/**
 * What an application in AssemblyScript needs besides its `handle` (docs/sdk.md §6):
 *
 *   export { request_buffer } from "…/sdk/assembly/index";
 *   export function handle(transaction: usize, length: u32): u64 { … return response(address, length); }
 *
 * Invariant: fields lie as the wrapper writes them, 48 bytes before the payload.
 */

/** Room for the longest transaction, in which the wrapper writes. */
const buffer: usize = memory.data(65600, 64);

export function request_buffer(): usize {
  return buffer;
}

/** A transaction whose client, chain, time and place in its session the wrapper has checked. */
@unmanaged
export class Request {
  /** The client's address: bytes 0 to 7, 8 to 15 and 16 to 19. */
  client0: u64;
  client1: u64;
  client2: u32;
  zero: u32;
  /** Height of the block. */
  height: u64;
  session: u64;
  nonce: u64;
}

const headBytes: u32 = 48;

/** The request at the address that `handle` gets. */
@inline
export function requestAt(transaction: usize): Request {
  return changetype<Request>(transaction);
}

/** Address of the payload. */
@inline
export function payloadAt(transaction: usize): usize {
  return transaction + headBytes;
}

/** Bytes of the payload. */
@inline
export function payloadLength(length: u32): u32 {
  return length - headBytes;
}

/** What `handle` returns: bytes that the wrapper copies before it calls again. */
@inline
export function response(address: usize, length: u32): u64 {
  return (u64(length) << 32) | u64(address);
}
