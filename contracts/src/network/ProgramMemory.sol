// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {CODE_DEPTH, SIZES} from "../judge/generated/Arrays.sol";
import {MEMORY_GROW, TABLE_GROW, TABLE_GROW_I64} from "../judge/generated/Opcodes.sol";
import {IStepJudge} from "../judge/IStepJudge.sol";
import {Hash} from "../judge/merkle/Hash.sol";
import {RunningInput} from "./libraries/RunningInput.sol";

/// @title Memory that a program declares, shown of its root (docs/validation.md section 7, paper 2.2: ω).
/// @notice What a state keeps from one call to the next, as large as the program lets it become: its memories, tables and
/// globals. The root commits to their sizes at genesis, and to the instructions without which none of them grows, each of which
/// holds the most that it grows to. Nothing is believed here: no vote of workers and no word of a developer goes in, so a
/// proof can leave something out and never add anything. Invariant: `declaredBytes` of a program never falls, and is never
/// more than what a state of it can have.
contract ProgramMemory {
    /// @notice Sizes of memories and tables before the first call, with what leads to the genesis state's cold root
    /// (docs/proof-format.md section 2).
    struct GenesisSizes {
        /// Root of the memories, s(dirty, globals), and the right half of the cold tree.
        bytes32 memories;
        bytes32 written;
        bytes32 rest;
        /// The array `sizes` from its beginning; what is left out at its end is zero.
        bytes sizes;
    }

    /// @notice An instruction that grows a memory or a table.
    struct Growth {
        uint32 pc;
        /// The eight instructions among which it is, and the siblings of that leaf in the array `code`, lowest first.
        bytes leaf;
        bytes32[] siblings;
    }

    event Declared(bytes32 indexed program, uint64 declared);

    error SizesNotShown(bytes32 expected, bytes32 actual);
    error InstructionNotShown(uint32 pc);
    error NotGrowth(uint32 pc);
    error GrowthOutOfOrder(uint256 index);

    /// @dev Entries of `sizes`, four bytes each: those of the memories come first, then those of the tables.
    uint256 private constant FIRST_TABLE = 256;
    uint256 private constant PAGE_BYTES = 65_536;
    uint256 private constant SLOT_BYTES = 8;
    uint256 private constant INSTRUCTIONS_A_LEAF = 8;
    uint256 private constant INSTRUCTION_BYTES = 16;
    /// @dev Field b of a memory's growth that never succeeds (docs/machine.md section 9).
    uint256 private constant NEVER = type(uint32).max;
    /// @dev Places in a genesis witness (docs/proof-format.md sections 5 and 6): code, number of global slots, cold root.
    uint256 private constant CODE_PLACE = 0;
    uint256 private constant GLOBALS_PLACE = 132;
    uint256 private constant COLD_PLACE = 160;

    IStepJudge public immutable judge;

    /// @notice Bytes that a program was shown to declare, by its root; 0 if nobody has shown any.
    mapping(bytes32 program => uint64) public declaredBytes;

    constructor(IStepJudge judge_) {
        judge = judge_;
    }

    /// @notice Shows what a program declares; anyone may, at any time. What is less than was shown before changes nothing.
    /// @param genesisWitness code ‖ arrays ‖ configuration (docs/proof-format.md section 6).
    /// @param growths One for each memory or table that can grow: memories first, each by its number, ascending.
    /// @return program Its root.
    /// @return declared Bytes that are shown of it now.
    function show(
        bytes calldata genesisWitness,
        GenesisSizes calldata genesis,
        Growth[] calldata growths
    ) external returns (bytes32 program, uint64 declared) {
        (, program) = judge.genesis(genesisWitness);
        _requireSizes(genesis, _word(genesisWitness, COLD_PLACE));
        uint256 total = _sizeOf(genesis.sizes);
        total += (uint256(_word(genesisWitness, GLOBALS_PLACE)) >> 224) * SLOT_BYTES;
        bytes32 code = _word(genesisWitness, CODE_PLACE);
        uint256 least = 0;
        for (uint256 i = 0; i < growths.length; ++i) {
            (uint256 entry, uint256 most) = _growthOf(growths[i], code);
            // Each entry grows once.
            if (entry < least) revert GrowthOutOfOrder(i);
            least = entry + 1;
            uint256 size = _entryOf(genesis.sizes, entry);
            if (most > size) total += (most - size) * _unitOf(entry);
        }
        // Of a program that anything can run: 256 memories of 4 GiB, 256 tables of 2^24 entries, 2^20 globals.
        declared = total < type(uint64).max ? uint64(total) : type(uint64).max;
        if (declared <= declaredBytes[program]) return (program, declared);
        declaredBytes[program] = declared;
        emit Declared(program, declared);
    }

    /// @dev Requires sizes to be those of the genesis state with this cold root.
    function _requireSizes(GenesisSizes calldata genesis, bytes32 cold) private pure {
        bytes32 sizes = RunningInput.rootOf(genesis.sizes, uint8(SIZES >> 8));
        bytes32 left = Hash.state(Hash.state(genesis.memories, sizes), genesis.written);
        bytes32 actual = Hash.state(left, genesis.rest);
        if (actual != cold) revert SizesNotShown(cold, actual);
    }

    /// @dev Which entry of `sizes` an instruction of the program lets grow, and up to which size.
    function _growthOf(
        Growth calldata growth,
        bytes32 code
    ) private pure returns (uint256 entry, uint256 most) {
        uint32 pc = growth.pc;
        bool isShown =
            growth.leaf.length == RunningInput.LEAF_BYTES &&
                growth.siblings.length == CODE_DEPTH &&
                RunningInput.rootAbove(growth.leaf, 0, pc / INSTRUCTIONS_A_LEAF, growth.siblings) ==
                    code;
        if (!isShown) revert InstructionNotShown(pc);
        // op u16 · cost u16 · a u32 · b u32 · c u32, in the upper half of the word.
        uint256 instruction = uint256(
            _word(growth.leaf, (pc % INSTRUCTIONS_A_LEAF) * INSTRUCTION_BYTES)
        );
        uint256 op = instruction >> 240;
        entry = uint32(instruction >> 192);
        most = uint32(instruction >> 160);
        bool isMemory = op == MEMORY_GROW;
        bool isTable = op == TABLE_GROW || op == TABLE_GROW_I64;
        if ((!isMemory && !isTable) || entry >= FIRST_TABLE) revert NotGrowth(pc);
        if (isMemory && most == NEVER) most = 0;
        if (isTable) entry += FIRST_TABLE;
    }

    /// @dev Bytes of all memories and tables at genesis.
    function _sizeOf(bytes calldata sizes) private pure returns (uint256 total) {
        for (uint256 entry = 0; 4 * entry < sizes.length; ++entry) {
            total += _entryOf(sizes, entry) * _unitOf(entry);
        }
    }

    /// @dev Pages of a memory, entries of a table: four bytes, lowest first.
    function _entryOf(bytes calldata sizes, uint256 entry) private pure returns (uint256 size) {
        for (uint256 i = 0; i < 4 && 4 * entry + i < sizes.length; ++i) {
            size |= uint256(uint8(sizes[4 * entry + i])) << (8 * i);
        }
    }

    function _unitOf(uint256 entry) private pure returns (uint256) {
        return entry < FIRST_TABLE ? PAGE_BYTES : SLOT_BYTES;
    }

    /// @dev The 32 bytes at a place; zero behind the end.
    function _word(bytes calldata data, uint256 place) private pure returns (bytes32) {
        return bytes32(data[place:]);
    }
}
