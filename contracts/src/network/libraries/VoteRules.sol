// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {BlockId, Header} from "../types/Block.sol";
import {Generation} from "../types/Cluster.sol";
import {Application} from "./Application.sol";

/// @title What a worker may vote for (docs/network.md section 6); twin of src/history/evidence.ts.
/// @notice Rules of single headers and of pairs. All compare bytes that the votes cover.
library VoteRules {
    /// @dev Root of no transactions: SHA-256 of nothing.
    bytes32 private constant NO_TRANSACTIONS =
        0xe3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855;

    /// @notice A rule that one header breaks by itself or behind the one before it.
    enum Rule {
        None,
        /// The header's own chain id is another one than its votes'.
        ChainId,
        /// It names other workers than the generation's.
        Validators,
        /// Its height is not one more than its parent's, or below the chain's first one.
        Height,
        /// The first header carries another state than the generation begins with.
        InitialState,
        /// The parent's block is empty, and the state has changed all the same.
        EmptyBlock
    }

    /// @notice The rule that a header breaks by itself.
    function brokenAlone(
        Header memory header,
        string memory chainId,
        Generation memory generation
    ) internal pure returns (Rule) {
        if (keccak256(bytes(header.chainId)) != keccak256(bytes(chainId))) return Rule.ChainId;
        if (header.validatorsHash != generation.validatorsHash) return Rule.Validators;
        if (header.height < generation.initialHeight) return Rule.Height;
        bool isFirst = header.height == generation.initialHeight;
        if (isFirst && Application.ofHeader(header.appHash) != generation.initialAppHash) {
            return Rule.InitialState;
        }
        return Rule.None;
    }

    /// @notice The rule that a header breaks behind its parent, which the caller has checked to be it.
    function brokenBehind(Header memory header, Header memory parent) internal pure returns (Rule) {
        if (parent.height == type(uint64).max || header.height != parent.height + 1) {
            return Rule.Height;
        }
        bool isChanged = keccak256(header.appHash) != keccak256(parent.appHash);
        if (parent.dataHash == NO_TRANSACTIONS && isChanged) return Rule.EmptyBlock;
        return Rule.None;
    }

    /// @notice Whether two headers of one height differ in what follows from the chain before it. All else is the
    /// proposers' choice, and an honest worker votes for both if its lock has changed between two rounds.
    function contradict(Header calldata one, Header calldata other) internal pure returns (bool) {
        return
            one.versionBlock != other.versionBlock ||
            one.versionApp != other.versionApp ||
            !isSame(one.lastBlockId, other.lastBlockId) ||
            one.validatorsHash != other.validatorsHash ||
            one.nextValidatorsHash != other.nextValidatorsHash ||
            one.consensusHash != other.consensusHash ||
            keccak256(one.appHash) != keccak256(other.appHash) ||
            one.lastResultsHash != other.lastResultsHash;
    }

    /// @notice Whether two votes are for the same block, or both for none.
    function isSame(BlockId calldata one, BlockId calldata other) internal pure returns (bool) {
        if (one.hash == 0 && other.hash == 0) return true;
        return
            one.hash == other.hash && one.total == other.total && one.partsHash == other.partsHash;
    }
}
