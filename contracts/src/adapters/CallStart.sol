// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IStepJudge} from "../IStepJudge.sol";
import {BeginCall} from "../libraries/BeginCall.sol";

/// @title How a call begins inside a game that knows neither calls nor inputs (docs/adapters.md section 1).
/// @notice Three things can come of a start: the call begins; it is refused, which leaves the state as it is; or
/// nobody can show the state, which counts from the moment that somebody has demanded it and had no answer in time.
/// So every start has a step. Invariant: a state has at most one of *shown* and *lapsed*, for ever.
abstract contract CallStart {
    /// @notice The judge that all steps are executed by.
    IStepJudge public immutable judge;
    /// @notice Seconds that anyone has to show a state after it was demanded.
    uint64 public immutable responseSeconds;
    /// @notice Seconds since 1970 when a state was first demanded; 0 if it was not.
    mapping(bytes32 state => uint64 time) public demandedAt;
    /// @notice Whether a state was shown.
    mapping(bytes32 state => bool shown) public isShown;

    /// @notice A state was demanded or shown before.
    error AlreadyDemanded(bytes32 state);
    /// @notice A state was not shown in time.
    error StateLapsed(bytes32 state);

    /// @notice Somebody asks for a state's begin witness; who knows the state must show it in time.
    event Demanded(bytes32 indexed state, uint256 lapsesAfter);
    /// @notice A state was shown.
    event Shown(bytes32 indexed state);

    /// @param judge_ The judge.
    /// @param responseSeconds_ Seconds to answer a demand: less than a party's clock in the game, by enough to demand.
    constructor(IStepJudge judge_, uint64 responseSeconds_) {
        judge = judge_;
        responseSeconds = responseSeconds_;
    }

    /// @notice Demands that a state be shown. Needed only where nobody can begin a call on it.
    /// @param state State hash.
    function demand(bytes32 state) external {
        if (demandedAt[state] != 0 || isShown[state]) revert AlreadyDemanded(state);
        demandedAt[state] = uint64(block.timestamp);
        emit Demanded(state, block.timestamp + responseSeconds);
    }

    /// @notice Shows a state, once and for all.
    /// @param state State hash.
    /// @param witness Begin witness of the state (docs/proof-format.md section 6).
    function show(bytes32 state, bytes calldata witness) external {
        if (hasLapsed(state)) revert StateLapsed(state);
        _begin(state, 0, 0, witness);
        isShown[state] = true;
        emit Shown(state);
    }

    /// @notice Whether a state was demanded and not shown in time.
    /// @param state State hash.
    function hasLapsed(bytes32 state) public view returns (bool) {
        uint256 time = demandedAt[state];
        return time != 0 && block.timestamp > time + responseSeconds && !isShown[state];
    }

    /// @dev Begins a call. False if the judge refuses it, which it does only after it has seen the whole state
    /// (BeginCall compares the hash first); reverts for a witness of another state.
    function _begin(
        bytes32 state,
        bytes32 inputRoot,
        uint32 inputLength,
        bytes calldata witness
    ) internal view returns (bool hasBegun, bytes32 postState, bytes32 programRoot) {
        try judge.begin(state, inputRoot, inputLength, witness) returns (bytes32 s, bytes32 p) {
            return (true, s, p);
        } catch (bytes memory reason) {
            if (_isRefusal(reason)) return (false, state, 0);
            assembly ("memory-safe") {
                revert(add(reason, 32), mload(reason))
            }
        }
    }

    /// @dev Whether a witness shows that its state is running, or that a halted step has one of the other statuses.
    function _isRunning(bytes calldata witness) internal pure returns (bool) {
        return witness[0] == 0;
    }

    function _isRefusal(bytes memory reason) private pure returns (bool) {
        bytes4 selector = bytes4(reason);
        return
            selector == BeginCall.AlreadyRunning.selector ||
            selector == BeginCall.NoGateway.selector ||
            selector == BeginCall.InputTooLong.selector ||
            selector == BeginCall.FuelLimitTooLarge.selector;
    }
}
