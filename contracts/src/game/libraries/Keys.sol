// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Claim} from "../types/Dispute.sol";
import {Transition} from "../types/Transition.sol";

/// @title Names of calls and of what a stake backs (docs/game.md sections 2 and 6); twin of src/game/claim/keys.ts.
/// @notice A party has one stake on one statement: that a call has a result, that it passes a fuel total at a step, or
/// that a result which it has posted is true. Preimages of what backs a stake have different lengths.
library Keys {
    /// @notice Identity of an input.
    function inputOf(bytes32 root, uint32 length) internal pure returns (bytes32) {
        return keccak256(abi.encode(root, length));
    }

    function callOf(
        bytes32 program,
        bytes32 previousState,
        bytes32 input
    ) internal pure returns (bytes32) {
        return keccak256(abi.encode(program, previousState, input));
    }

    function callOf(Transition calldata t) internal pure returns (bytes32) {
        return callOf(t.program, t.previousState, inputOf(t.inputRoot, t.inputLength));
    }

    /// @notice Identity of a call together with the calls that lead to it from a genesis, where `parent` is 0.
    function lineOf(bytes32 call, bytes32 parent) internal pure returns (bytes32) {
        return keccak256(abi.encode(call, parent));
    }

    /// @notice "The call ends in this state, with these counters."
    function ofResult(
        address party,
        bytes32 call,
        Claim memory claim
    ) internal pure returns (bytes32) {
        return keccak256(abi.encode(party, call, claim.state, claim.steps, claim.fuel));
    }

    /// @notice "After this step the call has used more than so much fuel."
    function ofFuelStep(
        address party,
        bytes32 call,
        uint64 fuelStep,
        uint64 fuel
    ) internal pure returns (bytes32) {
        return keccak256(abi.encode(party, call, fuelStep, fuel));
    }

    /// @notice As `ofResult`, of a claim that stands on chain.
    function ofStanding(
        address party,
        bytes32 call,
        Claim memory claim
    ) internal pure returns (bytes32) {
        return keccak256(abi.encode(party, call, claim.state, claim.steps, claim.fuel, "standing"));
    }
}
