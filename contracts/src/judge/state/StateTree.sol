// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {CHILDREN, COLD_ROOT, FIRST_LEAF, FRAMES, REST_ROOT, STACK} from "../generated/Arrays.sol";
import {HALTED_PC, Machine, RUNNING, TRAPPED} from "./Machine.sol";
import {Hash} from "../merkle/Hash.sol";
import {MerkleArray} from "../merkle/MerkleArray.sol";
import {RegisterWords} from "./RegisterWords.sol";
import {Witness} from "../merkle/Witness.sol";

/// @title The state hash: what a step has read is proven, and what it has made is hashed, in one walk at its end
/// (docs/proof-format.md sections 2, 4 and 5).
/// @notice Roots of arrays that the step has opened are known by their multiproofs; the witness ends with the hashes of the
/// largest subtrees without such an array.
/// Invariant: nothing that `open` returns is proven before `close` has compared the state hash, so no handler may do
/// anything but compute.
library StateTree {
    using Witness for Machine;

    /// @notice The witness belongs to another state.
    error StateMismatch(bytes32 expected, bytes32 actual);
    /// @notice A halted state has a register proof for its witness, and no instruction.
    error NotRunning(uint256 status);

    /// @dev Reads items 1 and 2 of a witness: registers and instruction.
    function open(bytes calldata witness) internal pure returns (Machine memory m) {
        unchecked {
            m.start(witness);
            m.control = m.word();
            m.counters = m.word();
            RegisterWords.unpack(m, m.control, m.counters);
            if (m.status != RUNNING) revert NotRunning(m.status);

            uint256 position = MerkleArray.openCode(m, m.pc / 8) + (m.pc % 8) * 16;
            uint256 instruction;
            assembly ("memory-safe") {
                instruction := shr(128, mload(position))
            }
            m.op = instruction >> 112;
            m.cost = uint16(instruction >> 96);
            m.a = uint32(instruction >> 64);
            m.b = uint32(instruction >> 32);
            m.c = uint32(instruction);
            m.nextPc = m.pc + 1;
        }
    }

    /// @dev Ends the step: `trap` is the code of the trap that the instruction ended in, or 0. Reads the rest of the
    /// witness, proves the state before the step, and hashes the state after it.
    function close(
        Machine memory m,
        bytes32 preState,
        uint256 trap
    ) internal pure returns (bytes32) {
        _advance(m, trap);
        // Frames go where the machine stops before its gateway returned: their root stands in the witness.
        if (m.status >= TRAPPED) m.opened |= (FRAMES >> 16) & ((1 << FIRST_LEAF) - 1);
        (bytes32 rest, ) = _walk(m, REST_ROOT, Hash.PROGRAM);
        bytes32 programRoot = Hash.program(m.codeRoot, rest);
        (bytes32 stackBefore, bytes32 stack) = _root(m, FIRST_LEAF + uint8(STACK));
        (bytes32 coldBefore, bytes32 cold) = _walk(m, COLD_ROOT, Hash.STATE);
        m.finish();

        bytes32 hot = _hot(m.control, m.counters, programRoot, stackBefore);
        bytes32 actual = Hash.state(hot, coldBefore);
        if (actual != preState) revert StateMismatch(preState, actual);

        // No slot lies below sp = 0, and one that was not there before is zero.
        if (m.sp == 0 || m.isStackEmptied) stack = 0;
        (uint256 control, uint256 counters) = RegisterWords.pack(m);
        return Hash.state(_hot(control, counters, programRoot, stack), cold);
    }

    /// @dev Registers at the end of a step.
    function _advance(Machine memory m, uint256 trap) private pure {
        unchecked {
            m.pc = m.nextPc;
            if (trap != 0) {
                (m.status, m.trap, m.pc) = (TRAPPED, trap, HALTED_PC);
                (m.sp, m.fp, m.depth) = (0, 0, 0);
            }
            ++m.stepCounter;
        }
    }

    /// @dev Hash of registers, program and stack, the half of the state tree that every step opens.
    function _hot(
        uint256 control,
        uint256 counters,
        bytes32 programRoot,
        bytes32 stack
    ) private pure returns (bytes32) {
        bytes32 words = Hash.state(bytes32(control), bytes32(counters));
        return Hash.state(words, Hash.state(programRoot, stack));
    }

    /// @dev Hashes of a subtree before the step and after it; what no multiproof has shown is read, depth-first.
    function _walk(
        Machine memory m,
        uint256 node,
        uint256 tag
    ) private pure returns (bytes32 before, bytes32 current) {
        unchecked {
            if (node >= FIRST_LEAF) return _root(m, node);
            if ((m.opened >> node) & 1 == 0) {
                before = m.hash();
                return (before, before);
            }
            uint256 left = uint8(CHILDREN[node]);
            (bytes32 leftBefore, bytes32 leftNow) = _walk(m, left, tag);
            (bytes32 rightBefore, bytes32 rightNow) = _walk(m, left + 1, tag);
            before = Hash.node(leftBefore, rightBefore, tag);
            if (leftNow == leftBefore && rightNow == rightBefore) return (before, before);
            return (before, Hash.node(leftNow, rightNow, tag));
        }
    }

    /// @dev Root of an array before the step and after it.
    function _root(
        Machine memory m,
        uint256 node
    ) private pure returns (bytes32 before, bytes32 current) {
        unchecked {
            if ((m.opened >> node) & 1 == 0) {
                before = m.hash();
                current = before;
            } else {
                before = m.before[node - FIRST_LEAF];
                current = m.roots[node - FIRST_LEAF];
            }
            if (node == FIRST_LEAF + uint8(FRAMES) && m.status >= TRAPPED) current = 0;
        }
    }
}
