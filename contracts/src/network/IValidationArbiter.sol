// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Claim} from "../game/types/Dispute.sol";
import {FragmentEvidence} from "./FragmentEvidence.sol";
import {ICallDisputes} from "./ICallDisputes.sol";
import {IValidation} from "./IValidation.sol";
import {ApplicationState} from "./types/ApplicationState.sol";
import {FragmentBlock} from "./types/FragmentEvidence.sol";

/// @title Disputes about what validators have confirmed (docs/validation.md section 6, paper 6.2 and 6.3).
/// @notice A validator answers with its deposit in Validation; who accuses puts down a stake here.
interface IValidationArbiter is ICallDisputes {
    function validation() external view returns (IValidation);
    function evidence() external view returns (FragmentEvidence);
    /// @notice Key of the statement that a confirmation is.
    function statementOf(uint256 confirmation) external pure returns (bytes32);

    /// @notice Disputes the result of a block of a confirmed fragment with the sender's own.
    /// @param claimProof Register proof of the sender's terminal state.
    function openFromConfirmation(
        uint256 confirmation,
        FragmentBlock calldata b,
        Claim calldata claim,
        bytes calldata claimProof
    ) external returns (uint256 id);
    /// @notice Disputes the fuel of a block of a confirmed fragment, which the sender saw passed at step `fuelStep`, without
    /// knowing how the call ends.
    /// @param result Preimage of the application hash in header h + 1.
    function openFuelFromConfirmation(
        uint256 confirmation,
        FragmentBlock calldata b,
        ApplicationState calldata result,
        uint64 fuelStep
    ) external returns (uint256 id);
    /// @notice Disputes a sample of a confirmation's proof. There is nothing to be proven first: the search begins between
    /// the call's first state and the sampled one.
    /// @param result Preimage of the application hash in header h + 1.
    /// @param samples The proof's list.
    /// @param state What the sender has at that step.
    function openPrefix(
        uint256 confirmation,
        FragmentBlock calldata b,
        ApplicationState calldata result,
        bytes32[] calldata samples,
        uint256 index,
        bytes32 state
    ) external returns (uint256 id);
    /// @notice Refutes a sample at which a header names another state than the proof: at the end of a call, or before the
    /// fragment. The block's record and witnesses are not looked at.
    function refuteSample(
        uint256 confirmation,
        FragmentBlock calldata b,
        ApplicationState calldata result,
        bytes32[] calldata samples,
        uint256 index
    ) external;
    /// @notice Refutes a confirmation of a fragment of which a header is wrong by its bytes: it breaks a rule of votes, or it
    /// is the first one and not the checkpoint before.
    /// @param shown What FragmentEvidence decodes: the header's distance from the checkpoint, the header, and its parent where
    /// the rule is about both; neither if it is not the checkpoint before; (uint64, Header[]).
    function refuteHeader(uint256 confirmation, bytes calldata shown) external;
    /// @notice Refutes a confirmation of a fragment in which a block has other transactions than its record says, as
    /// MismatchedTransactions has found. The reward is the finder's.
    /// @param height Of the block.
    function refuteTransactions(uint256 confirmation, uint64 height) external;
}
