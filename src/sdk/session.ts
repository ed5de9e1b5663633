/**
 * A client's session: signs one transaction after another with the nonces counted.
 *
 * Invariant: the session's number is random, so nobody can fill its bucket beforehand; a session is for one chain.
 */
import type { ClientKey } from "./transaction.ts";

/** A number for a new session. */
export function randomSession(): bigint {
  return crypto.getRandomValues(new BigUint64Array(1))[0];
}

/** Signs transactions in order. One that was refused has used no nonce: sign again from `nonce` as it was. */
export class ClientSession {
  readonly key: ClientKey;
  readonly chainId: string;
  readonly session: bigint;
  /** Nonce of the next transaction. */
  nonce: bigint;

  /** A new session of a key on a chain, or one that goes on at `nonce`. */
  constructor(key: ClientKey, chainId: string, session = randomSession(), nonce = 0n) {
    this.key = key;
    this.chainId = chainId;
    this.session = session;
    this.nonce = nonce;
  }

  /** Signs the next transaction, valid until `expiryHeight`; returns its bytes. */
  sign(payload: Uint8Array, expiryHeight: bigint): Uint8Array {
    const { session, nonce } = this;
    const bytes = this.key.sign(this.chainId, { session, nonce, expiryHeight, payload });
    this.nonce++;
    return bytes;
  }
}
