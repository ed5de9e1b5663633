/**
 * CometBFT's protocol with a remote signer (0.38, proto/tendermint/privval): each message is one of eight, behind its
 * length. Votes and proposals inside are the library's own types.
 *
 * Invariant: what is not one of the four requests is refused; an answer holds what was signed, or an error.
 */
import { BinaryReader, BinaryWriter, WireType } from "cosmjs-types/binary";
import { PublicKey } from "cosmjs-types/tendermint/crypto/keys";
import { Proposal, Vote } from "cosmjs-types/tendermint/types/types";
import { NodeError } from "../nodeError.ts";

/** What CometBFT asks a signer. */
export type SignerRequest =
  | { readonly kind: "publicKey"; readonly chainId: string }
  | { readonly kind: "vote"; readonly chainId: string; readonly vote: Vote }
  | { readonly kind: "proposal"; readonly chainId: string; readonly proposal: Proposal }
  | { readonly kind: "ping" };

/** What it gets. */
export type SignerAnswer =
  | { readonly kind: "publicKey"; readonly publicKey: Uint8Array }
  | { readonly kind: "vote"; readonly vote: Vote }
  | { readonly kind: "proposal"; readonly proposal: Proposal }
  | { readonly kind: "ping" }
  | { readonly kind: "refusal"; readonly of: "vote" | "proposal"; readonly reason: string };

/** Fields of `Message`, requests and answers. */
const fields = {
  publicKeyRequest: 1,
  publicKeyResponse: 2,
  voteRequest: 3,
  voteResponse: 4,
  proposalRequest: 5,
  proposalResponse: 6,
  pingRequest: 7,
  pingResponse: 8,
} as const;

/** The byte strings of a message's fields, by number. */
function fieldsOf(message: Uint8Array): Map<number, Uint8Array> {
  const reader = new BinaryReader(message);
  const found = new Map<number, Uint8Array>();
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag();
    if (type === WireType.Bytes) found.set(field, reader.bytes());
    else reader.skipType(type);
  }
  return found;
}

/** Reads a request. Throws `signer-message`. */
export function readSignerRequest(message: Uint8Array): SignerRequest {
  const refuse = (): never => {
    throw new NodeError("signer-message");
  };
  const text = (bytes: Uint8Array | undefined) =>
    new TextDecoder().decode(bytes ?? new Uint8Array());
  const [[field, body]] = fieldsOf(message).size === 1 ? fieldsOf(message) : refuse();
  const inner = fieldsOf(body);
  switch (field) {
    case fields.publicKeyRequest:
      return { kind: "publicKey", chainId: text(inner.get(1)) };
    case fields.voteRequest:
      return {
        kind: "vote",
        chainId: text(inner.get(2)),
        vote: Vote.decode(inner.get(1) ?? refuse()),
      };
    case fields.proposalRequest:
      return {
        kind: "proposal",
        chainId: text(inner.get(2)),
        proposal: Proposal.decode(inner.get(1) ?? refuse()),
      };
    case fields.pingRequest:
      return { kind: "ping" };
    default:
      return refuse();
  }
}

const errorField = 2;

function wrapped(field: number, ...inner: readonly (readonly [number, Uint8Array])[]): Uint8Array {
  const body = new BinaryWriter();
  for (const [number, bytes] of inner) body.tag(number, WireType.Bytes).bytes(bytes);
  return new BinaryWriter().tag(field, WireType.Bytes).bytes(body.finish()).finish();
}

/** An answer's bytes. */
export function encodeSignerAnswer(answer: SignerAnswer): Uint8Array {
  switch (answer.kind) {
    case "publicKey": {
      const key = PublicKey.fromPartial({ secp256k1: answer.publicKey });
      return wrapped(fields.publicKeyResponse, [1, PublicKey.encode(key).finish()]);
    }
    case "vote":
      return wrapped(fields.voteResponse, [1, Vote.encode(answer.vote).finish()]);
    case "proposal":
      return wrapped(fields.proposalResponse, [1, Proposal.encode(answer.proposal).finish()]);
    case "ping":
      return wrapped(fields.pingResponse);
    case "refusal": {
      const error = new BinaryWriter();
      error.tag(1, WireType.Varint).int32(1);
      error.tag(2, WireType.Bytes).bytes(new TextEncoder().encode(answer.reason));
      const field = answer.of === "vote" ? fields.voteResponse : fields.proposalResponse;
      const empty = answer.of === "vote" ? emptyVote : emptyProposal;
      return wrapped(field, [1, empty], [errorField, error.finish()]);
    }
  }
}

/** The messages that an error stands beside may not be left out. */
const emptyVote = Vote.encode(Vote.fromPartial({})).finish();
const emptyProposal = Proposal.encode(Proposal.fromPartial({})).finish();
