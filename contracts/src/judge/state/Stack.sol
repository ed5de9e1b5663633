// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {STACK} from "../generated/Arrays.sol";
import {Machine} from "./Machine.sol";
import {LeafSet} from "../merkle/LeafSet.sol";
import {Leaves} from "../merkle/Leaves.sol";
import {MerkleArray, Multiproof} from "../merkle/MerkleArray.sol";

/// @title The operand stack with its locals (docs/machine.md section 4, docs/proof-format.md section 4).
/// @notice Invariant: slots at or above sp are zero, so what is popped is cleared, and a push finds a zero slot.
library Stack {
    using MerkleArray for Multiproof;
    using Leaves for Multiproof;

    /// @notice An instruction carries more values than any program's (docs/machine.md section 3): a step stays bounded.
    error MalformedInstruction(uint256 carried);

    /// @dev Twin of `programCeilings.carriedSlots`.
    uint256 private constant MOST_CARRIED = 128;
    uint256 private constant SLOTS_A_LEAF = 16;
    uint256 private constant SLOT_BYTES = 8;

    /// @dev Values that move down the stack: `count` values that lie under `pops` operands go to `destination` and the
    /// slots above. `moves` is false if they lie there already.
    struct Move {
        uint256 source;
        uint256 destination;
        uint256 count;
        uint256 pops;
        bool moves;
        Multiproof multiproof;
    }

    /// @dev Opens the leaves of two slots, which are those of all slots between them if they are near each other.
    function open(
        Machine memory m,
        uint256 x,
        uint256 y
    ) internal pure returns (Multiproof memory) {
        return MerkleArray.open(m, STACK, LeafSet.two(x / SLOTS_A_LEAF, y / SLOTS_A_LEAF));
    }

    /// @dev Opens the leaves of two vectors, of which these are the first slots.
    function openVectors(
        Machine memory m,
        uint256 x,
        uint256 y
    ) internal pure returns (Multiproof memory) {
        uint256[] memory leaves = new uint256[](4);
        LeafSet.cut(leaves, _insert(leaves, _insert(leaves, 0, x, 2), y, 2));
        return MerkleArray.open(m, STACK, leaves);
    }

    function commit(Machine memory m, Multiproof memory o) internal pure {
        MerkleArray.commit(m, o);
    }

    /// @dev Pushes one value; the only slot opened is its own.
    function push(Machine memory m, uint256 value) internal pure {
        Multiproof memory o = open(m, m.sp, m.sp);
        o.setSlot(m.sp, value);
        commit(m, o);
        ++m.sp;
    }

    /// @dev Opens what a move needs: popped operands, sources, destinations, and the slot under the new sp.
    function openMove(
        Machine memory m,
        uint256 pops,
        uint256 count,
        uint256 destination
    ) internal pure returns (Move memory move) {
        if (count > MOST_CARRIED) revert MalformedInstruction(count);
        uint256 top = m.sp - pops;
        move.source = top - count;
        move.destination = destination;
        move.count = count;
        move.pops = pops;
        move.moves = destination + count < top;

        uint256[] memory leaves = new uint256[](2 * (count / SLOTS_A_LEAF + 2) + pops + 1);
        uint256 known = _insert(leaves, 0, top, pops);
        if (move.moves) {
            known = _insert(leaves, known, move.source, count);
            known = _insert(leaves, known, destination, count);
            if (destination + count > 0) {
                known = _insert(leaves, known, destination + count - 1, 1);
            }
        }
        LeafSet.cut(leaves, known);
        if (known > 0) move.multiproof = MerkleArray.open(m, STACK, leaves);
    }

    /// @dev Carries out a move; sp comes to lie on top of the moved values.
    function close(Machine memory m, Move memory move) internal pure {
        if (!move.moves) {
            pop(m, move);
            return;
        }
        Multiproof memory o = move.multiproof;
        m.sp = move.destination + move.count;
        if (m.sp == 0) {
            m.isStackEmptied = true;
            return;
        }
        if (move.count > 0) {
            uint256 from = o.pointer(move.source * SLOT_BYTES);
            uint256 to = o.pointer(move.destination * SLOT_BYTES);
            uint256 length = move.count * SLOT_BYTES;
            // The leaves of each range follow one another; the ranges may overlap.
            assembly ("memory-safe") {
                mcopy(to, from, length)
            }
        }
        o.truncate(m.sp * SLOT_BYTES);
        commit(m, o);
    }

    /// @dev Pops the operands above the values of a move and leaves the values where they are.
    function pop(Machine memory m, Move memory move) internal pure {
        if (move.pops == 0) return;
        for (uint256 i = 0; i < move.pops; ++i) move.multiproof.setSlot(--m.sp, 0);
        commit(m, move.multiproof);
    }

    /// @dev Adds the leaves of slots [first, first + count) to a set.
    function _insert(
        uint256[] memory leaves,
        uint256 known,
        uint256 first,
        uint256 count
    ) private pure returns (uint256) {
        if (count == 0) return known;
        uint256 last = (first + count - 1) / SLOTS_A_LEAF;
        for (uint256 leaf = first / SLOTS_A_LEAF; leaf <= last; ++leaf) {
            known = LeafSet.insert(leaves, known, leaf);
        }
        return known;
    }
}
