// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {TryBegin} from "../game/libraries/TryBegin.sol";
import {IStepJudge} from "../judge/IStepJudge.sol";

/// @title How a call begins inside a game that knows neither calls nor inputs (docs/adapters.md section 1).
/// @notice Three things can come of a start: the call begins; it is refused, which leaves the state as it is; or
/// nobody can show the state, which counts from the moment that somebody has demanded it and had no answer in time.
/// So every start has a step. Invariant: a state can be demanded only when all inputs before it are known to everybody,
/// and whether a start has lapsed never changes once the time to answer is over.
abstract contract CallStart {
    /// @notice The judge that all steps are executed by.
    IStepJudge public immutable judge;
    /// @notice Seconds that anyone has to show a state after it was demanded.
    uint64 public immutable responseSeconds;
    /// @notice Seconds since 1970 when a start, which is a state at one place of one game or chain, was demanded.
    mapping(bytes32 start => uint64 time) public demandedAt;
    /// @notice Seconds since 1970 when a state was first shown.
    mapping(bytes32 state => uint64 time) public shownAt;

    /// @notice A start was demanded before.
    error AlreadyDemanded(bytes32 start);
    /// @notice A state was shown before.
    error AlreadyShown(bytes32 state);

    /// @notice Somebody asks for a state's begin witness; who knows the state must show it in time.
    /// @param state State hash.
    /// @param place Calls before it, or the game.
    /// @param lapsesAfter Last second at which it can be shown.
    event Demanded(bytes32 indexed state, uint256 place, uint256 lapsesAfter);
    /// @notice A state was shown.
    event Shown(bytes32 indexed state);

    /// @param judge_ The judge.
    /// @param responseSeconds_ Seconds to answer a demand: more than it takes to run a call, and less than a party's
    /// clock in the game by enough to demand and to move.
    constructor(IStepJudge judge_, uint64 responseSeconds_) {
        judge = judge_;
        responseSeconds = responseSeconds_;
    }

    /// @notice Shows a state, once and for all.
    /// @param state State hash.
    /// @param witness Begin witness of the state (docs/proof-format.md section 6).
    function show(bytes32 state, bytes calldata witness) external {
        if (shownAt[state] != 0) revert AlreadyShown(state);
        _begin(state, 0, 0, witness);
        shownAt[state] = uint64(block.timestamp);
        emit Shown(state);
    }

    /// @dev Demands a state at a place. Needed only where nobody can begin a call on it.
    function _demand(bytes32 start, bytes32 state, uint256 place) internal {
        if (shownAt[state] != 0) revert AlreadyShown(state);
        if (demandedAt[start] != 0) revert AlreadyDemanded(start);
        demandedAt[start] = uint64(block.timestamp);
        emit Demanded(state, place, block.timestamp + responseSeconds);
    }

    /// @dev Whether a start was demanded and its state not shown in time.
    function _hasLapsed(bytes32 start, bytes32 state) internal view returns (bool) {
        uint256 demanded = demandedAt[start];
        if (demanded == 0) return false;
        uint256 last = demanded + responseSeconds;
        uint256 shown = shownAt[state];
        return (shown == 0 ? block.timestamp : shown) > last;
    }

    /// @dev Begins a call. False if the judge refuses it; reverts for a witness of another state.
    function _begin(
        bytes32 state,
        bytes32 inputRoot,
        uint32 inputLength,
        bytes calldata witness
    ) internal view returns (bool hasBegun, bytes32 postState, bytes32 programRoot) {
        return TryBegin.begin(judge, state, inputRoot, inputLength, witness);
    }

    /// @dev Whether a witness shows that its state is running, or that a halted step has one of the other statuses.
    function _isRunning(bytes calldata witness) internal pure returns (bool) {
        return witness[0] == 0;
    }
}
