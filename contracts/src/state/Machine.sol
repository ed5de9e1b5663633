// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

// Positions of the arrays among the leaves of the cold state tree, and of the program's arrays among the leaves of the
// tree beside `code` (docs/proof-format.md sections 2 and 5). A node of a tree is numbered as in a heap: the root is 1,
// the children of i are 2i and 2i + 1, so that leaf p of a tree with n leaves is node n + p.
uint256 constant COLD_LEAVES = 8;
uint256 constant MEMORY_NODE = 8;
uint256 constant SIZES_NODE = 9;
uint256 constant DIRTY_NODE = 10;
uint256 constant GLOBALS_NODE = 11;
uint256 constant FRAMES_NODE = 12;
uint256 constant TABLES_NODE = 13;
uint256 constant INPUT_NODE = 14;
uint256 constant DROPPED_NODE = 15;

uint256 constant PROGRAM_LEAVES = 4;
uint256 constant FUNCTIONS_NODE = 4;
uint256 constant BRANCHES_NODE = 5;
uint256 constant DATA_NODE = 6;
uint256 constant ELEMENTS_NODE = 7;

// Depths of the Merkle arrays (docs/proof-format.md section 1).
uint256 constant CODE_DEPTH = 21;
uint256 constant BRANCHES_DEPTH = 20;
uint256 constant FUNCTIONS_DEPTH = 17;
uint256 constant DATA_DEPTH = 25;
uint256 constant ELEMENTS_DEPTH = 19;
uint256 constant STACK_DEPTH = 16;
uint256 constant FRAMES_DEPTH = 16;
uint256 constant GLOBALS_DEPTH = 16;
uint256 constant MEMORY_DEPTH = 33;
uint256 constant SIZES_DEPTH = 4;
uint256 constant DIRTY_DEPTH = 18;
uint256 constant TABLES_DEPTH = 27;
uint256 constant DROPPED_DEPTH = 13;
uint256 constant INPUT_DEPTH = 25;

// Status of a machine, and the pc of one that has stopped (docs/machine.md section 4).
uint256 constant RUNNING = 0;
uint256 constant RETURNED = 1;
uint256 constant TRAPPED = 2;
uint256 constant HALTED_PC = 0xffffffff;

/// @notice A machine in the middle of one step: what the witness has shown so far, and what the step made of it.
struct Machine {
    // Calldata positions: the next byte of the witness to read, and the byte after its last.
    uint256 cursor;
    uint256 end;
    // The record at pc.
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
    uint256 eic;
    uint256 tf;
    uint256 fuelLimit;
    uint256 inputLength;
    uint256 chunkFuel;
    // What the witness claimed about the step before it executed.
    bool claimsTrap;
    // Commitments: the state's arrays change, the program's do not.
    bytes32 programRoot;
    bytes32 stackRoot;
    uint256 namedCold;
    bytes32[16] cold;
    bytes32[16] program;
}
