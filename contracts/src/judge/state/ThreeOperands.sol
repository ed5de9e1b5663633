// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Machine} from "./Machine.sol";
import {Leaves} from "../merkle/Leaves.sol";
import {Multiproof} from "../merkle/MerkleArray.sol";
import {Stack} from "./Stack.sol";

/// @notice Operands of a long instruction, with all their bits: destination, source or value, and what remains to be done.
struct Operands {
    uint256 d;
    uint256 second;
    uint256 n;
    Multiproof multiproof;
}

/// @title The operands of the resumable instructions (docs/machine.md section 7, long instructions).
/// @notice A step handles one piece and writes the operands back; when nothing remains it pops them.
library ThreeOperands {
    using Leaves for Multiproof;

    /// @dev Opens the three topmost slots; n is on top.
    function open(Machine memory m) internal pure returns (Operands memory x) {
        uint256 base = m.sp - 3;
        x.multiproof = Stack.open(m, base, base + 2);
        x.d = x.multiproof.slot(base);
        x.second = x.multiproof.slot(base + 1);
        x.n = x.multiproof.slot(base + 2);
    }

    /// @dev Length of the first piece of what remains, in units of which `unit` make a leaf.
    function forwardPiece(Operands memory x, uint256 unit) internal pure returns (uint256) {
        uint256 room = unit - (x.d % unit);
        return x.n < room ? x.n : room;
    }

    /// @dev Length of the next piece of a copy, and where it starts in what remains: first piece or last.
    function piece(
        Operands memory x,
        uint256 unit,
        bool forward
    ) internal pure returns (uint256 length, uint256 offset) {
        if (forward || x.n == 0) return (forwardPiece(x, unit), 0);
        uint256 room = ((x.d + x.n - 1) % unit) + 1;
        length = x.n < room ? x.n : room;
        offset = x.n - length;
    }

    /// @dev After a forward piece; `fromSource` if the second operand is a position that moves along.
    function advance(
        Machine memory m,
        Operands memory x,
        uint256 length,
        bool fromSource
    ) internal pure {
        x.d += length;
        if (fromSource) x.second += length;
        _close(m, x, length, fromSource);
    }

    /// @dev After a piece of a copy; backward only what remains shrinks.
    function advanceCopy(
        Machine memory m,
        Operands memory x,
        uint256 length,
        bool forward
    ) internal pure {
        if (forward) advance(m, x, length, true);
        else _close(m, x, length, false);
    }

    function _close(
        Machine memory m,
        Operands memory x,
        uint256 length,
        bool writeSecond
    ) private pure {
        uint256 base = m.sp - 3;
        x.n -= length;
        if (x.n == 0) {
            for (uint256 i = 0; i < 3; ++i) x.multiproof.setSlot(base + i, 0);
            m.sp = base;
        } else {
            x.multiproof.setSlot(base, x.d);
            if (writeSecond) x.multiproof.setSlot(base + 1, x.second);
            x.multiproof.setSlot(base + 2, x.n);
            m.nextPc = m.pc;
        }
        Stack.commit(m, x.multiproof);
    }
}
