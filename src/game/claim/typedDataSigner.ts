/**
 * What signs EIP-712 typed data for this project: transitions, receipts, memberships. An ethers `Wallet` is one, and so is
 * any `Signer`.
 */
import type { TypedDataDomain, TypedDataField } from "ethers";

/** Signs typed data with one key. */
export interface TypedDataSigner {
  /** As `Signer.signTypedData` of ethers does: resolves to r, s, v as hex. */
  signTypedData(
    domain: TypedDataDomain,
    types: Record<string, TypedDataField[]>,
    value: Record<string, unknown>,
  ): Promise<string>;
}
