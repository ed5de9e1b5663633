// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {BlockId, Vote} from "../types/Block.sol";
import {Wire} from "./Wire.sol";

/// @title Who precommitted a block (paper 5.4, last lines).
/// @notice A vote is a secp256k1 signature over SHA-256 of CometBFT's canonical vote, so ecrecover gives the account
/// of the consensus key. Twin of src/history/vote.ts.
/// @dev Only the time differs between the votes of a commit: what stands before and behind it is built once.
library Precommits {
    /// @notice Vote `index` is no signature that CometBFT would take: no key belongs to it, or s is in the upper half.
    error InvalidVote(uint256 index);

    /// @dev Half of secp256k1's order. Greater values of s would be second signatures of the same key.
    bytes32 private constant HALF_ORDER =
        0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0;

    /// @notice Recovers the accounts that signed. The caller looks them up, and sees to it that none counts twice.
    /// @param chainId of the cluster: a vote for another chain recovers to an account that nobody has.
    /// @return signers one a vote, in the votes' order.
    function recover(
        string memory chainId,
        uint64 height,
        uint32 round,
        BlockId memory blockId,
        Vote[] calldata votes
    ) internal pure returns (address[] memory signers) {
        bytes memory head = headOf(height, round, blockId);
        bytes memory tail = Wire.delimitedField(0x32, bytes(chainId));
        signers = new address[](votes.length);
        for (uint256 i = 0; i < votes.length; ++i) {
            Vote calldata vote = votes[i];
            bytes memory time = Wire.delimitedField(0x2a, Wire.timestamp(vote.time));
            bytes memory message = bytes.concat(head, time, tail);
            bytes32 digest = sha256(bytes.concat(Wire.varint(message.length), message));
            if (vote.s > HALF_ORDER) revert InvalidVote(i);
            signers[i] = ecrecover(digest, vote.v, vote.r, vote.s);
            if (signers[i] == address(0)) revert InvalidVote(i);
        }
    }

    /// @dev Type 2 (precommit), height, round (left out if 0), block id (left out for nil).
    function headOf(
        uint64 height,
        uint32 round,
        BlockId memory blockId
    ) private pure returns (bytes memory) {
        bytes memory rounds =
            round == 0 ? bytes("") : bytes.concat(hex"19", Wire.littleEndian(round));
        bytes memory id =
            blockId.hash == 0 ? bytes("") : Wire.delimitedField(0x22, Wire.blockId(blockId));
        return bytes.concat(hex"080211", Wire.littleEndian(height), rounds, id);
    }
}
