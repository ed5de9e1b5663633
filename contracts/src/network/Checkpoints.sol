// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ICheckpoints} from "./ICheckpoints.sol";
import {IClusters} from "./IClusters.sol";
import {Application} from "./libraries/Application.sol";
import {Commits} from "./libraries/Commits.sol";
import {Header} from "./types/Block.sol";
import {Checkpoint} from "./types/Checkpoint.sol";
import {Cluster, ClusterStatus, Generation} from "./types/Cluster.sol";
import {Commit} from "./types/Commit.sol";

/// @title The line of a cluster's checkpoints, each verified when it comes (docs/network.md section 7).
/// @notice Invariant: a line's heights rise by at most ρ from one checkpoint to the next, over all generations, and
/// each header had the votes of more than two thirds of workers whose deposits were there.
contract Checkpoints is ICheckpoints {
    IClusters public immutable clusters;
    /// @inheritdoc ICheckpoints
    uint64 public immutable spacing;
    /// @inheritdoc ICheckpoints
    uint64 public immutable staleBlocks;

    mapping(bytes32 cluster => Checkpoint[]) private lines;

    modifier onlyClusters() {
        if (msg.sender != address(clusters)) revert NotClusters(msg.sender);
        _;
    }

    /// @param spacing_ ρ, at least 1.
    constructor(IClusters clusters_, uint64 spacing_, uint64 staleBlocks_) {
        if (spacing_ == 0) revert NotNext(0, 0, 0);
        clusters = clusters_;
        spacing = spacing_;
        staleBlocks = staleBlocks_;
    }

    /// @inheritdoc ICheckpoints
    function countOf(bytes32 cluster) external view returns (uint256) {
        return lines[cluster].length;
    }

    /// @inheritdoc ICheckpoints
    function checkpointAt(
        bytes32 cluster,
        uint256 position
    ) external view returns (Checkpoint memory) {
        if (position >= lines[cluster].length) revert NoCheckpoint(cluster, position);
        return lines[cluster][position];
    }

    /// @inheritdoc ICheckpoints
    function submit(uint64 generation, Commit calldata commit) external {
        Generation memory known = clusters.generationOf(generation);
        Cluster memory cluster = clusters.clusterOf(known.cluster);
        bool isRunning = cluster.status == ClusterStatus.Running && cluster.current == generation;
        if (!isRunning) revert ChainNotRunning(generation);
        Header calldata header = commit.header;
        uint64 staleBlock = _requireNext(known, header.height) + staleBlocks;
        if (header.height % spacing != 0 && block.number < staleBlock) revert NotStale(staleBlock);
        bytes32 headerHash = Commits.verify(clusters, generation, commit);
        _add(
            known.cluster,
            Checkpoint(
                generation,
                header.height,
                uint64(block.number),
                header.time.secs,
                headerHash,
                Application.ofHeader(header.appHash)
            )
        );
        emit Voted(
            known.cluster,
            headerHash,
            commit.round,
            commit.partsTotal,
            commit.partsHash,
            commit.votes
        );
    }

    /// @inheritdoc ICheckpoints
    function append(bytes32 cluster, Checkpoint calldata checkpoint) external onlyClusters {
        Checkpoint[] storage line = lines[cluster];
        uint256 count = line.length;
        // Shown before, by whoever came first: no other header of the chain could be handed over by.
        if (count != 0 && line[count - 1].headerHash == checkpoint.headerHash) return;
        _requireNext(clusters.generationOf(checkpoint.generation), checkpoint.height);
        _add(cluster, checkpoint);
    }

    /// @inheritdoc ICheckpoints
    function cut(bytes32 cluster, uint256 count) external onlyClusters {
        Checkpoint[] storage line = lines[cluster];
        // Only the length: a list of any number of void checkpoints is cut at one price.
        assembly ("memory-safe") {
            sstore(line.slot, count)
        }
        emit Cut(cluster, count);
    }

    /// @dev Requires a height behind the newest checkpoint, or the generation's beginning where that is later, and no more
    /// than ρ away from it.
    /// @return shownBlock EVM block of that.
    function _requireNext(
        Generation memory known,
        uint64 next
    ) private view returns (uint64 shownBlock) {
        Checkpoint[] storage line = lines[known.cluster];
        // The state in the first header is known: a chain that begins at height h is checkpointed from h + 1 on.
        uint64 height = known.initialHeight;
        shownBlock = known.startBlock;
        if (line.length != 0) {
            Checkpoint storage last = line[line.length - 1];
            if (last.height > height) height = last.height;
            if (last.shownBlock > shownBlock) shownBlock = last.shownBlock;
        }
        if (next <= height || next > height + spacing) {
            revert NotNext(next, height, height + spacing);
        }
    }

    function _add(bytes32 cluster, Checkpoint memory checkpoint) private {
        Checkpoint[] storage line = lines[cluster];
        line.push(checkpoint);
        emit Checkpointed(
            cluster,
            checkpoint.generation,
            checkpoint.height,
            line.length - 1,
            checkpoint.headerHash,
            checkpoint.appHash
        );
    }
}
