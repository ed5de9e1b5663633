/**
 * The worker's consensus key as CometBFT's remote signer (0.38, `priv_validator_laddr` on a unix socket): CometBFT
 * listens, the signer dials and answers one request after the other.
 *
 * Invariant: the key never leaves this process; every signature passes the guard.
 */
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { sha256 } from "@noble/hashes/sha2.js";
import { keccak_256 } from "@noble/hashes/sha3.js";
import { bytesToHex, concatBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { getBytes, type SigningKey } from "ethers";
import { blockIdBytes, timestampBytes } from "../../history/block.ts";
import { type BlockId, type Timestamp, voteBytes } from "../../history/index.ts";
import {
  bytesField,
  delimited,
  fixed64Field,
  messageField,
  varintField,
} from "../../history/wire.ts";
import { lengthPrefix, MessageReader } from "../abci/messageStream.ts";
import {
  encodeSignerAnswer,
  readSignerRequest,
  type SignerAnswer,
  type SignerRequest,
} from "./messages.ts";
import { type Signable, signedSteps, type VoteGuard } from "./voteGuard.ts";

const proposalType = 32n;
const prevoteType = 1;
/** Between two attempts to reach CometBFT. */
const redialMs = 100;

/** What a signer needs. */
export interface RemoteSignerOptions {
  readonly chainId: string;
  readonly key: SigningKey;
  readonly guard: VoteGuard;
  readonly onRefusal?: (reason: string, what: string) => void;
  /** Told of what has ended a connection: bytes that are no request, or a disk that takes no signature. */
  readonly onError?: (error: unknown) => void;
}

/** Answers requests of CometBFT with one key. */
export class RemoteSigner {
  readonly #options: RemoteSignerOptions;

  constructor(options: RemoteSignerOptions) {
    this.#options = options;
  }

  /** Dials CometBFT's socket again and again, until the signal is given. */
  async follow(path: string, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#connection(path, signal);
      await sleep(redialMs, undefined, { signal }).catch(() => {});
    }
  }

  /** Answers one request. */
  answer(request: SignerRequest): SignerAnswer {
    const { chainId, key } = this.#options;
    if (request.kind === "ping") return request;
    if (request.kind === "publicKey") {
      return { kind: "publicKey", publicKey: getBytes(key.compressedPublicKey) };
    }
    if (request.chainId !== chainId) {
      return { kind: "refusal", of: request.kind, reason: `this key is of chain ${chainId}` };
    }
    return request.kind === "vote" ? this.#vote(request.vote) : this.#proposal(request.proposal);
  }

  #vote(vote: Extract<SignerRequest, { kind: "vote" }>["vote"]): SignerAnswer {
    const { chainId } = this.#options;
    const blockId = blockIdOf(vote.blockId);
    const bytesAt = (time: Timestamp) =>
      voteBytes({
        type: BigInt(vote.type),
        chainId,
        height: vote.height,
        round: vote.round,
        blockId,
        time,
      });
    const step = vote.type === prevoteType ? signedSteps.prevote : signedSteps.precommit;
    const signed = this.#signed(
      { ...vote, step, blockHash: blockId.hash },
      vote.timestamp,
      bytesAt,
    );
    if (typeof signed === "string") return { kind: "refusal", of: "vote", reason: signed };
    const { time: timestamp, signature } = signed;
    return { kind: "vote", vote: { ...vote, timestamp, signature } };
  }

  #proposal(proposal: Extract<SignerRequest, { kind: "proposal" }>["proposal"]): SignerAnswer {
    const blockId = blockIdOf(proposal.blockId);
    const bytesAt = (time: Timestamp) =>
      delimited(
        concatBytes(
          varintField(1, proposalType),
          fixed64Field(2, proposal.height),
          fixed64Field(3, BigInt(proposal.round)),
          varintField(4, BigInt(proposal.polRound)),
          messageField(5, blockIdBytes(blockId)),
          messageField(6, timestampBytes(time)),
          bytesField(7, utf8ToBytes(this.#options.chainId)),
        ),
      );
    const step = signedSteps.proposal;
    const asked = { ...proposal, step, blockHash: blockId.hash };
    const signed = this.#signed(asked, proposal.timestamp, bytesAt);
    if (typeof signed === "string") return { kind: "refusal", of: "proposal", reason: signed };
    const { time: timestamp, signature } = signed;
    return { kind: "proposal", proposal: { ...proposal, timestamp, signature } };
  }

  /** The signature and its time, or why there is none. */
  #signed(
    asked: Pick<Signable, "height" | "round" | "step" | "blockHash">,
    time: Timestamp,
    bytesAt: (time: Timestamp) => Uint8Array,
  ) {
    const { guard, key, onRefusal } = this.#options;
    const { height, round, step, blockHash } = asked;
    const content = bytesToHex(keccak_256(bytesAt({ seconds: 0n, nanos: 0 })));
    const signable: Signable = { height, round, step, blockHash, time, content };
    const reason = guard.refusal(signable);
    if (reason !== undefined) {
      onRefusal?.(reason, `${height}/${round}/${step}`);
      return reason;
    }
    const before = guard.signedBefore(signable);
    if (before !== undefined) return before;
    const { r, s } = key.sign(sha256(bytesAt(time)));
    const signature = getBytes(`${r}${s.slice(2)}`);
    guard.keep(signable, signature);
    return { time, signature };
  }

  /** One connection, to its end. */
  #connection(path: string, signal: AbortSignal): Promise<void> {
    const socket = connect(path);
    const reader = new MessageReader();
    const stop = () => socket.destroy();
    signal.addEventListener("abort", stop, { once: true });
    return new Promise((resolve) => {
      socket.on("data", (bytes: Uint8Array) => {
        try {
          for (const message of reader.push(bytes)) this.#write(socket, message);
        } catch (error) {
          this.#options.onError?.(error);
          socket.destroy();
        }
      });
      socket.on("error", () => {});
      socket.on("close", () => {
        signal.removeEventListener("abort", stop);
        resolve();
      });
    });
  }

  #write(socket: Socket, message: Uint8Array): void {
    const bytes = encodeSignerAnswer(this.answer(readSignerRequest(message)));
    socket.write(concatBytes(lengthPrefix(bytes.length), bytes));
  }
}

function blockIdOf({
  hash,
  partSetHeader,
}: {
  readonly hash: Uint8Array;
  readonly partSetHeader: { readonly total: number; readonly hash: Uint8Array };
}): BlockId {
  return { hash, parts: partSetHeader };
}
