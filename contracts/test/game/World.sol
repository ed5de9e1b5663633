// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Arbiter} from "../../src/game/Arbiter.sol";
import {IArbiter} from "../../src/game/IArbiter.sol";
import {IDisputes} from "../../src/game/IDisputes.sol";
import {Search} from "../../src/game/libraries/Search.sol";
import {Claim, Dispute, Phase, Standing} from "../../src/game/types/Dispute.sol";
import {ClaimStatus, Posting} from "../../src/game/types/Standing.sol";
import {Opening, Transition} from "../../src/game/types/Transition.sol";
import {SimulatedJudge} from "./SimulatedJudge.sol";

/// @notice What the test runner offers.
interface Vm {
    struct Log {
        bytes32[] topics;
        bytes data;
        address emitter;
    }

    function prank(address sender) external;
    function deal(address account, uint256 wei_) external;
    function roll(uint256 number) external;
    function addr(uint256 key) external pure returns (address);
    function sign(
        uint256 key,
        bytes32 digest
    ) external pure returns (uint8 v, bytes32 r, bytes32 s);
    function recordLogs() external;
    function getRecordedLogs() external returns (Log[] memory);
}

/// @title An Arbiter among three parties, for the stateful fuzzer (docs/game.md sections 6, 10, 12).
/// @notice Party 0 is honest: after every action of the fuzzer it answers whatever waits for it, opposes every false
/// claim and gives up nothing. Parties 1 and 2 do what the fuzzer says. The machine is SimulatedJudge's.
contract World {
    Vm internal constant VM = Vm(0x7109709ECfa91a80626fF3989D68f67F5b1DD12D);
    uint256 internal constant HALTED = (1 << 248) | (0xffffffff << 208);
    uint256 internal constant STEPS = 40;
    uint256 internal constant FUEL = 2;
    uint256 internal constant PROGRAM = (STEPS << 192) | (FUEL << 128) | 77;
    uint128 public constant STAKE = 1 ether;

    Arbiter public arbiter;
    address[3] public parties;
    uint256[3] internal keys;
    /// Present state of each dispute, ABI-encoded, and what its last move posted; empty once settled.
    bytes[] public states;
    bytes32[][] internal posted;
    bytes32[] public claimKeys;
    /// Calls that were accepted, steps that were judged.
    uint256 public accepted;
    uint256 public judged;
    /// Moves of both sides by phase.
    uint256[8] public moved;
    bytes32[3] internal roots;
    /// Number of the input of each dispute, from 1.
    mapping(uint256 id => uint256) internal inputOf;
    /// First step at which a party's trace is wrong.
    uint256[3] internal faults = [uint256(1000), 17, 33];

    constructor() {
        arbiter = new Arbiter(
            new SimulatedJudge(),
            IDisputes.Parameters({
                k: 4,
                graceBlocks: 20,
                bankBlocks: 100,
                coolingOffBlocks: 50,
                stake: STAKE,
                rewardBps: 5000,
                windowBlocks: 200
            })
        );
        for (uint256 i = 0; i < 3; ++i) {
            keys[i] = 0xa11ce + i;
            parties[i] = VM.addr(keys[i]);
            VM.deal(parties[i], 1000 ether);
            VM.prank(parties[i]);
            arbiter.deposit{value: 5 * STAKE}();
        }
        arbiter.register(_genesis());
        for (uint256 i = 0; i < 3; ++i) {
            arbiter.publishInput(abi.encodePacked(uint8(i + 1)));
            roots[i] = _root(uint8(i + 1));
        }
    }

    // What the fuzzer may do. Numbers are cut to what makes sense.

    function deposit(uint256 who, uint256 amount) external {
        VM.prank(parties[1 + (who % 2)]);
        arbiter.deposit{value: amount % (2 * STAKE)}();
        _answer();
    }

    function requestWithdrawal(uint256 who, uint256 amount) external {
        uint128 cut = uint128(amount % (4 * STAKE));
        _call(1 + (who % 2), abi.encodeCall(IDisputes.requestWithdrawal, (cut)));
    }

    function withdraw(uint256 who) external {
        _call(1 + (who % 2), abi.encodeCall(IDisputes.withdraw, ()));
    }

    function pass(uint256 blocks) external {
        VM.roll(block.number + 1 + (blocks % 150));
        _answer();
    }

    function open(uint256 who, uint256 whom, uint256 input) external {
        _open(1 + (who % 2), input % 3, _opening(whom % 3, input % 3));
        _answer();
    }

    function openFuel(uint256 who, uint256 whom, uint256 input, uint64 step) external {
        Opening memory opening = _opening(whom % 3, input % 3);
        _call(1 + (who % 2), abi.encodeCall(IArbiter.openFuel, (opening, step % 60)));
        _answer();
    }

    function openBetween(uint256 one, uint256 other, uint256 input) external {
        Opening memory first = _opening(one % 3, input % 3);
        Opening memory second = _opening(other % 3, input % 3);
        _call(
            1,
            abi.encodeCall(IArbiter.openBetween, (first, second.transition, second.signature))
        );
        _answer();
    }

    /// In all its disputes a party plays its own trace, or, in one, at random.
    function play(uint256 id, uint256 who, bool isWrong) external {
        for (uint256 i = 0; i < states.length; ++i) {
            _play(i, 1 + (who % 2), isWrong && i == id % states.length);
        }
        _answer();
    }

    function claimTimeout(uint256 id) external {
        if (states.length != 0) _timeout(id % states.length, 1);
        _answer();
    }

    function post(uint256 who, uint256 input, uint256 result) external {
        who %= 3;
        _post(who, input % 3, who == 0 ? 0 : result % 3);
        _answer();
    }

    function oppose(uint256 who, uint256 which) external {
        if (claimKeys.length != 0) _oppose(1 + (who % 2), which % claimKeys.length);
        _answer();
    }

    function close(uint256 which, bool isFinal) external {
        if (claimKeys.length == 0) return;
        bytes32 key = claimKeys[which % claimKeys.length];
        if (isFinal) _call(1, abi.encodeCall(IArbiter.finalize, (key)));
        else _call(1, abi.encodeCall(IArbiter.takeBack, (key)));
        _answer();
    }

    // What must be true after every action.

    /// @notice Whether a false result of some call is final.
    function isFalseFinal() public view returns (bool) {
        for (uint256 input = 0; input < 3; ++input) {
            for (uint256 who = 1; who < 3; ++who) {
                Transition memory t = _transition(who, input);
                bytes32 id = keccak256(abi.encode(t.inputRoot, t.inputLength));
                if (arbiter.isFinal(t.program, t.previousState, id, t.nextState)) return true;
            }
        }
        return false;
    }

    /// @notice Free deposits and stakes of all parties, and what was burned.
    function books() public view returns (uint256 sum) {
        sum = arbiter.burned();
        for (uint256 who = 0; who < 3; ++who) sum += wealth(who);
    }

    function wealth(uint256 who) public view returns (uint256) {
        (uint128 free, uint128 staked, , , ) = arbiter.accounts(parties[who]);
        return uint256(free) + staked;
    }

    // What the parties do.

    function _call(uint256 who, bytes memory data) private {
        VM.recordLogs();
        VM.prank(parties[who]);
        (bool ok, ) = address(arbiter).call(data);
        Vm.Log[] memory logs = VM.getRecordedLogs();
        if (!ok) return;
        ++accepted;
        for (uint256 i = 0; i < logs.length; ++i) _read(logs[i]);
    }

    function _read(Vm.Log memory log) private {
        if (log.topics[0] == IDisputes.Opened.selector) {
            (, Dispute memory d) = abi.decode(log.data, (Transition, Dispute));
            states.push(abi.encode(d));
            posted.push();
            for (uint256 i = 0; i < 3; ++i) {
                if (d.startState == _state(0, i, 0)) inputOf[d.id] = i + 1;
            }
        } else if (log.topics[0] == IDisputes.Moved.selector) {
            (, , bytes32[] memory hashes, Dispute memory d) = abi.decode(
                log.data,
                (uint8, uint8, bytes32[], Dispute)
            );
            states[d.id - 1] = abi.encode(d);
            posted[d.id - 1] = hashes;
        } else if (log.topics[0] == IDisputes.Settled.selector) {
            states[uint256(log.topics[1]) - 1] = "";
        } else if (log.topics[0] == IDisputes.Judged.selector) {
            ++judged;
        } else if (log.topics[0] == IArbiter.Posted.selector) {
            claimKeys.push(log.topics[1]);
        }
    }

    /// @dev The honest party: opposes every false claim, answers every dispute, to the end of what it can do now.
    function _answer() private {
        for (uint256 i = 0; i < claimKeys.length; ++i) _oppose(0, i);
        for (uint256 i = 0; i < states.length; ++i) {
            _timeout(i, 0);
            _play(i, 0, false);
            _play(i, 0, false);
        }
    }

    function _open(uint256 who, uint256 input, Opening memory opening) private {
        Claim memory own = Claim(
            _state(who, input, STEPS),
            uint64(STEPS),
            uint64(STEPS * FUEL),
            Standing.Unproven
        );
        bytes memory proof = _proof(who, input, STEPS);
        _call(who, abi.encodeCall(IArbiter.open, (opening, own, proof)));
    }

    function _oppose(uint256 who, uint256 which) private {
        bytes32 key = claimKeys[which];
        (, ClaimStatus status, bytes32 call, bytes32 next, , ) = arbiter.claims(key);
        if (status != ClaimStatus.Standing) return;
        for (uint256 input = 0; input < 3; ++input) {
            for (uint256 whose = 0; whose < 3; ++whose) {
                Opening memory opening = _opening(whose, input);
                Transition memory t = opening.transition;
                t.epoch = 0;
                bytes32 id = keccak256(abi.encode(t.inputRoot, t.inputLength));
                bytes32 found = keccak256(abi.encode(t.program, t.previousState, id));
                if (found != call || t.nextState != next || whose == who) continue;
                opening.signature = abi.encode(key);
                _open(who, input, opening);
            }
        }
    }

    function _post(uint256 who, uint256 input, uint256 result) private {
        Transition memory t = _transition(result, input);
        t.epoch = 0;
        Posting memory posting = Posting(
            t,
            "",
            _genesis(),
            _proof(0, input, 0),
            _proof(result, input, STEPS),
            0
        );
        _call(who, abi.encodeCall(IArbiter.post, (posting)));
    }

    function _timeout(uint256 id, uint256 who) private {
        if (states[id].length == 0) return;
        Dispute memory d = abi.decode(states[id], (Dispute));
        _call(who, abi.encodeCall(IDisputes.claimTimeout, (d)));
    }

    /// @dev The move of a party in a dispute, on its own trace or at random, if it is on turn.
    function _play(uint256 id, uint256 who, bool isWrong) private {
        if (states[id].length == 0) return;
        Dispute memory d = abi.decode(states[id], (Dispute));
        uint256 side = d.parties[0] == parties[who] ? 0 : 1;
        if (d.parties[side] != parties[who] || d.turn & (1 << side) == 0) return;
        uint256 input = inputOf[d.id] - 1;
        ++moved[uint256(d.phase)];
        if (d.phase == Phase.Claims) {
            bytes memory proof = _proof(who, input, STEPS);
            _call(who, abi.encodeCall(IArbiter.proveClaim, (d, proof)));
        } else if (d.phase == Phase.Length || d.phase == Phase.FuelPoint) {
            uint256 step = d.phase == Phase.Length ? d.claims[1 - side].steps : d.fuelStep - 1;
            bytes32 own = isWrong ? keccak256(abi.encode(id, step)) : _state(who, input, step);
            _call(who, abi.encodeCall(IDisputes.postState, (d, own)));
        } else if (d.phase == Phase.Search) {
            _search(d, who, input, isWrong);
        } else if (d.phase == Phase.Step) {
            bytes memory witness = _proof(0, input, d.startStep);
            _call(who, abi.encodeCall(IDisputes.judgeStep, (d, witness)));
        } else if (d.phase == Phase.FuelStep) {
            bytes memory witness = _proof(0, input, d.startStep);
            bytes memory proof = _proof(0, input, d.startStep + 1);
            _call(who, abi.encodeCall(IDisputes.judgeFuel, (d, witness, proof)));
        }
    }

    function _search(Dispute memory d, uint256 who, uint256 input, bool isWrong) private {
        uint256 steps = d.endStep - d.startStep;
        uint256 m = Search.parts(steps, 4);
        bytes32[] memory own = new bytes32[](m - 1);
        for (uint256 j = 1; j < m; ++j) {
            own[j - 1] =
                isWrong
                    ? keccak256(abi.encode(who, d.since, j))
                    : _state(who, input, d.startStep + Search.point(steps, m, j));
        }
        if (d.pending == 0) {
            _call(who, abi.encodeCall(IDisputes.postVector, (d, own)));
        } else {
            _choose(d, who, own, posted[d.id - 1]);
        }
    }

    /// @dev Names the first part, of at most four, whose end the party's own vector denies.
    function _choose(
        Dispute memory d,
        uint256 who,
        bytes32[] memory own,
        bytes32[] memory other
    ) private {
        uint256 index = 0;
        while (index < own.length && own[index] == other[index]) ++index;
        uint256 side = d.parties[0] == parties[who] ? 0 : 1;
        bytes32 mine = index < own.length ? own[index] : d.endStates[side];
        bytes32[4] memory leaves;
        bytes32[2] memory part;
        bytes32 start = d.startState;
        for (uint256 i = 0; i <= other.length; ++i) {
            bytes32 end = i < other.length ? other[i] : d.endStates[1 - side];
            leaves[i] = keccak256(abi.encode(start, end));
            if (i == index) part = [start, end];
            start = end;
        }
        bytes32[] memory path = new bytes32[](other.length == 1 ? 1 : 2);
        path[0] = leaves[index ^ 1];
        if (path.length == 2) {
            uint256 aunt = (index & 2) ^ 2;
            path[1] = keccak256(abi.encode(leaves[aunt], leaves[aunt + 1]));
        }
        _call(who, abi.encodeCall(IDisputes.choosePart, (d, index, part, path, mine)));
    }

    // The machine of a party: SimulatedJudge's, wrong from a step on.

    function _genesis() private pure returns (bytes memory) {
        return abi.encode(HALTED, uint256(0), PROGRAM, bytes32(0));
    }

    function _proof(uint256 who, uint256 input, uint256 step) internal view returns (bytes memory) {
        bytes32 trace = keccak256(abi.encode(bytes32(0), roots[input], uint32(1)));
        if (step >= faults[who]) trace = keccak256(abi.encodePacked(trace, uint8(who)));
        uint256 control = step == STEPS ? HALTED : (STEPS - step) << 144;
        return abi.encode(control, (step << 192) | ((step * FUEL) << 128), PROGRAM, trace);
    }

    function _state(uint256 who, uint256 input, uint256 step) internal view returns (bytes32) {
        return _hash(_proof(who, input, step));
    }

    function _hash(bytes memory proof) private pure returns (bytes32) {
        (uint256 a, uint256 b, uint256 c, bytes32 d) = abi.decode(
            proof,
            (uint256, uint256, uint256, bytes32)
        );
        bytes32 hot = keccak256(
            abi.encodePacked(keccak256(abi.encodePacked(a, b, hex"02")), c, hex"02")
        );
        return keccak256(abi.encodePacked(hot, d, hex"02"));
    }

    function _transition(uint256 who, uint256 input) private view returns (Transition memory) {
        (, , , , uint64 epoch) = arbiter.accounts(parties[who]);
        return
            Transition({
                program: bytes32(PROGRAM),
                previousState: _hash(_genesis()),
                inputRoot: roots[input],
                inputLength: 1,
                nextState: _state(who, input, STEPS),
                steps: uint64(STEPS),
                fuel: uint64(STEPS * FUEL),
                epoch: epoch
            });
    }

    /// @dev A party's signed result, ready to be disputed.
    function _opening(uint256 who, uint256 input) private view returns (Opening memory) {
        Transition memory t = _transition(who, input);
        (uint8 v, bytes32 r, bytes32 s) = VM.sign(keys[who], arbiter.evidenceOf(t));
        return Opening(t, abi.encodePacked(r, s, v), _genesis(), _proof(0, input, 0));
    }

    /// @dev Root of an input of one byte.
    function _root(uint8 content) private pure returns (bytes32 root) {
        bytes memory leaf = new bytes(129);
        leaf[0] = bytes1(content);
        root = keccak256(leaf);
        for (uint256 i = 0; i < 25; ++i) {
            root = keccak256(abi.encodePacked(root, bytes32(0), uint8(1)));
        }
    }
}
