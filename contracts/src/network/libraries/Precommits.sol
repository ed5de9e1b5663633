// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {BlockId, Vote} from "../types/Block.sol";
import {Wire} from "./Wire.sol";

/// @title Who voted for a block (paper 5.4, last lines).
/// @notice A vote is a secp256k1 signature over SHA-256 of CometBFT's canonical vote, so ecrecover gives the account
/// of the consensus key. Twin of src/history/vote.ts.
/// @dev Only the time differs between the votes of a commit: what stands before and behind it is built once.
library Precommits {
    /// @notice Vote `index` is no signature that CometBFT would take: no key belongs to it, or s is in the upper half.
    error InvalidVote(uint256 index);

    /// @dev `SignedMsgType` of CometBFT.
    uint8 internal constant PREVOTE = 1;
    uint8 internal constant PRECOMMIT = 2;

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
        bytes memory head = headOf(PRECOMMIT, height, round, blockId);
        bytes memory tail = Wire.delimitedField(0x32, bytes(chainId));
        signers = new address[](votes.length);
        for (uint256 i = 0; i < votes.length; ++i) signers[i] = recoverOne(head, votes[i], tail, i);
    }

    /// @notice Who signed one vote, of either type.
    function signerOf(
        uint8 voteType,
        string memory chainId,
        uint64 height,
        uint32 round,
        BlockId memory blockId,
        Vote calldata vote
    ) internal pure returns (address) {
        bytes memory tail = Wire.delimitedField(0x32, bytes(chainId));
        return recoverOne(headOf(voteType, height, round, blockId), vote, tail, 0);
    }

    function recoverOne(
        bytes memory head,
        Vote calldata vote,
        bytes memory tail,
        uint256 index
    ) private pure returns (address signer) {
        bytes memory time = Wire.delimitedField(0x2a, Wire.timestamp(vote.time));
        bytes memory message = bytes.concat(head, time, tail);
        bytes32 digest = sha256(bytes.concat(Wire.varint(message.length), message));
        if (vote.s > HALF_ORDER) revert InvalidVote(index);
        signer = ecrecover(digest, vote.v, vote.r, vote.s);
        if (signer == address(0)) revert InvalidVote(index);
    }

    /// @dev Type, height and round (left out if 0), block id (left out for nil).
    function headOf(
        uint8 voteType,
        uint64 height,
        uint32 round,
        BlockId memory blockId
    ) private pure returns (bytes memory) {
        bytes memory heights =
            height == 0 ? bytes("") : bytes.concat(hex"11", Wire.littleEndian(height));
        bytes memory rounds =
            round == 0 ? bytes("") : bytes.concat(hex"19", Wire.littleEndian(round));
        bytes memory id =
            blockId.hash == 0 ? bytes("") : Wire.delimitedField(0x22, Wire.blockId(blockId));
        return bytes.concat(hex"08", bytes1(voteType), heights, rounds, id);
    }
}
