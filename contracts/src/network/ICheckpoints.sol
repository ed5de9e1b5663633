// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Vote} from "./types/Block.sol";
import {Checkpoint} from "./types/Checkpoint.sol";
import {Commit} from "./types/Commit.sol";

/// @title The line of a cluster's checkpoints (docs/network.md section 7, paper 5.3).
/// @notice Heights of a line rise from each checkpoint to the next, over all generations.
interface ICheckpoints {
    event Checkpointed(
        bytes32 indexed cluster,
        uint64 indexed generation,
        uint64 indexed height,
        uint256 position,
        bytes32 headerHash,
        bytes32 appHash
    );
    /// @notice The votes with which a checkpoint was shown, by `submit` or by the handover: so that whoever finds the header false
    /// can name its voters, whatever the cluster withholds and whoever has called.
    event Voted(
        bytes32 indexed cluster,
        bytes32 indexed headerHash,
        uint32 round,
        uint32 partsTotal,
        bytes32 partsHash,
        Vote[] votes
    );
    /// @notice The checkpoints from this position on are void: the cluster goes on from the one before.
    event Cut(bytes32 indexed cluster, uint256 count);

    error NotClusters(address sender);
    error ChainNotRunning(uint64 generation);
    error NotNext(uint64 height, uint64 afterHeight, uint64 upToHeight);
    error NotStale(uint64 staleBlock);
    error NoCheckpoint(bytes32 cluster, uint256 position);

    /// @notice Blocks of the cluster from one checkpoint to the next (ρ).
    function spacing() external view returns (uint64);
    /// @notice EVM blocks after which any height can be checkpointed.
    function staleBlocks() external view returns (uint64);
    function countOf(bytes32 cluster) external view returns (uint256);
    function checkpointAt(
        bytes32 cluster,
        uint256 position
    ) external view returns (Checkpoint memory);
    /// @notice Adds a header with its votes to the line; anyone may. Its height is a multiple of ρ, or the newest
    /// checkpoint is stale; none is left out.
    function submit(uint64 generation, Commit calldata commit) external;
    /// @notice By the clusters: adds the header with which a generation ends, unless it is the newest one already; none is
    /// left out either.
    function append(bytes32 cluster, Checkpoint calldata checkpoint) external;
    /// @notice By the clusters: makes void what comes after the first `count` checkpoints.
    function cut(bytes32 cluster, uint256 count) external;
}
