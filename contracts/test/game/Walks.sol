// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IArbiter} from "../../src/game/IArbiter.sol";
import {IDisputes} from "../../src/game/IDisputes.sol";
import {ClaimStatus} from "../../src/game/types/Standing.sol";
import {Opening} from "../../src/game/types/Transition.sol";
import {World} from "./World.sol";

/// @title Sequences of arbitrary actions against an Arbiter, and what must be true after each of them.
/// @notice Parties 1 and 2 do what a sequence's number says. Party 0 looks at the chain twice a grace: it answers what
/// waits for it and opposes every false claim. In the end all play stops and everybody leaves.
/// @dev A sequence ends by reverting, so the next one begins in the same world and costs no deployment.
abstract contract Walks is World {
    uint256 private constant ACTIONS = 60;
    /// Blocks between two looks of the honest party; an action takes at most three more.
    uint256 private constant LOOK_BLOCKS = 10;
    /// Blocks between two looks at the others' clocks, which nothing depends on.
    uint256 private constant CLOCK_BLOCKS = 50;
    /// No dispute takes longer: 32 rounds for k = 4 (docs/game.md section 5).
    uint256 private constant LONGEST_BLOCKS = (2 * 32 + 5) * uint256(GRACE) + 2 * uint256(BANK);

    /// @notice A sequence ran to its end and nothing was wrong. Steps judged, and claims final, refuted and taken back.
    error Walked(uint256[4] events);

    uint256 private nextLook;
    uint256 private nextClocks;

    /// @notice Runs one sequence. Reverts always: with `Walked`, or with what was wrong.
    function walk(uint256 number) external {
        _roll(1);
        for (uint256 i = 0; i < ACTIONS; ++i) {
            // A call, so that its memory is free again.
            this.act(uint256(keccak256(abi.encode(number, i))));
            _check();
        }
        this.finish();
        revert Walked(events);
    }

    /// @notice One action of party 1 or 2, and the honest party's look if it is due. 256 random bits say which.
    function act(uint256 bits) external {
        _roll(bits % 4);
        if (today >= nextLook) _look();
        _act((bits >> 8) % 16, bits >> 16);
    }

    /// @notice All disputes and claims end, and everybody takes out what is left.
    function finish() external {
        _look();
        // The honest party has moved wherever it could; the others' time runs out.
        _roll(GRACE + BANK + 1);
        for (uint256 i = 0; i < states.length; ++i) {
            _timeout(i, 0);
            require(states[i].length == 0, "a dispute does not end");
        }
        _roll(WINDOW + LONGEST_BLOCKS);
        for (uint256 n = 0; n < 3; ++n) {
            for (uint256 i = 0; i < claimKeys.length; ++i) _close(claimKeys[i], n == 0);
        }
        _check();
        for (uint256 i = 0; i < claimKeys.length; ++i) {
            (, ClaimStatus status, , , , ) = arbiter.claims(claimKeys[i]);
            require(status != ClaimStatus.Standing, "a claim does not end");
        }
        for (uint256 who = 0; who < 3; ++who) {
            (uint128 free, , , , ) = arbiter.accounts(parties[who]);
            _call(who, abi.encodeCall(IDisputes.requestWithdrawal, (free)));
        }
        _roll(COOLING_OFF);
        for (uint256 who = 0; who < 3; ++who) _call(who, abi.encodeCall(IDisputes.withdraw, ()));
        require(address(arbiter).balance == arbiter.burned(), "a deposit is stuck");
    }

    /// @dev Every wei is somebody's free deposit, staked, or burned. The honest party began with five stakes and never
    /// loses any. With it as the only watcher no false result is ever final.
    function _check() private view {
        require(address(arbiter).balance == _books(), "the books do not balance");
        require(_wealth(0) >= 5 * uint256(STAKE), "the honest party has lost");
        for (uint256 input = 0; input < 3; ++input) {
            bytes32 known = arbiter.finalOf(calls[input]);
            require(known == 0 || known == results[0][input], "a false result is final");
        }
    }

    /// @dev The honest party does all that it can do now: nothing, if nobody has done anything since.
    function _look() private {
        nextLook = today + LOOK_BLOCKS;
        if (today >= nextClocks) {
            nextClocks = today + CLOCK_BLOCKS;
            for (uint256 i = 0; i < states.length; ++i) _timeout(i, 0);
        }
        if (!isChanged) return;
        for (uint256 i = 0; i < claimKeys.length; ++i) _oppose(0, claimKeys[i]);
        for (uint256 i = 0; i < states.length; ++i) {
            for (uint256 n = 0; n < 4 && states[i].length != 0; ++n) _play(i, 0, false);
        }
        isChanged = false;
    }

    function _act(uint256 kind, uint256 bits) private {
        uint256 who = 1 + (bits % 2);
        (uint256 one, uint256 other, uint256 input) = (
            bits >> 16,
            (bits >> 32) % 3,
            (bits >> 48) % 3
        );
        if (kind == 0) {
            _deposit(who, one % (2 * STAKE));
        } else if (kind == 1) {
            uint128 amount = uint128((bits >> 64) % (4 * STAKE));
            _call(who, abi.encodeCall(IDisputes.requestWithdrawal, (amount)));
        } else if (kind == 2) {
            _call(who, abi.encodeCall(IDisputes.withdraw, ()));
        } else if (kind == 3) {
            _pass(one % 150);
        } else if (kind == 4) {
            _open(who, input, _opening(other, input));
        } else if (kind == 5) {
            Opening memory opening = _opening(other, input);
            _call(who, abi.encodeCall(IArbiter.openFuel, (opening, uint64(one % 60))));
        } else if (kind == 6) {
            Opening memory a = _opening(one % 3, input);
            Opening memory b = _opening(other, input);
            _call(who, abi.encodeCall(IArbiter.openBetween, (a, b.transition, b.signature)));
        } else if (kind < 10) {
            // A party plays its own trace in all its disputes, or, in one, at random.
            bool isWrong = kind == 7;
            for (uint256 i = 0; i < states.length; ++i) {
                _play(i, who, isWrong && i == one % states.length);
            }
        } else if (kind == 10) {
            if (states.length != 0) _timeout(one % states.length, who);
        } else if (kind < 13) {
            uint256 poster = one % 3;
            _post(poster, input, poster == 0 ? 0 : other);
        } else if (claimKeys.length != 0) {
            bytes32 key = claimKeys[one % claimKeys.length];
            if (kind == 13) _oppose(who, key);
            else _close(key, kind == 14);
        }
    }

    function _deposit(uint256 who, uint256 amount) private {
        VM.prank(parties[who]);
        arbiter.deposit{value: amount}();
    }

    function _close(bytes32 key, bool isFinal) private {
        if (isFinal) _call(1, abi.encodeCall(IArbiter.finalize, (key)));
        else _call(1, abi.encodeCall(IArbiter.takeBack, (key)));
    }

    /// @dev Time passes, and the honest party looks as often as it does.
    function _pass(uint256 blocks) private {
        while (blocks != 0) {
            uint256 jump = blocks < LOOK_BLOCKS ? blocks : LOOK_BLOCKS;
            blocks -= jump;
            _roll(jump);
            if (today >= nextLook) _look();
        }
    }
}
