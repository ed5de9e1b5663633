// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {TRAP_OUT_OF_FUEL} from "../generated/Opcodes.sol";
import {StateTree} from "../state/StateTree.sol";
import {Machine} from "../state/Machine.sol";

/// @title One instruction family of the judge.
/// @notice Verifies a witness and executes its step, if the instruction is one of the family's. The rules common to
/// all instructions (docs/machine.md section 5) stand here; the instructions stand in the contracts that inherit.
/// Invariant: a machine trap is a post state; a revert means that the witness is not the canonical one.
abstract contract Family {
    /// @notice The family has no handler for this opcode.
    error UnhandledOpcode(uint256 op);

    /// @notice Executes the one step that follows `preState`.
    /// @param preState State hash before the step; the machine must be running.
    /// @param witness Canonical witness of the step (docs/proof-format.md section 4).
    /// @return postState State hash after it.
    function step(
        bytes32 preState,
        bytes calldata witness
    ) external pure returns (bytes32 postState) {
        Machine memory m = StateTree.open(witness);
        uint256 trap = TRAP_OUT_OF_FUEL;
        if (m.fuelCounter + m.cost <= m.fuelLimit) trap = _execute(m);
        if (trap != TRAP_OUT_OF_FUEL) m.fuelCounter += m.cost;
        return StateTree.close(m, preState, trap);
    }

    /// @dev Executes the instruction; the code of the trap that it ends in, or 0.
    function _execute(Machine memory m) internal pure virtual returns (uint256 trap);
}
