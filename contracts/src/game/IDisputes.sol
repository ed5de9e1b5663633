// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IStepJudge} from "../judge/IStepJudge.sol";
import {Dispute, Phase} from "./types/Dispute.sol";
import {Transition} from "./types/Transition.sol";

/// @title A game from its opening to the verdict, whatever opens it (docs/game.md sections 3 to 6).
/// @notice A dispute's whole state travels with each move as `dispute`; the contract knows its hash. A move that
/// does not bring the present state reverts with `StaleState`, so a reordered or replayed move does nothing.
interface IDisputes {
    /// @notice Constructor parameters (docs/game.md section 3).
    struct Parameters {
        /// Parts into which a round cuts a segment, 2 … 256.
        uint16 k;
        /// Blocks that each single move has, and blocks that a party has beyond them for all its moves together.
        uint32 graceBlocks;
        uint32 bankBlocks;
        /// Blocks between the announcement of a withdrawal and the withdrawal.
        uint32 coolingOffBlocks;
        /// Wei that each side of a dispute puts at stake.
        uint128 stake;
        /// The winner's part of the loser's stake, in 1/10,000, at most 9,000; the rest is burned.
        uint16 rewardBps;
        /// Blocks from a call's first posted claim in which its claims can be disputed.
        uint32 windowBlocks;
    }

    /// @notice What has become of the stake behind a statement.
    enum BackingStatus {
        None,
        Staked,
        Lost
    }

    /// @notice Kinds of moves, for reading events.
    enum Move {
        Proof,
        State,
        Vector,
        Part
    }

    /// @notice What settled a dispute.
    enum Reason {
        Timeout,
        Length,
        Fuel,
        Step,
        /// A side had lost its stake, which backed the same statement, in another dispute.
        Forfeit,
        /// The accused has opened the very result that the challenger claims.
        SameResult
    }

    event Deposited(address indexed party, uint256 amount);
    event WithdrawalRequested(address indexed party, uint256 amount, uint256 unlockBlock);
    event Withdrawn(address indexed party, uint256 amount);
    event Opened(
        uint256 indexed id,
        address indexed accused,
        address indexed challenger,
        Transition transition,
        Dispute dispute
    );
    /// @param hashes What the move posted: nothing (Proof), a state hash (State), the vector (Vector), the state agreed to
    /// and the mover's own end state of the part (Part).
    event Moved(uint256 indexed id, uint8 side, Move move, bytes32[] hashes, Dispute dispute);
    /// @param preState Agreed state before the step.
    /// @param postState State after it, as the judge computed it.
    event Judged(uint256 indexed id, uint64 step, bytes32 preState, bytes32 postState);
    /// @param losers Mask of sides: 1 accused, 2 challenger, 3 both.
    event Settled(uint256 indexed id, uint8 losers, Reason reason, uint256 reward);
    /// @notice The free deposit fell below a stake: what the party signed in earlier epochs binds it no more.
    event EpochRaised(address indexed party, uint64 epoch);
    event Delegated(address indexed party, address indexed delegate);

    error InvalidParameter();
    error InsufficientDeposit(address party);
    error CoolingOff(uint256 unlockBlock);
    error PaymentRefused();
    error UnknownProgram(bytes32 program);
    error SameParty();
    error SameResult();
    error AlreadyRefuted(address party, bytes32 backing);
    error AlreadyOpen();
    error StaleState(uint256 id);
    error WrongPhase(Phase phase);
    error NotOnTurn(address sender);
    error DeadlinePassed(uint256 deadline);
    error DeadlineNotPassed(uint256 deadline);
    error ClaimNotProven();
    error InvalidFuelStep();
    error OutOfOrder();

    function stake() external view returns (uint128);
    function rewardBps() external view returns (uint16);
    function coolingOffBlocks() external view returns (uint32);
    function judge() external view returns (IStepJudge);
    function parameters() external view returns (Parameters memory);
    /// @notice Wei taken from losers that nobody can ever claim.
    function burned() external view returns (uint256);
    /// @return free Deposit that is neither staked nor withdrawn.
    /// @return staked What backs statements at present.
    /// @return leaving Part of the free deposit whose withdrawal has been announced.
    /// @return unlockBlock First block in which the announced part can be withdrawn.
    /// @return epoch The epoch in which a signature must be made to bind the party.
    function accounts(
        address party
    )
        external
        view
        returns (uint128 free, uint128 staked, uint128 leaving, uint64 unlockBlock, uint64 epoch);
    /// @notice The stake behind a statement of a party, by its key (libraries/Keys.sol).
    function backings(
        bytes32 key
    ) external view returns (uint32 disputes, BackingStatus status, bool isPosted);
    /// @notice Who may move for a party beside itself; 0 if nobody.
    function delegateOf(address party) external view returns (address);
    /// @notice Deposit of a party that cannot leave within `coolingOffBlocks`: what its signature is worth.
    function bondedOf(address party) external view returns (uint256);
    /// @notice Hash of a dispute's present state; 0 if there is no such open dispute.
    /// @param opposed Exclusive or of the two backings, of which a pair has one dispute at a time.
    function stateOf(bytes32 opposed) external view returns (bytes32);
    function disputeCount() external view returns (uint256);
    function deposit() external payable;
    /// @notice Announces a withdrawal; a later announcement replaces an earlier one. A stake that comes back to a party that
    /// had less than another one left begins the cooling-off anew.
    function requestWithdrawal(uint128 amount) external;
    /// @notice Pays the announced amount, or what is left of it, to the sender.
    function withdraw() external;
    /// @notice Names the account that may make the sender's moves in all its disputes, and do nothing else for it; 0 ends it.
    function setDelegate(address delegate) external;
    /// @notice Phases Length and FuelPoint: posts the sender's state at the step asked for.
    function postState(Dispute calldata dispute, bytes32 state) external;
    /// @notice Phase Search, first mover: posts the sender's vector.
    function postVector(Dispute calldata dispute, bytes32[] calldata vector) external;
    /// @notice Phase Search, second mover: names a part whose first state it agrees to and whose last one it denies.
    /// @param index The part, from 0.
    /// @param part First and last state of it, as the other side's vector has them.
    /// @param path Siblings of the part in the vector's tree, lowest first (libraries/Search.sol).
    /// @param own The sender's last state of it; of the last part, its end state of the segment.
    function choosePart(
        Dispute calldata dispute,
        uint256 index,
        bytes32[2] calldata part,
        bytes32[] calldata path,
        bytes32 own
    ) external;
    /// @notice Phase Step: has the last step executed and settles; anyone may.
    function judgeStep(Dispute calldata dispute, bytes calldata witness) external;
    /// @notice Phase FuelStep: has the step executed and settles by its fuel; anyone may.
    /// @param registerProof Register proof of the state after the step.
    function judgeFuel(
        Dispute calldata dispute,
        bytes calldata witness,
        bytes calldata registerProof
    ) external;
    /// @notice Settles against the sides that let their time pass, or whose stake is lost already; anyone may.
    function claimTimeout(Dispute calldata dispute) external;
}
