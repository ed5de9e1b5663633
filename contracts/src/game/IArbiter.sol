// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IStepJudge} from "../judge/IStepJudge.sol";
import {Claim, Dispute, Phase} from "./types/Dispute.sol";
import {ClaimStatus, Posting} from "./types/Standing.sol";
import {Opening, Transition} from "./types/Transition.sol";

/// @title The Arbiter: disputes from claim to verdict (docs/game.md).
/// @notice A dispute's whole state travels with each move as `dispute`; the contract knows its hash. A move that
/// does not bring the present state reverts with `StaleState`, so a reordered or replayed move does nothing.
interface IArbiter {
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
        Forfeit
    }

    event Registered(bytes32 indexed program, bytes32 indexed genesis);
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

    error InvalidParameter();
    error InsufficientDeposit(address party);
    error CoolingOff(uint256 unlockBlock);
    error PaymentRefused();
    error UnknownProgram(bytes32 program);
    error SameParty();
    error DifferentSigners();
    error SameResult();
    error DifferentCalls();
    error AlreadyRefuted(address party, bytes32 backing);
    error AlreadyReported(address party);
    error AlreadyOpen();
    error StaleEpoch(address signer, uint64 epoch);
    error UnknownParent(bytes32 parent);
    error InputNotPublished(bytes32 input);
    error AlreadyPosted(bytes32 key);
    error NotStanding(bytes32 key);
    error WindowClosed(uint256 windowEnd);
    error NotFinal(bytes32 key);
    error NotVoid(bytes32 key);
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
    /// @notice Program root of a registered genesis state; 0 if unknown.
    function programOf(bytes32 genesis) external view returns (bytes32);
    function isRegistered(bytes32 program) external view returns (bool);
    /// @notice Hash of a dispute's present state; 0 if there is no such open dispute.
    /// @param opposed Exclusive or of the two backings, of which a pair has one dispute at a time.
    function stateOf(bytes32 opposed) external view returns (bytes32);
    function disputeCount() external view returns (uint256);
    /// @notice EIP-712 digest of a transition.
    function evidenceOf(Transition calldata transition) external view returns (bytes32);

    /// @notice Registers a program with its genesis state; anyone may, again and again.
    /// @param witness code ‖ arrays ‖ configuration (docs/proof-format.md section 6).
    function register(bytes calldata witness) external;

    function deposit() external payable;
    /// @notice Announces a withdrawal; a later announcement replaces an earlier one. A stake that comes back to a party that
    /// had less than another one left begins the cooling-off anew.
    function requestWithdrawal(uint128 amount) external;
    /// @notice Pays the announced amount, or what is left of it, to the sender.
    function withdraw() external;

    /// @notice Names the account that may make the sender's moves in all its disputes, and do nothing else for it; 0 ends it.
    function setDelegate(address delegate) external;

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
