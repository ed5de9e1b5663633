// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ARRAYS} from "../generated/Arrays.sol";

// Status of a machine, and the pc of one that has stopped (docs/machine.md section 4).
uint256 constant RUNNING = 0;
uint256 constant RETURNED = 1;
uint256 constant TRAPPED = 2;
uint256 constant EXITED = 3;
uint256 constant HALTED_PC = 0xffffffff;

/// @notice A machine in the middle of one step: what the witness has shown so far, and what the step made of it.
struct Machine {
    // Calldata positions: the next byte of the witness to read, and the byte after its last.
    uint256 cursor;
    uint256 end;
    // The register words before the step.
    uint256 control;
    uint256 counters;
    // The instruction at pc.
    uint256 op;
    uint256 cost;
    uint256 a;
    uint256 b;
    uint256 c;
    // Registers; `pc` is the step's own until it ends, `nextPc` what it becomes.
    uint256 status;
    uint256 trap;
    uint256 pc;
    uint256 nextPc;
    uint256 sp;
    uint256 fp;
    uint256 depth;
    uint256 stackLimit;
    uint256 frameLimit;
    // How often the counters have started again.
    uint256 era;
    uint256 stepCounter;
    uint256 fuelCounter;
    uint256 fuelLimit;
    uint256 inputLength;
    uint256 chunkFuel;
    uint256 outputLength;
    // Whether the step has cut the stack down to no slot: those that a tail call enters with after that are zero.
    bool isStackEmptied;
    // Commitments. An array that has been opened has its bit in `opened`, as have the nodes above it; `before` and
    // `roots` are its roots before the step and now.
    bytes32 codeRoot;
    uint256 opened;
    bytes32[ARRAYS] before;
    bytes32[ARRAYS] roots;
}
