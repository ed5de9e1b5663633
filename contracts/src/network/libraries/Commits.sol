// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IClusters} from "../IClusters.sol";
import {BlockId, Header} from "../types/Block.sol";
import {Generation} from "../types/Cluster.sol";
import {Commit, Precommit} from "../types/Commit.sol";
import {Headers} from "./Headers.sol";
import {Precommits} from "./Precommits.sol";

/// @title Headers with the votes of a generation's workers (docs/history.md section 1).
/// @notice Invariant: what is accepted here, more than two thirds of a generation's workers have signed, each with a
/// deposit that was there when it was shown.
library Commits {
    /// @notice The header is of another chain than the generation's.
    error WrongChain(string chainId);
    /// @notice The header names other workers than the generation's.
    error WrongValidators(bytes32 validatorsHash);

    /// @notice Verifies a header with votes of its generation.
    /// @return headerHash of the header.
    function verify(
        IClusters clusters,
        uint64 generation,
        Commit calldata commit
    ) internal view returns (bytes32 headerHash) {
        Header calldata header = commit.header;
        string memory chainId = clusters.chainIdOf(generation);
        if (!isOfChain(header, chainId)) revert WrongChain(header.chainId);
        Generation memory known = clusters.generationOf(generation);
        if (header.validatorsHash != known.validatorsHash) {
            revert WrongValidators(header.validatorsHash);
        }
        headerHash = Headers.hash(header);
        BlockId memory id = BlockId(headerHash, commit.partsTotal, commit.partsHash);
        clusters.requireQuorum(
            generation,
            Precommits.recover(chainId, header.height, commit.round, id, commit.votes)
        );
    }

    /// @notice Who has precommitted a header.
    /// @param chainId of the generation whose worker the signer is said to be.
    function signerOf(
        string memory chainId,
        uint64 height,
        bytes32 headerHash,
        Precommit calldata precommit
    ) internal pure returns (address) {
        BlockId memory id = BlockId(headerHash, precommit.partsTotal, precommit.partsHash);
        return
            Precommits.signerOf(
                Precommits.PRECOMMIT,
                chainId,
                height,
                precommit.round,
                id,
                precommit.vote
            );
    }

    function isOfChain(Header calldata header, string memory chainId) internal pure returns (bool) {
        return keccak256(bytes(header.chainId)) == keccak256(bytes(chainId));
    }
}
