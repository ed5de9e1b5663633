/**
 * Headers and commits in the JSON of CometBFT's RPC, as rpc.ts reads it: what a gateway passes on of any engine.
 *
 * Invariant: `readSignedHeader(signedHeaderAnswer(x))` is x, and a recorded answer is written as it was recorded.
 */
import { bytesToHex } from "@noble/hashes/utils.js";
import { encodeBase64 } from "ethers";
import type { BlockId, Header, Timestamp } from "./block.ts";
import type { Commit, CommitSignature } from "./commit.ts";

const hex = (bytes: Uint8Array): string => bytesToHex(bytes).toUpperCase();
/** CometBFT's moment for a vote that was not given. */
const noTime = "0001-01-01T00:00:00Z";

function timeText({ seconds, nanos }: Timestamp): string {
  if (seconds < 0n) return noTime;
  const whole = new Date(Number(seconds) * 1000).toISOString().slice(0, 19);
  const fraction = nanos.toString().padStart(9, "0").replace(/0+$/, "");
  return `${whole}${fraction === "" ? "" : `.${fraction}`}Z`;
}

function blockIdAnswer({ hash, parts }: BlockId) {
  return { hash: hex(hash), parts: { total: parts.total, hash: hex(parts.hash) } };
}

function headerAnswer(header: Header) {
  const { version } = header;
  return {
    version: {
      block: version.block.toString(),
      ...(version.app === 0n ? {} : { app: version.app.toString() }),
    },
    chain_id: header.chainId,
    height: header.height.toString(),
    time: timeText(header.time),
    last_block_id: blockIdAnswer(header.lastBlockId),
    last_commit_hash: hex(header.lastCommitHash),
    data_hash: hex(header.dataHash),
    validators_hash: hex(header.validatorsHash),
    next_validators_hash: hex(header.nextValidatorsHash),
    consensus_hash: hex(header.consensusHash),
    app_hash: hex(header.appHash),
    last_results_hash: hex(header.lastResultsHash),
    evidence_hash: hex(header.evidenceHash),
    proposer_address: hex(header.proposerAddress),
  };
}

function signatureAnswer({ flag, validatorAddress, time, signature }: CommitSignature) {
  return {
    block_id_flag: flag,
    validator_address: hex(validatorAddress),
    timestamp: timeText(time),
    signature: signature.length === 0 ? null : encodeBase64(signature),
  };
}

/** A header with the votes for it, as the `result` of `/commit`. */
export function signedHeaderAnswer(header: Header, commit: Commit): object {
  return {
    signed_header: {
      header: headerAnswer(header),
      commit: {
        height: commit.height.toString(),
        round: commit.round,
        block_id: blockIdAnswer(commit.blockId),
        signatures: commit.signatures.map(signatureAnswer),
      },
    },
  };
}
