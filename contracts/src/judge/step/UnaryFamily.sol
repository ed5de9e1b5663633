// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Leaves} from "../merkle/Leaves.sol";
import {Multiproof} from "../merkle/MerkleArray.sol";
import {Stack} from "../state/Stack.sol";
import {Machine} from "../state/Machine.sol";
import {Family} from "./Family.sol";

/// @title A family whose instructions turn one operand into a result.
abstract contract UnaryFamily is Family {
    using Leaves for Multiproof;

    function _execute(Machine memory m) internal pure virtual override returns (uint256 trap) {
        uint256 top = m.sp - 1;
        Multiproof memory o = Stack.open(m, top, top);
        uint256 result;
        (result, trap) = _unary(m.op, o.slot(top));
        o.setSlot(top, result);
        Stack.commit(m, o);
    }

    /// @dev Result of an instruction, or the trap that it ends in.
    function _unary(
        uint256 op,
        uint256 x
    ) internal pure virtual returns (uint256 result, uint256 trap);
}
