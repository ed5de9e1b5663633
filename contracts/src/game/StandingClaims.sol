// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IStepJudge} from "../judge/IStepJudge.sol";
import {Disputes} from "./Disputes.sol";
import {IArbiter} from "./IArbiter.sol";
import {InputRoot} from "./libraries/InputRoot.sol";
import {Keys} from "./libraries/Keys.sol";
import {Claim, Standing} from "./types/Dispute.sol";
import {ClaimStatus, Posting, StandingCall, StandingClaim} from "./types/Standing.sol";
import {Transition} from "./types/Transition.sol";

/// @title Claims that stand on chain until they are final (docs/game.md section 12).
/// @notice A call stands in a *line*, the calls from a genesis up to it. Invariant: all disputes about a call's claims in
/// a line begin within one window that nothing extends, so the last one ends `longestDisputeBlocks` after it, however
/// many parties take part; a call has at most one final result, and only if what it goes on from is final. Every posted
/// claim can be disputed: its call can be begun, all inputs of its line are published.
abstract contract StandingClaims is Disputes, IArbiter {
    /// @dev Blocks that no dispute outlasts (docs/game.md section 5).
    uint256 internal immutable longestDisputeBlocks;

    /// @inheritdoc IArbiter
    mapping(bytes32 genesis => bytes32 program) public programOf;
    /// @inheritdoc IArbiter
    mapping(bytes32 program => bool known) public isRegistered;
    /// @inheritdoc IArbiter
    mapping(bytes32 key => StandingClaim) public claims;
    /// @inheritdoc IArbiter
    mapping(bytes32 line => StandingCall) public lines;
    /// @inheritdoc IArbiter
    mapping(bytes32 call => bytes32 nextState) public finalOf;
    /// @inheritdoc IArbiter
    mapping(bytes32 input => bool) public isPublished;
    /// @dev Standing claims of a line that agree on its result.
    mapping(bytes32 line => mapping(bytes32 nextState => uint256)) private agreeing;

    constructor(IStepJudge judge_, Parameters memory p) Disputes(judge_, p) {
        uint256 rounds = 0;
        for (uint256 reach = 1; reach < 1 << 64; reach *= p.k) ++rounds;
        longestDisputeBlocks = (2 * rounds + 5) * p.graceBlocks + 2 * uint256(p.bankBlocks);
        // Who sees a claim must be able to run its call and to open a dispute; who sees a rival, to open one.
        if (p.windowBlocks < 2 * uint256(p.graceBlocks) + p.bankBlocks) revert InvalidParameter();
        isPublished[Keys.inputOf(0, 0)] = true;
    }

    /// @inheritdoc IArbiter
    function isFinal(
        bytes32 program,
        bytes32 previousState,
        bytes32 input,
        bytes32 nextState
    ) external view returns (bool) {
        return nextState != 0 && finalOf[Keys.callOf(program, previousState, input)] == nextState;
    }

    /// @inheritdoc IArbiter
    function publishInput(bytes calldata input) public returns (bytes32 id) {
        id = Keys.inputOf(InputRoot.rootOf(input), uint32(input.length));
        isPublished[id] = true;
        emit InputPublished(id, input);
    }

    /// @inheritdoc IArbiter
    function post(Posting calldata posting) external returns (bytes32 key) {
        Transition calldata t = posting.transition;
        if (!isRegistered[t.program]) revert UnknownProgram(t.program);
        if (t.epoch != 0) revert StaleEpoch(msg.sender, 0);
        _checkParent(posting.parent, t);
        bytes32 input = Keys.inputOf(t.inputRoot, t.inputLength);
        if (posting.input.length != 0) publishInput(posting.input);
        if (!isPublished[input]) revert InputNotPublished(input);
        _checkResult(posting);
        bytes32 call = Keys.callOf(t.program, t.previousState, input);
        bytes32 line = Keys.lineOf(call, claims[posting.parent].line);
        uint64 windowEnd = _admit(line, call, t.nextState);
        key = Keys.ofStanding(msg.sender, call, _claimOf(t));
        StandingClaim storage claim = claims[key];
        Backing storage backing = backings[key];
        bool isNew = claim.status == ClaimStatus.None || claim.status == ClaimStatus.Void;
        if (!isNew) revert AlreadyPosted(key);
        claims[key] = StandingClaim(
            msg.sender,
            ClaimStatus.Standing,
            call,
            t.nextState,
            posting.parent,
            line
        );
        lines[line].standing += 1;
        agreeing[line][t.nextState] += 1;
        _stake(msg.sender, backing);
        backing.isPosted = true;
        emit Posted(key, msg.sender, call, t, posting.parent, windowEnd);
    }

    /// @inheritdoc IArbiter
    function finalize(bytes32 key) external {
        StandingClaim storage claim = claims[key];
        StandingCall storage line = lines[claim.line];
        bool isDecided =
            claim.status == ClaimStatus.Standing &&
                block.number > line.windowEnd &&
                backings[key].disputes == 0 &&
                agreeing[claim.line][claim.nextState] == line.standing &&
                !_isOvertaken(claim.call, claim.nextState);
        bool goesOn = claim.parent == 0 || (_isInLine(claim) && _isFinal(claims[claim.parent]));
        if (!isDecided || !goesOn || line.isTied) revert NotFinal(key);
        line.isFinal = true;
        finalOf[claim.call] = claim.nextState;
        _close(key, claim, ClaimStatus.Final);
    }

    /// @inheritdoc IArbiter
    function takeBack(bytes32 key) external {
        StandingClaim storage claim = claims[key];
        StandingCall storage line = lines[claim.line];
        if (claim.status != ClaimStatus.Standing || backings[key].disputes != 0) {
            revert NotVoid(key);
        }
        bool isPointless =
            line.isFinal ||
                _isOvertaken(claim.call, claim.nextState) ||
                (claim.parent != 0 && !(_isInLine(claim) && _isAlive(claims[claim.parent])));
        if (!isPointless) {
            bool hasRivals = agreeing[claim.line][claim.nextState] != line.standing;
            bool isOver = block.number > uint256(line.windowEnd) + longestDisputeBlocks;
            if (!isOver || !(hasRivals || line.isTied)) revert NotVoid(key);
            line.isTied = true;
        }
        _close(key, claim, ClaimStatus.Void);
    }

    /// @dev The party of a standing claim, if the transition is what it has posted and can still be disputed.
    function _standingParty(
        bytes32 key,
        bytes32 call,
        Claim memory content
    ) internal view returns (address party) {
        StandingClaim storage claim = claims[key];
        party = claim.party;
        if (claim.status != ClaimStatus.Standing || key != Keys.ofStanding(party, call, content))
            revert NotStanding(key);
        uint64 windowEnd = lines[claim.line].windowEnd;
        if (block.number > windowEnd) revert WindowClosed(windowEnd);
    }

    /// @dev Begins a call on chain; its first state and that state's step counter.
    function _beginCall(
        Transition calldata t,
        bytes calldata beginWitness,
        bytes calldata originProof
    ) internal view returns (bytes32 startState, uint64 startStep) {
        bytes32 program;
        (startState, program) = judge.begin(
            t.previousState,
            t.inputRoot,
            t.inputLength,
            beginWitness
        );
        if (program != t.program) revert UnknownProgram(program);
        startStep = judge.registers(startState, originProof).stepCounter;
    }

    function _claimOf(Transition calldata transition) internal pure returns (Claim memory) {
        return Claim(transition.nextState, transition.steps, transition.fuel, Standing.Unproven);
    }

    /// @dev A refuted claim stands no more.
    function _refute(bytes32 key) internal override {
        StandingClaim storage claim = claims[key];
        claim.status = ClaimStatus.Refuted;
        _leave(claim);
        emit Closed(key, ClaimStatus.Refuted);
    }

    /// @dev A claim goes on from a registered genesis or from the result of a claim that is not refuted.
    function _checkParent(bytes32 key, Transition calldata t) private view {
        if (key == 0) {
            if (programOf[t.previousState] != t.program) revert UnknownParent(key);
            return;
        }
        StandingClaim storage parent = claims[key];
        if (!_isAlive(parent) || parent.nextState != t.previousState) revert UnknownParent(key);
    }

    /// @dev Whether a claim's result is final or still stands, whoever's claim of it: a party that loses on purpose takes
    /// nothing down but its own stake.
    function _isAlive(StandingClaim storage claim) private view returns (bool) {
        return agreeing[claim.line][claim.nextState] != 0 || _isFinal(claim);
    }

    /// @dev A result that an honest party could have: halted, with the counters that it states.
    function _checkResult(Posting calldata posting) private view {
        Transition calldata t = posting.transition;
        (, uint64 startStep) = _beginCall(t, posting.beginWitness, posting.originProof);
        if (_standingOf(_claimOf(t), startStep, posting.resultProof) != Standing.Halted) {
            revert ClaimNotProven();
        }
    }

    /// @dev Opens a line's window with its first claim. Rivals must come a grace before its end, so that there is time
    /// to oppose them. If all claims have fallen a new window begins.
    function _admit(bytes32 id, bytes32 call, bytes32 nextState) private returns (uint64) {
        StandingCall storage line = lines[id];
        if (line.isFinal || _isOvertaken(call, nextState)) revert WindowClosed(line.windowEnd);
        if (line.standing == 0) {
            line.windowEnd = uint64(block.number + windowBlocks);
            line.isTied = false;
        } else if (block.number + graceBlocks > line.windowEnd) {
            revert WindowClosed(line.windowEnd);
        }
        return line.windowEnd;
    }

    /// @dev Whether a claim's parent is in the line that it was posted in: one that was taken back can be posted again in
    /// another one.
    function _isInLine(StandingClaim storage claim) private view returns (bool) {
        return claim.line == Keys.lineOf(claim.call, claims[claim.parent].line);
    }

    /// @dev Whether another result of the call is final.
    function _isOvertaken(bytes32 call, bytes32 nextState) private view returns (bool) {
        bytes32 known = finalOf[call];
        return known != 0 && known != nextState;
    }

    /// @dev Whether a claim's result is final in its own line, whoever's claim became final. That it is final in another
    /// line says nothing to those who go on from it here: nobody could watch them before.
    function _isFinal(StandingClaim storage claim) private view returns (bool) {
        return lines[claim.line].isFinal && finalOf[claim.call] == claim.nextState;
    }

    /// @dev Takes a claim from the standing ones and gives its stake back.
    function _close(bytes32 key, StandingClaim storage claim, ClaimStatus status) private {
        claim.status = status;
        _leave(claim);
        Backing storage backing = backings[key];
        backing.isPosted = false;
        _unstake(claim.party, backing);
        emit Closed(key, status);
    }

    function _leave(StandingClaim storage claim) private {
        lines[claim.line].standing -= 1;
        agreeing[claim.line][claim.nextState] -= 1;
    }
}
