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
    function etch(address account, bytes calldata code) external;
    function envOr(string calldata name, uint256 otherwise) external view returns (uint256);
    function toString(uint256 value) external pure returns (string memory);
}

/// @title An Arbiter among three parties, for the stateful fuzzer (docs/game.md sections 6, 10, 12).
/// @notice What parties know and do: party 0 is honest, the traces of parties 1 and 2 are wrong from a step on. The
/// machine is SimulatedJudge's. What does not change from sequence to sequence is computed once, signatures above all.
/// @dev Blocks are counted in `today`: a compiler may read the block's number once where a test lets it pass.
abstract contract World {
    Vm internal constant VM = Vm(0x7109709ECfa91a80626fF3989D68f67F5b1DD12D);
    uint256 internal constant HALTED = (1 << 248) | (0xffffffff << 208);
    uint256 internal constant STEPS = 40;
    uint256 internal constant FUEL = 2;
    uint256 internal constant PROGRAM = (STEPS << 192) | (FUEL << 128) | 77;
    uint128 internal constant STAKE = 1 ether;
    uint32 internal constant GRACE = 20;
    uint32 internal constant BANK = 100;
    uint32 internal constant COOLING_OFF = 50;
    uint32 internal constant WINDOW = 200;

    Arbiter internal arbiter;
    address[3] internal parties;
    uint256[3] private keys;
    uint256 internal today;
    /// Whether any call was accepted since the honest party's last look.
    bool internal isChanged;
    /// Present state of each dispute, ABI-encoded, and what its last move posted; empty once settled.
    bytes[] internal states;
    bytes32[][] private posted;
    bytes32[] internal claimKeys;
    mapping(bytes32 key => bool) private isListed;
    /// What came about: see Walks.Walked.
    uint256[4] internal events;
    bytes32[3] private roots;
    /// By input: what identifies the call. By party and input: its result, and its signature in epoch 0.
    bytes32[3] internal calls;
    bytes32[3][3] internal results;
    bytes[3][3] private signatures;
    bytes32[3] private starts;
    /// Number of the input of each dispute, from 1.
    mapping(uint256 id => uint256) private inputOf;
    /// The honest party's dispute about what is named by a key.
    mapping(bytes32 key => uint256 id) private opposedBy;
    /// First step at which a party's trace is wrong.
    uint256[3] private faults = [uint256(1000), 17, 33];

    constructor() {
        today = block.number;
        arbiter = new Arbiter(
            new SimulatedJudge(),
            IDisputes.Parameters(4, GRACE, BANK, COOLING_OFF, STAKE, 5000, WINDOW)
        );
        arbiter.register(_genesis());
        for (uint256 i = 0; i < 3; ++i) {
            keys[i] = 0xa11ce + i;
            parties[i] = VM.addr(keys[i]);
            VM.deal(parties[i], 1000 ether);
            VM.prank(parties[i]);
            arbiter.deposit{value: 5 * STAKE}();
            arbiter.publishInput(abi.encodePacked(uint8(i + 1)));
            roots[i] = _root(uint8(i + 1));
            bytes32 input = keccak256(abi.encode(roots[i], uint32(1)));
            calls[i] = keccak256(abi.encode(PROGRAM, _hash(_genesis()), input));
            starts[i] = _state(0, i, 0);
        }
        for (uint256 who = 0; who < 3; ++who) {
            for (uint256 input = 0; input < 3; ++input) {
                results[who][input] = _state(who, input, STEPS);
                signatures[who][input] = _sign(who, _transition(who, input, 0));
            }
        }
    }

    function _roll(uint256 blocks) internal {
        today += blocks;
        VM.roll(today);
    }

    /// @dev Free deposits and stakes of all parties, and what was burned.
    function _books() internal view returns (uint256 sum) {
        sum = arbiter.burned();
        for (uint256 who = 0; who < 3; ++who) sum += _wealth(who);
    }

    function _wealth(uint256 who) internal view returns (uint256) {
        (uint128 free, uint128 staked, , , ) = arbiter.accounts(parties[who]);
        return uint256(free) + staked;
    }

    // What the parties do.

    function _call(uint256 who, bytes memory data) internal {
        VM.recordLogs();
        VM.prank(parties[who]);
        (bool ok, ) = address(arbiter).call(data);
        Vm.Log[] memory logs = VM.getRecordedLogs();
        if (!ok) return;
        isChanged = true;
        for (uint256 i = 0; i < logs.length; ++i) _read(logs[i]);
    }

    function _read(Vm.Log memory log) private {
        if (log.topics[0] == IDisputes.Opened.selector) {
            (, Dispute memory d) = abi.decode(log.data, (Transition, Dispute));
            states.push(abi.encode(d));
            posted.push();
            for (uint256 i = 0; i < 3; ++i) {
                if (d.startState == starts[i]) inputOf[d.id] = i + 1;
            }
            if (d.parties[1] == parties[0]) opposedBy[d.backings[0]] = d.id;
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
            ++events[0];
        } else if (log.topics[0] == IArbiter.Posted.selector) {
            if (!isListed[log.topics[1]]) claimKeys.push(log.topics[1]);
            isListed[log.topics[1]] = true;
        } else if (log.topics[0] == IArbiter.Closed.selector) {
            ++events[uint256(abi.decode(log.data, (ClaimStatus))) - 1];
        }
    }

    function _open(uint256 who, uint256 input, Opening memory opening) internal {
        Claim memory own = Claim(
            results[who][input],
            uint64(STEPS),
            uint64(STEPS * FUEL),
            Standing.Unproven
        );
        bytes memory proof = _proof(who, input, STEPS);
        _call(who, abi.encodeCall(IArbiter.open, (opening, own, proof)));
    }

    /// @dev Disputes a claim that stands, if the party has another result of the call.
    function _oppose(uint256 who, bytes32 key) internal {
        (, ClaimStatus status, bytes32 call, bytes32 next, , ) = arbiter.claims(key);
        if (status != ClaimStatus.Standing) return;
        uint256 id = opposedBy[key];
        if (who == 0 && id != 0 && states[id - 1].length != 0) return;
        uint256 input = 0;
        while (calls[input] != call) ++input;
        if (next == results[who][input]) return;
        uint256 whose = 0;
        while (results[whose][input] != next) ++whose;
        Transition memory t = _transition(whose, input, 0);
        bytes memory origin = _proof(0, input, 0);
        _open(who, input, Opening(t, abi.encode(key), _genesis(), origin));
    }

    function _post(uint256 who, uint256 input, uint256 result) internal {
        Transition memory t = _transition(result, input, 0);
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

    /// @dev Ends a dispute by the clock, or by what one of its statements has lost elsewhere.
    function _timeout(uint256 id, uint256 who) internal {
        if (states[id].length == 0) return;
        Dispute memory d = abi.decode(states[id], (Dispute));
        _call(who, abi.encodeCall(IDisputes.claimTimeout, (d)));
    }

    /// @dev The move of a party in a dispute, on its own trace or at random, if it is on turn.
    function _play(uint256 id, uint256 who, bool isWrong) internal {
        if (states[id].length == 0) return;
        Dispute memory d = abi.decode(states[id], (Dispute));
        uint256 side = d.parties[0] == parties[who] ? 0 : 1;
        if (d.parties[side] != parties[who] || d.turn & (1 << side) == 0) return;
        uint256 input = inputOf[d.id] - 1;
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

    function _proof(uint256 who, uint256 input, uint256 step) private view returns (bytes memory) {
        bytes32 trace = keccak256(abi.encode(bytes32(0), roots[input], uint32(1)));
        if (step >= faults[who]) trace = keccak256(abi.encodePacked(trace, uint8(who)));
        uint256 control = step == STEPS ? HALTED : (STEPS - step) << 144;
        return abi.encode(control, (step << 192) | ((step * FUEL) << 128), PROGRAM, trace);
    }

    function _state(uint256 who, uint256 input, uint256 step) private view returns (bytes32) {
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

    function _transition(
        uint256 who,
        uint256 input,
        uint64 epoch
    ) private view returns (Transition memory) {
        return
            Transition({
                program: bytes32(PROGRAM),
                previousState: _hash(_genesis()),
                inputRoot: roots[input],
                inputLength: 1,
                nextState: results[who][input],
                steps: uint64(STEPS),
                fuel: uint64(STEPS * FUEL),
                epoch: epoch
            });
    }

    /// @dev A party's signed result, ready to be disputed.
    function _opening(uint256 who, uint256 input) internal view returns (Opening memory) {
        (, , , , uint64 epoch) = arbiter.accounts(parties[who]);
        Transition memory t = _transition(who, input, epoch);
        bytes memory signature = epoch == 0 ? signatures[who][input] : _sign(who, t);
        return Opening(t, signature, _genesis(), _proof(0, input, 0));
    }

    function _sign(uint256 who, Transition memory t) private view returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = VM.sign(keys[who], arbiter.evidenceOf(t));
        return abi.encodePacked(r, s, v);
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
