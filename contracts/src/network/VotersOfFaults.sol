// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IClusters} from "./IClusters.sol";
import {Generation, Worker, WorkerStatus} from "./types/Cluster.sol";

/// @title Who has voted for a header whose bytes show a fault (docs/network.md sections 5 and 6).
/// @notice Slashes them, and halts their cluster once they are more than a third of its generation: what the others hold is
/// no majority without them. Invariant: a worker counts once for a header, by its deposit: one that is lost now, or was lost
/// and would still be bound. Who has it back, or could have it back by now if it were there, does not count at all.
abstract contract VotersOfFaults {
    /// @notice Each vote of these was brought before, or is of a worker that has its deposit back or lost it too long ago.
    error NoNewVote(bytes32 headerHash);

    IClusters public immutable clusters;
    mapping(uint64 generation => mapping(bytes32 headerHash => mapping(address account => bool)))
        private isVoter;
    mapping(uint64 generation => mapping(bytes32 headerHash => uint256)) private voters;

    constructor(IClusters clusters_) {
        clusters = clusters_;
    }

    /// @dev Slashes a worker for its vote, unless it has lost its deposit already.
    /// @param refuted Height of the first header whose state cannot be relied on.
    /// @return isNew Whether the vote was not brought before, and something answers for it.
    function _convict(
        uint64 generation,
        bytes32 headerHash,
        uint64 refuted,
        address account,
        address reporter
    ) internal returns (bool isNew) {
        Worker memory worker = clusters.workerOf(account);
        if (worker.generation != generation) revert IClusters.UnknownSigner(account);
        // A key that nothing answers for could halt a cluster for nothing, long after its generation, whoever has it now.
        if (worker.status == WorkerStatus.Withdrawn) return false;
        bool isThere =
            worker.status == WorkerStatus.Bonded || worker.status == WorkerStatus.Retired;
        if (!isThere && block.number >= clusters.freeBlock(account)) return false;
        if (isVoter[generation][headerHash][account]) return false;
        isVoter[generation][headerHash][account] = true;
        uint256 count = ++voters[generation][headerHash];
        if (isThere) clusters.slash(account, generation, reporter);
        Generation memory known = clusters.generationOf(generation);
        bool isThird = 3 * count > known.size && 3 * (count - 1) <= known.size;
        // Of a verified height something else is verified, and the line goes on from that.
        uint64 finalHeight = clusters.clusterOf(known.cluster).finalHeight;
        if (isThird && refuted > finalHeight) clusters.freeze(generation, refuted - 1);
        return true;
    }
}
