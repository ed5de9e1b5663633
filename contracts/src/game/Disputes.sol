// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IStepJudge, Registers} from "../judge/IStepJudge.sol";
import {Deposits} from "./Deposits.sol";
import {Clock} from "./libraries/Clock.sol";
import {IDisputes} from "./IDisputes.sol";
import {Claim, Dispute, Phase, Standing} from "./types/Dispute.sol";

/// @title How a dispute's state is kept, answered and closed (docs/game.md section 4).
/// @notice Invariant: `stateOf[_opposed(d)]` is the hash of the one state that the next move of dispute `d` may answer. A
/// state holds the block of the last move and the search's narrowing segment, so no state ever occurs twice. Two
/// statements have one dispute at a time, or a single stake could open any number of them: so the pair names it.
abstract contract Disputes is Deposits {
    uint256 internal constant ACCUSED = 0;
    uint256 internal constant CHALLENGER = 1;
    uint8 internal constant BOTH = 3;

    /// @inheritdoc IDisputes
    IStepJudge public immutable judge;
    uint256 internal immutable k;
    uint32 internal immutable graceBlocks;
    uint32 internal immutable bankBlocks;
    uint32 internal immutable windowBlocks;

    /// @inheritdoc IDisputes
    mapping(bytes32 opposed => bytes32 digest) public stateOf;
    /// @inheritdoc IDisputes
    uint256 public disputeCount;
    /// @inheritdoc IDisputes
    mapping(address party => address delegate) public delegateOf;

    constructor(
        IStepJudge judge_,
        Parameters memory p
    ) Deposits(p.stake, p.rewardBps, p.coolingOffBlocks) {
        if (p.k < 2 || p.k > 256 || p.graceBlocks == 0) revert InvalidParameter();
        windowBlocks = p.windowBlocks;
        judge = judge_;
        k = p.k;
        graceBlocks = p.graceBlocks;
        bankBlocks = p.bankBlocks;
    }

    /// @inheritdoc IDisputes
    function parameters() external view returns (Parameters memory) {
        return
            Parameters({
                k: uint16(k),
                graceBlocks: graceBlocks,
                bankBlocks: bankBlocks,
                coolingOffBlocks: coolingOffBlocks,
                stake: stake,
                rewardBps: rewardBps,
                windowBlocks: windowBlocks
            });
    }

    /// @inheritdoc IDisputes
    function setDelegate(address delegate) external {
        delegateOf[msg.sender] = delegate;
        emit Delegated(msg.sender, delegate);
    }

    /// @inheritdoc IDisputes
    function claimTimeout(Dispute calldata dispute) external {
        Dispute memory current = _present(dispute);
        uint8 lost = 0;
        for (uint256 side = 0; side < 2; ++side) {
            if (backings[current.backings[side]].status == BackingStatus.Lost) lost |= _mask(side);
        }
        if (lost != 0) {
            _settle(current, lost, Reason.Forfeit);
            return;
        }
        uint256 deadline = Clock.deadline(current, graceBlocks);
        if (block.number <= deadline) revert DeadlineNotPassed(deadline);
        _settle(current, current.turn, Reason.Timeout);
    }

    /// @dev Opens a dispute whose first question is the accused's claim.
    function _launch(Dispute memory dispute, bytes32 own) internal returns (uint256 id) {
        dispute.phase = Phase.Claims;
        dispute.turn = _mask(ACCUSED);
        return _launchAsAsked(dispute, own);
    }

    /// @dev Puts the challenger's stake behind its statement, the accused's being bound already, gives the dispute its
    /// number and lets the clock run of whom it asks.
    function _launchAsAsked(Dispute memory dispute, bytes32 own) internal returns (uint256 id) {
        bytes32 accused = dispute.backings[ACCUSED];
        if (stateOf[accused ^ own] != 0) revert AlreadyOpen();
        dispute.backings[CHALLENGER] = own;
        _back(dispute.parties[CHALLENGER], own);
        id = ++disputeCount;
        dispute.id = id;
        dispute.since = uint64(block.number);
        dispute.bankBlocks = [bankBlocks, bankBlocks];
        _keep(dispute);
    }

    /// @dev Proves a side's claim. A claim that cannot pass here is lost by the clock.
    function _prove(Dispute memory dispute, uint256 side, bytes calldata proof) internal view {
        Claim memory claim = dispute.claims[side];
        claim.standing = _standingOf(claim, dispute.startStep, proof);
    }

    /// @dev What a register proof shows of a claim: that its state has its counters, later than the call's beginning.
    function _standingOf(
        Claim memory claim,
        uint64 startStep,
        bytes calldata proof
    ) internal view returns (Standing) {
        Registers memory registers = judge.registers(claim.state, proof);
        if (
            registers.stepCounter != claim.steps ||
            registers.fuelCounter != claim.fuel ||
            claim.steps <= startStep
        ) revert ClaimNotProven();
        return registers.status == 0 ? Standing.Running : Standing.Halted;
    }

    /// @dev The state that a move answers, checked to be the present one.
    function _present(Dispute calldata dispute) internal view returns (Dispute memory) {
        if (
            stateOf[dispute.backings[ACCUSED] ^ dispute.backings[CHALLENGER]] !=
            keccak256(abi.encode(dispute))
        ) revert StaleState(dispute.id);
        return dispute;
    }

    /// @dev As `_present`, for a move in `phase` whose time has not passed.
    function _timely(
        Dispute calldata dispute,
        Phase phase
    ) internal view returns (Dispute memory current) {
        current = _present(dispute);
        if (current.phase != phase) revert WrongPhase(current.phase);
        uint256 deadline = Clock.deadline(current, graceBlocks);
        if (block.number > deadline) revert DeadlinePassed(deadline);
    }

    /// @dev The side that the sender, or whose delegate it is, moves for; it must be the one on turn.
    function _mover(Dispute memory dispute) internal view returns (uint256 side) {
        side = dispute.turn == 1 ? ACCUSED : CHALLENGER;
        address party = dispute.parties[side];
        if (msg.sender != party && msg.sender != delegateOf[party]) revert NotOnTurn(msg.sender);
    }

    /// @dev Ends a move: charges the mover, hands the turn over and keeps the new state.
    function _finish(
        Dispute memory dispute,
        uint256 side,
        Move move,
        bytes32[] memory hashes
    ) internal {
        Clock.charge(dispute, side, graceBlocks);
        _keep(dispute);
        emit Moved(dispute.id, uint8(side), move, hashes, dispute);
    }

    /// @dev Closes a dispute. All effects, no interaction.
    function _settle(Dispute memory dispute, uint8 losers, Reason reason) internal {
        delete stateOf[_opposed(dispute)];
        uint128 reward = _settleStakes(dispute.parties, dispute.backings, losers);
        emit Settled(dispute.id, losers, reason, reward);
    }

    /// @dev Keeps a dispute's new state.
    function _keep(Dispute memory dispute) internal {
        stateOf[_opposed(dispute)] = keccak256(abi.encode(dispute));
    }

    function _opposed(Dispute memory dispute) internal pure returns (bytes32) {
        return dispute.backings[ACCUSED] ^ dispute.backings[CHALLENGER];
    }

    function _mask(uint256 side) internal pure returns (uint8) {
        return uint8(1 << side);
    }
}
