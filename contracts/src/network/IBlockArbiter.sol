// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IDisputes} from "../game/IDisputes.sol";
import {Claim, Dispute} from "../game/types/Dispute.sol";
import {IClusters} from "./IClusters.sol";
import {VoteEvidence} from "./VoteEvidence.sol";
import {Accusation, VotedResult} from "./types/Accusation.sol";
import {ApplicationState} from "./types/ApplicationState.sol";

/// @title Disputes about the results that workers have voted for (docs/network.md section 5).
/// @notice The moves are those of every game. A worker answers with its cluster deposit, through its owner or the owner's
/// delegate; who accuses puts down a stake here. `windowBlocks` must be 0: nothing stands here.
interface IBlockArbiter is IDisputes {
    /// @notice A worker is accused; what follows is dispute `id`.
    event Accused(
        uint256 indexed id,
        uint64 indexed generation,
        address indexed account,
        uint64 height,
        bytes32 headerHash,
        VotedResult voted
    );

    error ResultNotOpened();

    function clusters() external view returns (IClusters);
    function evidence() external view returns (VoteEvidence);
    /// @notice The vote behind a statement: whose, for a header of which height and hash.
    function statements(
        bytes32 key
    ) external view returns (address account, uint64 height, bytes32 headerHash);
    /// @notice Key of the statement that a worker makes by voting for a header.
    function statementOf(
        uint64 generation,
        bytes32 headerHash,
        address account
    ) external pure returns (bytes32);

    /// @notice Disputes the result that a worker has voted for with the sender's own, whatever hash it voted for.
    /// @param claimProof Register proof of the sender's terminal state.
    function openFromHeaders(
        Accusation calldata accusation,
        Claim calldata claim,
        bytes calldata claimProof
    ) external returns (uint256 id);
    /// @notice Disputes the fuel that a worker has voted for, which the sender saw passed at step `fuelStep`, without
    /// knowing how the call ends.
    /// @param result Preimage of the application hash that the worker has voted for.
    function openFuelFromHeaders(
        Accusation calldata accusation,
        ApplicationState calldata result,
        uint64 fuelStep
    ) external returns (uint256 id);
    /// @notice Phase Claims, the accused: opens the application hash that it has voted for.
    /// @param voted As in the event `Accused`.
    /// @param result Preimage of the application hash.
    /// @param registerProof Register proof of `result.result`.
    function proveResult(
        Dispute calldata dispute,
        VotedResult calldata voted,
        ApplicationState calldata result,
        bytes calldata registerProof
    ) external;
}
