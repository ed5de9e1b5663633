// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Claim} from "../game/types/Dispute.sol";
import {ICallDisputes} from "./ICallDisputes.sol";
import {IClusters} from "./IClusters.sol";
import {VoteEvidence} from "./VoteEvidence.sol";
import {Accusation} from "./types/Accusation.sol";
import {ApplicationState} from "./types/ApplicationState.sol";

/// @title Disputes about the results that workers have voted for (docs/network.md section 5).
/// @notice A worker answers with its cluster deposit, through its owner or the owner's delegate; who accuses puts down a
/// stake here.
interface IBlockArbiter is ICallDisputes {
    function clusters() external view returns (IClusters);
    function evidence() external view returns (VoteEvidence);
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
}
