// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Machine} from "./Machine.sol";

/// @title The two register words of a state (docs/proof-format.md section 2).
/// @notice control = status u8, trap u8, pc, sp, fp, depth, stackLimit, frameLimit, outputLength u32, era u16;
/// counters = stepCounter, fuelCounter, fuelLimit u64, inputLength, chunkFuel u32; all big-endian.
/// Invariant: every bit belongs to a register, so that every state has one encoding.
library RegisterWords {
    /// @dev Status of a control word.
    function statusOf(uint256 control) internal pure returns (uint256) {
        return control >> 248;
    }

    /// @dev Program counter of a control word.
    function pcOf(uint256 control) internal pure returns (uint256) {
        return uint32(control >> 208);
    }

    function unpack(Machine memory m, uint256 control, uint256 counters) internal pure {
        m.status = statusOf(control);
        m.trap = uint8(control >> 240);
        m.pc = pcOf(control);
        m.sp = uint32(control >> 176);
        m.fp = uint32(control >> 144);
        m.depth = uint32(control >> 112);
        m.stackLimit = uint32(control >> 80);
        m.frameLimit = uint32(control >> 48);
        m.outputLength = uint32(control >> 16);
        m.era = uint16(control);
        m.stepCounter = counters >> 192;
        m.fuelCounter = uint64(counters >> 128);
        m.fuelLimit = uint64(counters >> 64);
        m.inputLength = uint32(counters >> 32);
        m.chunkFuel = uint32(counters);
    }

    /// @dev The words of the registers; each field is cut to its width, so that none can spill into its neighbour.
    function pack(Machine memory m) internal pure returns (uint256 control, uint256 counters) {
        control =
            (m.status << 248) |
            (uint256(uint8(m.trap)) << 240) |
            (uint256(uint32(m.pc)) << 208) |
            (uint256(uint32(m.sp)) << 176) |
            (uint256(uint32(m.fp)) << 144) |
            (uint256(uint32(m.depth)) << 112) |
            (uint256(uint32(m.stackLimit)) << 80) |
            (uint256(uint32(m.frameLimit)) << 48) |
            (uint256(uint32(m.outputLength)) << 16) |
            uint16(m.era);
        counters =
            (m.stepCounter << 192) |
            (uint256(uint64(m.fuelCounter)) << 128) |
            (uint256(uint64(m.fuelLimit)) << 64) |
            (uint256(uint32(m.inputLength)) << 32) |
            uint32(m.chunkFuel);
    }
}
