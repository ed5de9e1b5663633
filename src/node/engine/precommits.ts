/**
 * The precommits of the embedded engine and their places in a commit (CometBFT 0.38, spec/core/data_structures.md: Vote,
 * CommitSig).
 *
 * Invariant: a vote's time is later than its block's by a millisecond at least, as CometBFT demands of a correct worker.
 */
import { getBytes, type SigningKey } from "ethers";
import {
  type BlockId,
  type CommitSignature,
  type Header,
  type PrecommitOf,
  type Timestamp,
  validatorAddress,
  voteDigest,
  voteTypes,
} from "../../history/index.ts";
import { nanosOf, timeOf, voteFlags } from "./headers.ts";

/** CometBFT's time of a vote that was not given. */
const noTime: Timestamp = { seconds: -62_135_596_800n, nanos: 0 };

/** A worker's precommit for a block; `now` in nanoseconds since 1970. */
export function precommit(
  key: SigningKey,
  header: Header,
  blockId: BlockId,
  round: number,
  now: bigint,
): PrecommitOf {
  const { chainId, height } = header;
  const earliest = nanosOf(header.time) + 1_000_000n;
  const time = timeOf(now > earliest ? now : earliest);
  const digest = voteDigest({ type: voteTypes.precommit, chainId, height, round, blockId, time });
  const { r, s } = key.sign(digest);
  return { round, blockId, time, signature: getBytes(`${r}${s.slice(2)}`) };
}

/** What stands in a commit for a worker that has precommitted, or has not. */
export function signatureOf(
  precommit: PrecommitOf | undefined,
  publicKey: Uint8Array,
): CommitSignature {
  const nothing = new Uint8Array();
  if (precommit === undefined) {
    return { flag: voteFlags.absent, validatorAddress: nothing, time: noTime, signature: nothing };
  }
  const { time, signature } = precommit;
  return { flag: voteFlags.commit, validatorAddress: validatorAddress(publicKey), time, signature };
}
