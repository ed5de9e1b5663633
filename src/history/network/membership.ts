/**
 * How a consensus key joins a generation (docs/network.md §2): it signs the owner's account, the owner pays the deposit.
 *
 * Invariant: the type below equals MEMBERSHIP_TYPE in contracts/src/network/Membership.sol; what is signed is valid for
 * one generation of one contract, and no vote can be taken for it.
 */
import { bytesToHex } from "@noble/hashes/utils.js";
import { SigningKey, type TypedDataDomain, TypedDataEncoder } from "ethers";
import type { Address, Hash } from "../../game/index.ts";

const membershipTypes = {
  Membership: [
    { name: "generation", type: "uint64" },
    { name: "owner", type: "address" },
  ],
};

/** EIP-712 domain of memberships: one EVM chain, one Clusters contract. */
export function membershipDomain(evmChainId: bigint, clusters: Address): TypedDataDomain {
  return {
    name: "wasm-arbiter clusters",
    version: "1",
    chainId: evmChainId,
    verifyingContract: clusters,
  };
}

/** What the consensus key signs to serve in a generation for an owner. */
export function membershipDigest(
  generation: bigint,
  owner: Address,
  domain: TypedDataDomain,
): Hash {
  return TypedDataEncoder.hash(domain, membershipTypes, { generation, owner });
}

/**
 * The arguments of `join` behind the cluster: the key's coordinates and its signature.
 *
 * @param privateKey 32 bytes, as in CometBFT's `priv_validator_key.json`.
 */
export function joinArguments(
  privateKey: Uint8Array,
  generation: bigint,
  owner: Address,
  domain: TypedDataDomain,
): readonly [keyX: Hash, keyY: Hash, possession: string] {
  const key = new SigningKey(`0x${bytesToHex(privateKey)}`);
  const possession = key.sign(membershipDigest(generation, owner, domain)).serialized;
  const coordinates = key.publicKey.slice(4);
  return [`0x${coordinates.slice(0, 64)}`, `0x${coordinates.slice(64)}`, possession];
}
