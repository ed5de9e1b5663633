// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {HALTED_PC, Machine, RETURNED, RUNNING} from "./Machine.sol";
import {Hash} from "../merkle/Hash.sol";
import {RegisterWords} from "./RegisterWords.sol";
import {Witness} from "../merkle/Witness.sol";

/// @title Beginning a gateway call (docs/machine.md section 10, docs/proof-format.md section 6).
/// @notice A pure function of the state, the input's root and its length: stack, frames, dirty map and output become empty, the
/// registers those of the gateway function's first step.
library BeginCall {
    using Witness for Machine;

    /// @notice The begin witness belongs to another state.
    error BeginMismatch(bytes32 expected, bytes32 actual);
    /// @notice A running state may be begun only at genesis and without input.
    error AlreadyRunning(uint256 stepCounter, bytes32 inputRoot, uint256 inputLength);
    /// @notice The program has no gateway function.
    error NoGateway();
    /// @notice The input is longer than the program allows.
    error InputTooLong(uint256 length, uint256 limit);

    /// @dev Configuration leaf (docs/proof-format.md section 5).
    struct Configuration {
        bytes32 hash;
        uint256 entry;
        uint256 locals;
        uint256 callFuel;
        uint256 stackLimit;
        uint256 frameLimit;
        uint256 chunkFuel;
        uint256 inputBytes;
        uint256 bootEntry;
        uint256 bootLocals;
        bytes32 genesisCold;
    }

    uint256 private constant CONFIGURATION_BYTES = 128;
    /// @dev What a begin witness shows of the cold tree, in its order: s(memory, sizes), then each other array.
    uint256 private constant COLD_PARTS = 11;
    uint256 private constant DIRTY_PART = 1;
    uint256 private constant FRAMES_PART = 3;
    uint256 private constant INPUT_PART = 5;
    uint256 private constant OUTPUT_PART = 10;
    /// @dev Counters of every executor stay exact as JavaScript numbers (docs/machine.md section 10).
    uint256 private constant LAST_FUEL_LIMIT = 2 ** 53 - 1;

    /// @dev A program's boot function is running at genesis: its own beginning.
    function running(
        bytes32 preState,
        bytes32 inputRoot,
        uint256 inputLength,
        bytes calldata witness
    ) internal pure returns (bytes32, bytes32 programRoot) {
        Machine memory m;
        m.start(witness);
        (uint256 control, uint256 counters) = (m.word(), m.word());
        RegisterWords.unpack(m, control, counters);
        programRoot = m.hash();
        bytes32 stack = m.hash();
        bytes32 cold = m.hash();
        m.finish();
        _requireState(preState, _stateHash(control, counters, programRoot, stack, cold));
        if (m.stepCounter != 0 || inputRoot != 0 || inputLength != 0) {
            revert AlreadyRunning(m.stepCounter, inputRoot, inputLength);
        }
        return (preState, programRoot);
    }

    /// @dev The genesis state of the program that a configuration belongs to (docs/proof-format.md section 6).
    function genesis(
        bytes calldata witness
    ) internal pure returns (bytes32 state, bytes32 programRoot) {
        Machine memory m;
        m.start(witness);
        bytes32 code = m.hash();
        bytes32 arrays = m.hash();
        Configuration memory c = _configuration(m);
        m.finish();
        programRoot = Hash.program(code, Hash.program(arrays, c.hash));
        (m.stackLimit, m.frameLimit, m.chunkFuel) = (c.stackLimit, c.frameLimit, c.chunkFuel);
        (m.pc, m.sp) = (c.bootEntry, c.bootLocals);
        if (c.bootEntry == HALTED_PC) m.status = RETURNED;
        else m.fuelLimit = c.callFuel;
        (uint256 control, uint256 counters) = RegisterWords.pack(m);
        state = _stateHash(control, counters, programRoot, 0, c.genesisCold);
    }

    /// @dev Begins a call on a state that is not running.
    function halted(
        bytes32 preState,
        bytes32 inputRoot,
        uint256 inputLength,
        bytes calldata witness
    ) internal pure returns (bytes32 postState, bytes32 programRoot) {
        Machine memory m;
        m.start(witness);
        (uint256 control, uint256 counters) = (m.word(), m.word());
        RegisterWords.unpack(m, control, counters);
        bytes32 code = m.hash();
        bytes32 arrays = m.hash();
        Configuration memory configuration = _configuration(m);
        programRoot = Hash.program(code, Hash.program(arrays, configuration.hash));

        bytes32 stack = m.hash();
        bytes32[COLD_PARTS] memory parts;
        for (uint256 i = 0; i < COLD_PARTS; ++i) parts[i] = m.hash();
        m.finish();
        _requireState(
            preState,
            _stateHash(control, counters, programRoot, stack, _coldHash(parts))
        );

        _enterGateway(m, configuration, inputLength);
        (control, counters) = RegisterWords.pack(m);
        (parts[DIRTY_PART], parts[FRAMES_PART]) = (0, 0);
        (parts[INPUT_PART], parts[OUTPUT_PART]) = (inputRoot, 0);
        postState = _stateHash(control, counters, programRoot, 0, _coldHash(parts));
    }

    /// @dev Whether a revert says that no call begins on a state, which was compared with its hash before: nobody can begin
    /// it. Every other one says that the witness is another state's, or nothing.
    function isRefusal(bytes memory reason) internal pure returns (bool) {
        bytes4 selector = bytes4(reason);
        return
            selector == AlreadyRunning.selector ||
            selector == NoGateway.selector ||
            selector == InputTooLong.selector;
    }

    /// @dev Registers at the first step of a call.
    function _enterGateway(
        Machine memory m,
        Configuration memory configuration,
        uint256 inputLength
    ) private pure {
        if (configuration.entry == HALTED_PC) revert NoGateway();
        if (inputLength > configuration.inputBytes) {
            revert InputTooLong(inputLength, configuration.inputBytes);
        }
        (m.status, m.trap, m.pc) = (RUNNING, 0, configuration.entry);
        (m.sp, m.fp, m.depth) = (configuration.locals, 0, 0);
        (m.inputLength, m.outputLength) = (inputLength, 0);
        if (m.fuelCounter + configuration.callFuel > LAST_FUEL_LIMIT) {
            // The counters start again in the next era; packing cuts it to its width.
            (m.era, m.stepCounter, m.fuelCounter) = (m.era + 1, 0, 0);
        }
        m.fuelLimit = m.fuelCounter + configuration.callFuel;
    }

    /// @dev Reads the configuration leaf.
    function _configuration(Machine memory m) private pure returns (Configuration memory c) {
        uint256 cursor = m.cursor;
        bytes32 hash;
        assembly ("memory-safe") {
            let pointer := mload(0x40)
            calldatacopy(pointer, cursor, CONFIGURATION_BYTES)
            mstore8(add(pointer, CONFIGURATION_BYTES), 0x04)
            hash := keccak256(pointer, add(CONFIGURATION_BYTES, 1))
        }
        c.hash = hash;
        uint256 first = m.word();
        uint256 second = m.word();
        // version u16, growth u8, zero u8, entry, locals, frame u32, callFuel u64, stackLimit, frameLimit u32.
        c.entry = uint32(first >> 192);
        c.locals = uint32(first >> 160);
        c.callFuel = uint64(first >> 64);
        c.stackLimit = uint32(first >> 32);
        c.frameLimit = uint32(first);
        // chunkFuel, inputBytes u32, then limits and counts that nothing here needs.
        c.chunkFuel = second >> 224;
        c.inputBytes = uint32(second >> 192);
        // segments, globals, boot entry, boot locals, outputBytes u32, and room; last, the genesis state's cold root.
        uint256 third = m.word();
        c.bootEntry = uint32(third >> 160);
        c.bootLocals = uint32(third >> 128);
        c.genesisCold = m.hash();
    }

    function _coldHash(bytes32[COLD_PARTS] memory parts) private pure returns (bytes32) {
        bytes32 written = Hash.state(parts[0], Hash.state(parts[1], parts[2]));
        bytes32 called = Hash.state(parts[3], parts[4]);
        bytes32 given = Hash.state(parts[5], parts[6]);
        bytes32 heaps = Hash.state(parts[7], parts[8]);
        bytes32 made = Hash.state(heaps, Hash.state(parts[9], parts[10]));
        return Hash.state(written, Hash.state(called, Hash.state(given, made)));
    }

    function _stateHash(
        uint256 control,
        uint256 counters,
        bytes32 programRoot,
        bytes32 stack,
        bytes32 cold
    ) private pure returns (bytes32) {
        bytes32 words = Hash.state(bytes32(control), bytes32(counters));
        return Hash.state(Hash.state(words, Hash.state(programRoot, stack)), cold);
    }

    function _requireState(bytes32 expected, bytes32 actual) private pure {
        if (actual != expected) revert BeginMismatch(expected, actual);
    }
}
