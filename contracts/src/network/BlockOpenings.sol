// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Keys} from "../game/libraries/Keys.sol";
import {Moves} from "../game/Moves.sol";
import {Claim, Dispute, Standing} from "../game/types/Dispute.sol";
import {Transition} from "../game/types/Transition.sol";
import {Registers} from "../judge/IStepJudge.sol";
import {IBlockArbiter} from "./IBlockArbiter.sol";
import {IClusters} from "./IClusters.sol";
import {VoteEvidence} from "./VoteEvidence.sol";
import {Application} from "./libraries/Application.sol";
import {Accusation, ShownVote, VotedResult} from "./types/Accusation.sol";
import {ApplicationState} from "./types/ApplicationState.sol";

/// @title How a vote becomes a dispute (docs/network.md section 5).
/// @notice Invariant: the first state of a dispute is what the judge makes of the state that header h carries and of the
/// transactions that it names; only what the accused's own vote covers is held against it.
abstract contract BlockOpenings is Moves, IBlockArbiter {
    /// @notice A vote for a header.
    struct Statement {
        address account;
        uint64 height;
        bytes32 headerHash;
    }

    /// @inheritdoc IBlockArbiter
    IClusters public immutable clusters;
    /// @inheritdoc IBlockArbiter
    VoteEvidence public immutable evidence;
    /// @inheritdoc IBlockArbiter
    mapping(bytes32 key => Statement) public statements;

    constructor(VoteEvidence evidence_) {
        evidence = evidence_;
        clusters = evidence_.clusters();
    }

    /// @inheritdoc IBlockArbiter
    function openFromHeaders(
        Accusation calldata accusation,
        Claim calldata claim,
        bytes calldata claimProof
    ) external returns (uint256) {
        (Dispute memory dispute, Transition memory call, VotedResult memory voted) = _begin(
            accusation
        );
        dispute.claims[CHALLENGER] = Claim(claim.state, claim.steps, claim.fuel, Standing.Unproven);
        _prove(dispute, CHALLENGER, claimProof);
        bytes32 own = Keys.ofResult(msg.sender, _callOf(call), dispute.claims[CHALLENGER]);
        return _open(accusation.generation, dispute, call, voted, own);
    }

    /// @inheritdoc IBlockArbiter
    function openFuelFromHeaders(
        Accusation calldata accusation,
        ApplicationState calldata result,
        uint64 fuelStep
    ) external returns (uint256) {
        (Dispute memory dispute, Transition memory call, VotedResult memory voted) = _begin(
            accusation
        );
        if (fuelStep <= dispute.startStep) revert InvalidFuelStep();
        if (Application.hash(result) != voted.appHash) revert ResultNotOpened();
        // Fuel never falls: who has voted for less than before cannot open its result.
        uint64 spent = result.fuel > voted.fuel ? result.fuel - voted.fuel : 0;
        call.fuel = voted.fuelCounter + spent;
        dispute.fuelStep = fuelStep;
        dispute.claims[ACCUSED].fuel = call.fuel;
        bytes32 own = Keys.ofFuelStep(msg.sender, _callOf(call), fuelStep, call.fuel);
        return _open(accusation.generation, dispute, call, voted, own);
    }

    /// @inheritdoc IBlockArbiter
    function statementOf(
        uint64 generation,
        bytes32 headerHash,
        address account
    ) public pure returns (bytes32) {
        return keccak256(abi.encode(generation, headerHash, account));
    }

    /// @dev Takes the evidence and begins the call on chain. What the accused must open waits in `pending`.
    function _begin(
        Accusation calldata a
    ) private returns (Dispute memory dispute, Transition memory call, VotedResult memory voted) {
        ShownVote memory shown = evidence.verify(a);
        voted = shown.voted;
        (bytes32 key, address owner) = _bind(a.generation, shown);
        dispute.parties = [owner, msg.sender];
        dispute.backings[ACCUSED] = key;
        call.previousState = voted.base;
        call.inputRoot = shown.inputRoot;
        call.inputLength = shown.inputLength;
        (dispute.startState, call.program) = judge.begin(
            voted.base,
            shown.inputRoot,
            shown.inputLength,
            a.beginWitness
        );
        if (call.program != shown.program) revert UnknownProgram(call.program);
        Registers memory origin = judge.registers(dispute.startState, a.originProof);
        dispute.startStep = origin.stepCounter;
        voted.fuelCounter = origin.fuelCounter;
        dispute.pending = keccak256(abi.encode(voted));
    }

    /// @dev Binds the accused's statement for one more dispute.
    function _bind(
        uint64 generation,
        ShownVote memory shown
    ) private returns (bytes32 key, address owner) {
        owner = clusters.requireAccusable(shown.account, generation, shown.height);
        if (owner == msg.sender) revert SameParty();
        key = statementOf(generation, shown.headerHash, shown.account);
        Backing storage backing = backings[key];
        if (backing.status == BackingStatus.Lost) revert AlreadyRefuted(owner, key);
        if (backing.status == BackingStatus.None) {
            backing.status = BackingStatus.Staked;
            statements[key] = Statement(shown.account, shown.height, shown.headerHash);
            clusters.bind(shown.account);
        }
        backing.disputes += 1;
    }

    function _open(
        uint64 generation,
        Dispute memory dispute,
        Transition memory call,
        VotedResult memory voted,
        bytes32 own
    ) private returns (uint256 id) {
        id = _launch(dispute, own);
        emit Opened(id, dispute.parties[ACCUSED], msg.sender, call, dispute);
        Statement memory statement = statements[dispute.backings[ACCUSED]];
        emit Accused(
            id,
            generation,
            statement.account,
            statement.height,
            statement.headerHash,
            voted
        );
    }

    function _callOf(Transition memory call) private pure returns (bytes32) {
        bytes32 input = Keys.inputOf(call.inputRoot, call.inputLength);
        return Keys.callOf(call.program, call.previousState, input);
    }
}
