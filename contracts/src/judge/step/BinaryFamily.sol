// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Leaves} from "../merkle/Leaves.sol";
import {Multiproof} from "../merkle/MerkleArray.sol";
import {Stack} from "../state/Stack.sol";
import {Machine} from "../state/Machine.sol";
import {UnaryFamily} from "./UnaryFamily.sol";

/// @title A family whose instructions turn one or two operands into a result.
abstract contract BinaryFamily is UnaryFamily {
    using Leaves for Multiproof;

    function _execute(Machine memory m) internal pure override returns (uint256 trap) {
        if (!_isBinary(m.op)) return super._execute(m);
        uint256 top = m.sp - 1;
        Multiproof memory o = Stack.open(m, top - 1, top);
        uint256 result;
        (result, trap) = _binary(m.op, o.slot(top - 1), o.slot(top));
        o.setSlot(top - 1, result);
        o.setSlot(top, 0);
        Stack.commit(m, o);
        m.sp = top;
    }

    /// @dev Whether the instruction takes two operands.
    function _isBinary(uint256 op) internal pure virtual returns (bool);

    /// @dev Result of an instruction, or the trap that it ends in.
    function _binary(
        uint256 op,
        uint256 x,
        uint256 y
    ) internal pure virtual returns (uint256 result, uint256 trap);
}
