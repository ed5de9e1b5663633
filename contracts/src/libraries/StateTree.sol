// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {REGION_FRAMES, regionsOf} from "../generated/Opcodes.sol";
import {
    CODE_DEPTH,
    COLD_LEAVES,
    FRAMES_NODE,
    HALTED_PC,
    Machine,
    PROGRAM_LEAVES,
    RUNNING,
    TRAPPED
} from "../state/Machine.sol";
import {Hash} from "./Hash.sol";
import {LeafSet} from "./LeafSet.sol";
import {MerkleArray, Opening} from "./MerkleArray.sol";
import {RegisterWords} from "./RegisterWords.sol";
import {Witness} from "./Witness.sol";

/// @title The state hash: opened at the start of a step, closed at its end (docs/proof-format.md sections 2, 4 and 5).
/// @notice The instruction's regions say which roots the witness gives one by one; every other part of the state and
/// program trees comes as the hash of the largest subtree without such a root.
/// Invariant: what `open` returns has been proven against the state hash, and `close` hashes the same tree again.
library StateTree {
    using Witness for Machine;

    /// @notice The witness's header belongs to another state.
    error StateMismatch(bytes32 expected, bytes32 actual);
    /// @notice A halted state has a register proof for its witness, and no instruction.
    error NotRunning(uint256 status);
    /// @notice The byte of the trap claim is neither 0 nor 1, or the execution did not confirm it.
    error TrapClaim(uint256 claimed);
    /// @notice No instruction has this code.
    error UnknownOpcode(uint256 op);

    /// @dev Reads items 1 to 5 of a witness and proves them.
    function open(
        bytes32 preState,
        bytes calldata witness
    ) internal pure returns (Machine memory m) {
        m.start(witness);
        uint256 control = m.word();
        uint256 counters = m.word();
        RegisterWords.unpack(m, control, counters);
        if (m.status != RUNNING) revert NotRunning(m.status);
        bytes32 codeRoot = m.hash();
        _fetch(m, codeRoot);

        uint256 regions = regionsOf(m.op);
        if (regions == 0) revert UnknownOpcode(m.op);
        uint256 named = (regions >> COLD_LEAVES) & ((1 << PROGRAM_LEAVES) - 1);
        m.programRoot = Hash.program(codeRoot, _openProgram(m, named));
        m.stackRoot = m.hash();
        uint256 claimed = m.u8();
        if (claimed > 1) revert TrapClaim(claimed);
        m.claimsTrap = claimed == 1;
        if (m.claimsTrap) regions |= REGION_FRAMES;
        m.namedCold = regions & ((1 << COLD_LEAVES) - 1);
        bytes32 cold = _open(m, m.cold, 1, m.namedCold, COLD_LEAVES, Hash.STATE);

        bytes32 actual = Hash.state(_hotHash(m, control, counters), cold);
        if (actual != preState) revert StateMismatch(preState, actual);
    }

    /// @dev Ends the step: `trap` is the code of the trap that the instruction ended in, or 0.
    function close(Machine memory m, uint256 trap) internal pure returns (bytes32) {
        unchecked {
            m.finish();
            if (m.claimsTrap != (trap != 0)) revert TrapClaim(m.claimsTrap ? 1 : 0);
            m.pc = m.nextPc;
            if (trap != 0) {
                (m.status, m.trap, m.pc) = (TRAPPED, trap, HALTED_PC);
                (m.sp, m.fp, m.depth) = (0, 0, 0);
                (m.stackRoot, m.cold[FRAMES_NODE]) = (0, 0);
            }
            ++m.eic;
            (uint256 control, uint256 counters) = RegisterWords.pack(m);
            bytes32 cold = _hash(m.cold, 1, m.namedCold, COLD_LEAVES, Hash.STATE);
            return Hash.state(_hotHash(m, control, counters), cold);
        }
    }

    /// @dev Reads the opening of `code` and takes the record at pc apart.
    function _fetch(Machine memory m, bytes32 codeRoot) private pure {
        unchecked {
            Opening memory code = MerkleArray.open(m, codeRoot, CODE_DEPTH, LeafSet.one(m.pc / 8));
            uint256 position = code.leaves + (m.pc % 8) * 16;
            uint256 record;
            assembly ("memory-safe") {
                record := shr(128, mload(position))
            }
            m.op = record >> 112;
            m.cost = uint16(record >> 96);
            m.a = uint32(record >> 64);
            m.b = uint32(record >> 32);
            m.c = uint32(record);
            m.nextPc = m.pc + 1;
        }
    }

    /// @dev Reads the tree beside codeRoot; its hash.
    function _openProgram(Machine memory m, uint256 named) private pure returns (bytes32) {
        if (named == 0) return m.hash();
        bytes32 arrays = _open(m, m.program, 1, named, PROGRAM_LEAVES, Hash.PROGRAM);
        return Hash.program(arrays, m.hash());
    }

    /// @dev Hash of registers, program and stack, the half of the state tree that every step opens.
    function _hotHash(
        Machine memory m,
        uint256 control,
        uint256 counters
    ) private pure returns (bytes32) {
        bytes32 words = Hash.state(bytes32(control), bytes32(counters));
        return Hash.state(words, Hash.state(m.programRoot, m.stackRoot));
    }

    /// @dev Reads the subtree under a node, whose leaves are `width`, from the witness, depth-first; its hash. Bit i of
    /// `named` is its i-th leaf; a subtree without named leaf is one hash.
    function _open(
        Machine memory m,
        bytes32[16] memory nodes,
        uint256 node,
        uint256 named,
        uint256 width,
        uint256 tag
    ) private pure returns (bytes32 hash) {
        unchecked {
            if (named == 0 || width == 1) {
                hash = m.hash();
                nodes[node] = hash;
                return hash;
            }
            width /= 2;
            bytes32 left = _open(m, nodes, 2 * node, named & ((1 << width) - 1), width, tag);
            bytes32 right = _open(m, nodes, 2 * node + 1, named >> width, width, tag);
            return Hash.node(left, right, tag);
        }
    }

    /// @dev Hash of a subtree that `_open` has read.
    function _hash(
        bytes32[16] memory nodes,
        uint256 node,
        uint256 named,
        uint256 width,
        uint256 tag
    ) private pure returns (bytes32) {
        unchecked {
            if (named == 0 || width == 1) return nodes[node];
            width /= 2;
            bytes32 left = _hash(nodes, 2 * node, named & ((1 << width) - 1), width, tag);
            bytes32 right = _hash(nodes, 2 * node + 1, named >> width, width, tag);
            return Hash.node(left, right, tag);
        }
    }
}
