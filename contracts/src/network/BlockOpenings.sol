// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Keys} from "../game/libraries/Keys.sol";
import {Moves} from "../game/Moves.sol";
import {Claim, Dispute, Standing} from "../game/types/Dispute.sol";
import {Transition} from "../game/types/Transition.sol";
import {Registers} from "../judge/IStepJudge.sol";
import {IBlockArbiter} from "./IBlockArbiter.sol";
import {IClusters} from "./IClusters.sol";
import {Application} from "./libraries/Application.sol";
import {BlockRecords} from "./libraries/BlockRecords.sol";
import {Commits} from "./libraries/Commits.sol";
import {Headers} from "./libraries/Headers.sol";
import {Accusation, VotedResult} from "./types/Accusation.sol";
import {ApplicationState} from "./types/ApplicationState.sol";
import {Header} from "./types/Block.sol";
import {BlockRecord} from "./types/BlockRecord.sol";
import {Generation} from "./types/Cluster.sol";

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
    mapping(bytes32 key => Statement) public statements;

    constructor(IClusters clusters_) {
        clusters = clusters_;
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
        bytes32 actual = Application.hash(result);
        if (actual != voted.appHash) revert WrongApplication(voted.appHash, actual);
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
        Generation memory generation = clusters.generationOf(a.generation);
        (bytes32 key, address owner) = _checkVote(a);
        dispute.parties = [owner, msg.sender];
        dispute.backings[ACCUSED] = key;
        _checkState(a, generation);
        BlockRecords.requireFirst(a.parent.dataHash, a.record, a.siblings);
        BlockRecord memory record = BlockRecords.read(a.record);
        call.previousState = a.before.base;
        call.inputRoot = record.inputRoot;
        call.inputLength = record.inputLength;
        (dispute.startState, call.program) = judge.begin(
            a.before.base,
            record.inputRoot,
            record.inputLength,
            a.beginWitness
        );
        if (call.program != clusters.clusterOf(generation.cluster).program) {
            revert UnknownProgram(call.program);
        }
        Registers memory origin = judge.registers(dispute.startState, a.originProof);
        dispute.startStep = origin.stepCounter;
        voted.appHash = Application.ofHeader(a.header.appHash);
        voted.base = a.before.base;
        voted.fuel = a.before.fuel;
        voted.steps = a.before.steps;
        voted.fuelCounter = origin.fuelCounter;
        voted.receiptsHash = BlockRecords.receiptsHashAfter(a.before.receiptsHash, record.receipts);
        dispute.pending = keccak256(abi.encode(voted));
    }

    /// @dev Header h + 1 goes on from header h, and the accused has precommitted it; binds the accused's statement.
    function _checkVote(Accusation calldata a) private returns (bytes32 key, address owner) {
        Header calldata header = a.header;
        string memory chainId = clusters.chainIdOf(a.generation);
        bool isOfChain = Commits.isOfChain(header, chainId) && Commits.isOfChain(a.parent, chainId);
        if (!isOfChain) revert Commits.WrongChain(header.chainId);
        bytes32 headerHash = Headers.hash(header);
        bool isChild =
            header.lastBlockId.hash == Headers.hash(a.parent) &&
                a.parent.height != type(uint64).max &&
                header.height == a.parent.height + 1;
        if (!isChild) revert NotChild(headerHash);
        address account = Commits.signerOf(chainId, header.height, headerHash, a.precommit);
        owner = clusters.requireAccusable(account, a.generation, header.height);
        if (owner == msg.sender) revert SameParty();
        key = statementOf(a.generation, headerHash, account);
        Backing storage backing = backings[key];
        if (backing.status == BackingStatus.Lost) revert AlreadyRefuted(owner, key);
        if (backing.status == BackingStatus.None) {
            backing.status = BackingStatus.Staked;
            statements[key] = Statement(account, header.height, headerHash);
            clusters.bind(account);
        }
        backing.disputes += 1;
    }

    /// @dev Header h carries the state from which its block's call began.
    function _checkState(Accusation calldata a, Generation memory generation) private pure {
        bytes32 carried = Application.ofHeader(a.parent.appHash);
        bytes32 actual = Application.hash(a.before);
        if (actual != carried) revert WrongApplication(carried, actual);
        uint64 initial = generation.initialHeight;
        if (a.parent.height < initial) revert BelowGeneration(initial);
        if (a.parent.height == initial && carried != generation.initialAppHash) {
            revert WrongApplication(generation.initialAppHash, carried);
        }
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
