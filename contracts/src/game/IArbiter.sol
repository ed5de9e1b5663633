// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IDisputes} from "./IDisputes.sol";
import {Claim, Dispute} from "./types/Dispute.sol";
import {ClaimStatus, Posting} from "./types/Standing.sol";
import {Opening, Transition} from "./types/Transition.sol";

/// @title The Arbiter: disputes about signed transitions and about claims that stand (docs/game.md).
interface IArbiter is IDisputes {
    event Registered(bytes32 indexed program, bytes32 indexed genesis);
    event InputPublished(bytes32 indexed input, bytes content);
    /// @param call What identifies the call: keccak256(program, previousState, input).
    event Posted(
        bytes32 indexed key,
        address indexed party,
        bytes32 indexed call,
        Transition transition,
        bytes32 parent,
        uint64 windowEnd
    );
    /// @notice A claim stands no more: it is final, refuted or void.
    event Closed(bytes32 indexed key, ClaimStatus status);
    event Equivocated(address indexed party, address indexed reporter, uint256 reward);

    error DifferentSigners();
    error DifferentCalls();
    error AlreadyReported(address party);
    error StaleEpoch(address signer, uint64 epoch);
    error UnknownParent(bytes32 parent);
    error InputNotPublished(bytes32 input);
    error AlreadyPosted(bytes32 key);
    error NotStanding(bytes32 key);
    error WindowClosed(uint256 windowEnd);
    error NotFinal(bytes32 key);
    error NotVoid(bytes32 key);

    /// @notice Program root of a registered genesis state; 0 if unknown.
    function programOf(bytes32 genesis) external view returns (bytes32);
    function isRegistered(bytes32 program) external view returns (bool);
    /// @notice EIP-712 digest of a transition.
    function evidenceOf(Transition calldata transition) external view returns (bytes32);
    /// @notice Registers a program with its genesis state; anyone may, again and again.
    /// @param witness code ‖ arrays ‖ configuration (docs/proof-format.md section 6).
    function register(bytes calldata witness) external;
    /// @notice Whether a call's result is final: posted, disputable for a whole window, and refuted by nobody, like all
    /// that it goes on from. What other contracts rely on.
    /// @param input keccak256(abi.encode(input root, input length)), as `publishInput` returns it.
    function isFinal(
        bytes32 program,
        bytes32 previousState,
        bytes32 input,
        bytes32 nextState
    ) external view returns (bool);
    /// @notice Posted claims.
    function claims(
        bytes32 key
    )
        external
        view
        returns (
            address party,
            ClaimStatus status,
            bytes32 call,
            bytes32 nextState,
            bytes32 parent,
            bytes32 line
        );
    /// @notice Calls about which claims have been posted, each in the line of calls that leads to it.
    function lines(
        bytes32 line
    ) external view returns (uint64 windowEnd, uint32 standing, bool isTied, bool isFinal);
    /// @notice The final next state of a call; 0 as long as there is none.
    function finalOf(bytes32 call) external view returns (bytes32);
    /// @notice Whether an input's bytes stand in an event of this contract.
    function isPublished(bytes32 input) external view returns (bool);
    /// @notice Publishes an input, so that results of calls on it can be posted.
    /// @return id The input's identity.
    function publishInput(bytes calldata input) external returns (bytes32 id);
    /// @notice Posts the sender's result of a call with a stake, to become final if nobody refutes it.
    /// @return key Names the claim; 32 bytes in the place of a signature open a dispute about it.
    function post(Posting calldata posting) external returns (bytes32 key);
    /// @notice Makes a claim final that has outlasted its window, its rivals and its disputes; anyone may.
    function finalize(bytes32 key) external;
    /// @notice Takes a claim back that can never be final, and returns its stake; anyone may. It goes on from a claim that
    /// has fallen, its call has another final result, or nobody has opposed contradicting claims.
    function takeBack(bytes32 key) external;
    /// @notice Disputes a signed transition or a standing claim with the sender's own result.
    /// @param claimProof Register proof of the sender's terminal state.
    function open(
        Opening calldata opening,
        Claim calldata claim,
        bytes calldata claimProof
    ) external returns (uint256 id);
    /// @notice Sets two signers of contradicting transitions against each other; anyone may.
    function openBetween(
        Opening calldata opening,
        Transition calldata other,
        bytes calldata otherSignature
    ) external returns (uint256 id);
    /// @notice Disputes a signed transition whose declared fuel the sender saw passed at step `fuelStep`,
    /// without knowing how the call ends.
    function openFuel(Opening calldata opening, uint64 fuelStep) external returns (uint256 id);
    /// @notice Slashes a party that signed two results of one call.
    function reportEquivocation(
        Transition calldata one,
        bytes calldata oneSignature,
        Transition calldata other,
        bytes calldata otherSignature
    ) external;
    /// @notice Phase Claims: proves the registers of the sender's claim.
    function proveClaim(Dispute calldata dispute, bytes calldata registerProof) external;
}
