// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {TRAP_NONE} from "../generated/Opcodes.sol";
import {Leaves} from "../merkle/Leaves.sol";
import {Multiproof} from "../merkle/MerkleArray.sol";
import {Machine} from "../state/Machine.sol";
import {Stack} from "../state/Stack.sol";
import {Family} from "./Family.sol";

/// @title A family whose instructions turn vectors, and perhaps a scalar above them, into a vector or a scalar.
/// @notice A vector is two slots, the low half first (docs/machine.md section 1): lane 0 is the lowest of a number below
/// 2^128. No vector instruction traps.
abstract contract VectorFamily is Family {
    using Leaves for Multiproof;

    function _execute(Machine memory m) internal pure override returns (uint256) {
        uint256 shape = _shapeOf(m.op);
        uint256 vectors = shape & 3;
        uint256 scalars = (shape >> 2) & 1;
        bool toScalar = shape >> 3 == 1;

        uint256 base = m.sp - 2 * vectors - scalars;
        uint256 end = base + (toScalar ? 1 : 2);
        Multiproof memory o = Stack.open(m, base, (end > m.sp ? end : m.sp) - 1);
        uint256[3] memory x;
        for (uint256 i = 0; i < vectors; ++i) x[i] = o.vector(base + 2 * i);
        if (scalars == 1) x[vectors] = o.slot(m.sp - 1);

        uint256 result = _apply(m.op, (m.a << 64) | (m.b << 32) | m.c, x[0], x[1], x[2]);
        if (toScalar) o.setSlot(base, result);
        else o.setVector(base, result);
        for (uint256 slot = end; slot < m.sp; ++slot) o.setSlot(slot, 0);
        Stack.commit(m, o);
        m.sp = end;
        return TRAP_NONE;
    }

    /// @dev Operands and result of an instruction: number of vectors (bits 0 and 1), of scalars above them (bit 2),
    /// whether the result is a scalar (bit 3).
    function _shapeOf(uint256 op) internal pure virtual returns (uint256);

    /// @dev Result of an instruction; `immediate` is a ‖ b ‖ c of its instruction.
    function _apply(
        uint256 op,
        uint256 immediate,
        uint256 x,
        uint256 y,
        uint256 z
    ) internal pure virtual returns (uint256 result);
}
