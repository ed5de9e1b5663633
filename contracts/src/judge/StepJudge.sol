// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {
    FAMILY_ATOMIC,
    FAMILY_BULK,
    FAMILY_CONTROL,
    FAMILY_CONVERSION,
    FAMILY_FLOAT,
    FAMILY_HOST,
    FAMILY_INTEGER,
    FAMILY_MEMORY,
    FAMILY_PARAMETRIC,
    FAMILY_TABLE,
    FAMILY_VECTOR_CONVERSION,
    FAMILY_VECTOR_FLOAT,
    FAMILY_VECTOR_INTEGER,
    FAMILY_VECTOR_LANE,
    FAMILY_VECTOR_MEMORY,
    familyNumberOf
} from "./generated/Opcodes.sol";
import {IStepJudge, Registers} from "./IStepJudge.sol";
import {BeginCall} from "./state/BeginCall.sol";
import {Hash} from "./merkle/Hash.sol";
import {RegisterWords} from "./state/RegisterWords.sol";
import {Machine, RUNNING} from "./state/Machine.sol";

/// @title The judge: one step of any instruction, re-executed from its witness.
/// @notice Finds the contract of the instruction's family and lets it verify and execute the step; keeps no state.
/// The opcode that it looks at is not yet proven. A wrong one leads to a family that refuses the witness.
contract StepJudge is IStepJudge {
    /// @notice The contracts of the instruction families.
    struct Families {
        address control;
        address parametric;
        address integer;
        address float;
        address conversion;
        address memory_;
        address bulk;
        address table;
        address vectorMemory;
        address vectorLane;
        address vectorInteger;
        address vectorConversion;
        address vectorFloat;
        address atomic;
    }

    /// @notice No instruction may hold this code.
    error UnknownOpcode(uint256 op);
    /// @notice A register proof has another length than 128 bytes.
    error ProofLength(uint256 length);
    /// @notice A register proof belongs to another state.
    error RegisterMismatch(bytes32 expected, bytes32 actual);

    uint256 private constant PROOF_BYTES = 128;
    /// @dev Position of the opened code leaf in the witness of a running state: after control and counters.
    uint256 private constant CODE_LEAF = 64;
    uint256 private constant INSTRUCTIONS_A_LEAF = 8;
    uint256 private constant INSTRUCTION_BYTES = 16;

    address private immutable CONTROL;
    address private immutable PARAMETRIC;
    address private immutable INTEGER;
    address private immutable FLOAT;
    address private immutable CONVERSION;
    address private immutable MEMORY;
    address private immutable BULK;
    address private immutable TABLE;
    address private immutable VECTOR_MEMORY;
    address private immutable VECTOR_LANE;
    address private immutable VECTOR_INTEGER;
    address private immutable VECTOR_CONVERSION;
    address private immutable VECTOR_FLOAT;
    address private immutable ATOMIC;

    /// @notice Links the judge to its families.
    /// @param families Deployed family contracts.
    constructor(Families memory families) {
        CONTROL = families.control;
        PARAMETRIC = families.parametric;
        INTEGER = families.integer;
        FLOAT = families.float;
        CONVERSION = families.conversion;
        MEMORY = families.memory_;
        BULK = families.bulk;
        TABLE = families.table;
        VECTOR_MEMORY = families.vectorMemory;
        VECTOR_LANE = families.vectorLane;
        VECTOR_INTEGER = families.vectorInteger;
        VECTOR_CONVERSION = families.vectorConversion;
        VECTOR_FLOAT = families.vectorFloat;
        ATOMIC = families.atomic;
    }

    /// @inheritdoc IStepJudge
    function step(
        bytes32 preState,
        bytes calldata witness
    ) external view returns (bytes32 postState) {
        uint256 control = _word(witness, 0);
        if (RegisterWords.statusOf(control) != RUNNING) {
            _proveRegisters(preState, witness);
            return preState;
        }
        uint256 pc = RegisterWords.pcOf(control);
        uint256 instruction = _word(
            witness,
            CODE_LEAF + (pc % INSTRUCTIONS_A_LEAF) * INSTRUCTION_BYTES
        );
        _forward(familyOf(instruction >> 240));
    }

    /// @inheritdoc IStepJudge
    function begin(
        bytes32 preState,
        bytes32 inputRoot,
        uint32 inputLength,
        bytes calldata witness
    ) external pure returns (bytes32 postState, bytes32 programRoot) {
        if (RegisterWords.statusOf(_word(witness, 0)) == RUNNING) {
            return BeginCall.running(preState, inputRoot, inputLength, witness);
        }
        return BeginCall.halted(preState, inputRoot, inputLength, witness);
    }

    /// @inheritdoc IStepJudge
    function genesis(
        bytes calldata witness
    ) external pure returns (bytes32 state, bytes32 programRoot) {
        return BeginCall.genesis(witness);
    }

    /// @inheritdoc IStepJudge
    function registers(
        bytes32 state,
        bytes calldata proof
    ) external pure returns (Registers memory r) {
        (uint256 control, uint256 counters) = _proveRegisters(state, proof);
        Machine memory m;
        RegisterWords.unpack(m, control, counters);
        r.status = uint8(m.status);
        r.trap = uint8(m.trap);
        r.pc = uint32(m.pc);
        r.sp = uint32(m.sp);
        r.fp = uint32(m.fp);
        r.depth = uint32(m.depth);
        r.era = uint16(m.era);
        r.stepCounter = uint64(m.stepCounter);
        r.fuelCounter = uint64(m.fuelCounter);
        r.fuelLimit = uint64(m.fuelLimit);
        r.inputLength = uint32(m.inputLength);
    }

    /// @notice The contract that judges an opcode.
    /// @param op Code of the instruction table.
    /// @return family Address of the family's contract.
    function familyOf(uint256 op) public view returns (address family) {
        uint256 number = familyNumberOf(op);
        if (number == FAMILY_CONTROL) return CONTROL;
        if (number == FAMILY_PARAMETRIC) return PARAMETRIC;
        if (number == FAMILY_INTEGER) return INTEGER;
        if (number == FAMILY_FLOAT) return FLOAT;
        if (number == FAMILY_CONVERSION) return CONVERSION;
        if (number == FAMILY_MEMORY) return MEMORY;
        if (number == FAMILY_BULK || number == FAMILY_HOST) return BULK;
        if (number == FAMILY_TABLE) return TABLE;
        if (number == FAMILY_VECTOR_MEMORY) return VECTOR_MEMORY;
        if (number == FAMILY_VECTOR_LANE) return VECTOR_LANE;
        if (number == FAMILY_VECTOR_INTEGER) return VECTOR_INTEGER;
        if (number == FAMILY_VECTOR_CONVERSION) return VECTOR_CONVERSION;
        if (number == FAMILY_VECTOR_FLOAT) return VECTOR_FLOAT;
        if (number == FAMILY_ATOMIC) return ATOMIC;
        revert UnknownOpcode(op);
    }

    /// @dev Calls a family with this call's data and ends with its answer or its error.
    function _forward(address family) private view {
        assembly ("memory-safe") {
            let pointer := mload(0x40)
            calldatacopy(pointer, 0, calldatasize())
            let success := staticcall(gas(), family, pointer, calldatasize(), 0, 0)
            returndatacopy(pointer, 0, returndatasize())
            if success {
                return(pointer, returndatasize())
            }
            revert(pointer, returndatasize())
        }
    }

    /// @dev Proves control and counters against a state hash (docs/proof-format.md section 2).
    function _proveRegisters(
        bytes32 state,
        bytes calldata proof
    ) private pure returns (uint256 control, uint256 counters) {
        if (proof.length != PROOF_BYTES) revert ProofLength(proof.length);
        (control, counters) = (_word(proof, 0), _word(proof, 32));
        bytes32 hot = Hash.state(
            Hash.state(bytes32(control), bytes32(counters)),
            bytes32(_word(proof, 64))
        );
        bytes32 actual = Hash.state(hot, bytes32(_word(proof, 96)));
        if (actual != state) revert RegisterMismatch(state, actual);
    }

    /// @dev The 32 bytes at an offset; what lies beyond the end is not part of the witness, and a family refuses it.
    function _word(bytes calldata data, uint256 offset) private pure returns (uint256 word) {
        assembly ("memory-safe") {
            word := calldataload(add(data.offset, offset))
        }
    }
}
