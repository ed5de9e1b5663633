/**
 * The instruction table: the one place where an opcode, a mnemonic, an immediate kind, a signature, a
 * fuel class, the possible traps and the arrays that a step opens are written down.
 * WebAssembly core specification 2.0 §5.4 (binary codes) and §7.1 (index of instructions), plus the
 * tail-call rows of 3.0 and the closed list of host instructions (docs/machine.md §8).
 *
 * Invariant: everything else (decoder, validator, lowering, reference, replay, fast path, disassembler,
 * generated Solidity and documentation) reads these rows; no opcode literal stands anywhere else.
 */

import * as check from "../numeric/checks.ts";
import * as convert from "../numeric/convert.ts";
import * as f32 from "../numeric/f32.ts";
import * as f64 from "../numeric/f64.ts";
import * as float from "../numeric/float.ts";
import * as i32 from "../numeric/i32.ts";
import * as i64 from "../numeric/i64.ts";
import * as divide from "../numeric/i64Divide.ts";
import { atomicInstructions } from "./atomicTable.ts";
import type { InstructionRow } from "./instructionRow.ts";
import { vectorInstructions } from "./vectorTable.ts";

export type {
  Family,
  FuelClass,
  ImmediateKind,
  InstructionFeature,
  InstructionRow,
  OpenedArray,
} from "./instructionRow.ts";

// biome-ignore format: one row an instruction, one line a row
const scalarInstructions = [
  { op: 0x0100, code: 0x00, mnemonic: "unreachable", immediates: "none", signature: "", fuel: "branch", family: "control", traps: ["unreachable"], opens: [], feature: "mvp" },
  { op: 0x0101, code: 0x01, mnemonic: "nop", immediates: "none", signature: "", fuel: "simple", family: "control", traps: [], opens: [], feature: "mvp" },
  { code: 0x02, mnemonic: "block", immediates: "block", signature: null, fuel: "none", family: "structure", traps: [], opens: [], feature: "mvp" },
  { code: 0x03, mnemonic: "loop", immediates: "block", signature: null, fuel: "none", family: "structure", traps: [], opens: [], feature: "mvp" },
  { op: 0x0102, code: 0x04, mnemonic: "if", immediates: "block", signature: null, fuel: "condition", family: "control", traps: [], opens: ["stack"], feature: "mvp" },
  { op: 0x0103, code: 0x05, mnemonic: "else", immediates: "none", signature: null, fuel: "branch", family: "control", traps: [], opens: [], feature: "mvp" },
  { code: 0x0b, mnemonic: "end", immediates: "none", signature: null, fuel: "none", family: "structure", traps: [], opens: [], feature: "mvp" },
  { op: 0x0104, code: 0x0c, mnemonic: "br", immediates: "label", signature: null, fuel: "branch", family: "control", traps: [], opens: ["stack"], feature: "mvp" },
  { op: 0x0105, code: 0x0d, mnemonic: "br_if", immediates: "label", signature: null, fuel: "condition", family: "control", traps: [], opens: ["stack"], feature: "mvp" },
  { op: 0x0106, code: 0x0e, mnemonic: "br_table", immediates: "labels", signature: null, fuel: "branchTable", family: "control", traps: [], opens: ["stack", "branches"], feature: "mvp" },
  { op: 0x0107, code: 0x0f, mnemonic: "return", immediates: "none", signature: null, fuel: "return", family: "control", traps: [], opens: ["stack", "frames"], feature: "mvp" },
  { op: 0x0108, code: 0x10, mnemonic: "call", immediates: "function", signature: null, fuel: "call", family: "control", traps: ["callStackExhausted"], opens: ["frames"], feature: "mvp" },
  { op: 0x0109, code: 0x11, mnemonic: "call_indirect", immediates: "typeTable", signature: null, fuel: "callIndirect", family: "control", traps: ["undefinedElement", "uninitializedElement", "indirectCallTypeMismatch", "callStackExhausted"], opens: ["stack", "sizes", "tables", "functions", "frames"], feature: "mvp" },
  { op: 0x010a, code: 0x12, mnemonic: "return_call", immediates: "function", signature: null, fuel: "call", family: "control", traps: ["callStackExhausted"], opens: ["stack"], feature: "tailCalls" },
  { op: 0x010b, code: 0x13, mnemonic: "return_call_indirect", immediates: "typeTable", signature: null, fuel: "callIndirect", family: "control", traps: ["undefinedElement", "uninitializedElement", "indirectCallTypeMismatch", "callStackExhausted"], opens: ["stack", "sizes", "tables", "functions"], feature: "tailCalls" },
  { op: 0x0200, code: 0x1a, mnemonic: "drop", immediates: "none", signature: null, fuel: "simple", family: "parametric", traps: [], opens: ["stack"], feature: "mvp", ofVector: "drop.v128" },
  { op: 0x0201, code: 0x1b, mnemonic: "select", immediates: "none", signature: null, fuel: "shift", family: "parametric", traps: [], opens: ["stack"], feature: "mvp", ofVector: "select.v128" },
  { code: 0x1c, mnemonic: "select_t", immediates: "types", signature: null, fuel: "none", family: "structure", traps: [], opens: [], feature: "referenceTypes" },
  { op: 0x0202, code: 0x20, mnemonic: "local.get", immediates: "local", signature: null, fuel: "local", family: "parametric", traps: [], opens: ["stack"], feature: "mvp", ofVector: "local.get.v128" },
  { op: 0x0203, code: 0x21, mnemonic: "local.set", immediates: "local", signature: null, fuel: "local", family: "parametric", traps: [], opens: ["stack"], feature: "mvp", ofVector: "local.set.v128" },
  { op: 0x0204, code: 0x22, mnemonic: "local.tee", immediates: "local", signature: null, fuel: "local", family: "parametric", traps: [], opens: ["stack"], feature: "mvp", ofVector: "local.tee.v128" },
  { op: 0x0205, code: 0x23, mnemonic: "global.get", immediates: "global", signature: null, fuel: "global", family: "parametric", traps: [], opens: ["stack", "globals"], feature: "mvp", ofVector: "global.get.v128" },
  { op: 0x0206, code: 0x24, mnemonic: "global.set", immediates: "global", signature: null, fuel: "globalWrite", family: "parametric", traps: [], opens: ["stack", "globals"], feature: "mvp", ofVector: "global.set.v128" },
  { op: 0x0800, code: 0x25, mnemonic: "table.get", immediates: "table", signature: null, fuel: "service", family: "table", traps: ["outOfBoundsTable"], opens: ["stack", "sizes", "tables"], feature: "referenceTypes" },
  { op: 0x0801, code: 0x26, mnemonic: "table.set", immediates: "table", signature: null, fuel: "tableWrite", family: "table", traps: ["outOfBoundsTable"], opens: ["stack", "sizes", "tables"], feature: "referenceTypes" },
  { op: 0x0600, code: 0x28, mnemonic: "i32.load", immediates: "memarg", signature: "i:i", fuel: "load", family: "memory", traps: ["outOfBoundsMemory"], opens: ["stack", "sizes", "memory"], feature: "mvp", width: 4, access: "load" },
  { op: 0x0601, code: 0x29, mnemonic: "i64.load", immediates: "memarg", signature: "i:I", fuel: "load", family: "memory", traps: ["outOfBoundsMemory"], opens: ["stack", "sizes", "memory"], feature: "mvp", width: 8, access: "load" },
  { op: 0x0602, code: 0x2a, mnemonic: "f32.load", immediates: "memarg", signature: "i:f", fuel: "load", family: "memory", traps: ["outOfBoundsMemory"], opens: ["stack", "sizes", "memory"], feature: "mvp", width: 4, access: "load" },
  { op: 0x0603, code: 0x2b, mnemonic: "f64.load", immediates: "memarg", signature: "i:F", fuel: "load", family: "memory", traps: ["outOfBoundsMemory"], opens: ["stack", "sizes", "memory"], feature: "mvp", width: 8, access: "load" },
  { op: 0x0604, code: 0x2c, mnemonic: "i32.load8_s", immediates: "memarg", signature: "i:i", fuel: "load", family: "memory", traps: ["outOfBoundsMemory"], opens: ["stack", "sizes", "memory"], feature: "mvp", width: 1, access: "load", signExtends: 32 },
  { op: 0x0605, code: 0x2d, mnemonic: "i32.load8_u", immediates: "memarg", signature: "i:i", fuel: "load", family: "memory", traps: ["outOfBoundsMemory"], opens: ["stack", "sizes", "memory"], feature: "mvp", width: 1, access: "load" },
  { op: 0x0606, code: 0x2e, mnemonic: "i32.load16_s", immediates: "memarg", signature: "i:i", fuel: "load", family: "memory", traps: ["outOfBoundsMemory"], opens: ["stack", "sizes", "memory"], feature: "mvp", width: 2, access: "load", signExtends: 32 },
  { op: 0x0607, code: 0x2f, mnemonic: "i32.load16_u", immediates: "memarg", signature: "i:i", fuel: "load", family: "memory", traps: ["outOfBoundsMemory"], opens: ["stack", "sizes", "memory"], feature: "mvp", width: 2, access: "load" },
  { op: 0x0608, code: 0x30, mnemonic: "i64.load8_s", immediates: "memarg", signature: "i:I", fuel: "load", family: "memory", traps: ["outOfBoundsMemory"], opens: ["stack", "sizes", "memory"], feature: "mvp", width: 1, access: "load", signExtends: 64 },
  { op: 0x0609, code: 0x31, mnemonic: "i64.load8_u", immediates: "memarg", signature: "i:I", fuel: "load", family: "memory", traps: ["outOfBoundsMemory"], opens: ["stack", "sizes", "memory"], feature: "mvp", width: 1, access: "load" },
  { op: 0x060a, code: 0x32, mnemonic: "i64.load16_s", immediates: "memarg", signature: "i:I", fuel: "load", family: "memory", traps: ["outOfBoundsMemory"], opens: ["stack", "sizes", "memory"], feature: "mvp", width: 2, access: "load", signExtends: 64 },
  { op: 0x060b, code: 0x33, mnemonic: "i64.load16_u", immediates: "memarg", signature: "i:I", fuel: "load", family: "memory", traps: ["outOfBoundsMemory"], opens: ["stack", "sizes", "memory"], feature: "mvp", width: 2, access: "load" },
  { op: 0x060c, code: 0x34, mnemonic: "i64.load32_s", immediates: "memarg", signature: "i:I", fuel: "load", family: "memory", traps: ["outOfBoundsMemory"], opens: ["stack", "sizes", "memory"], feature: "mvp", width: 4, access: "load", signExtends: 64 },
  { op: 0x060d, code: 0x35, mnemonic: "i64.load32_u", immediates: "memarg", signature: "i:I", fuel: "load", family: "memory", traps: ["outOfBoundsMemory"], opens: ["stack", "sizes", "memory"], feature: "mvp", width: 4, access: "load" },
  { op: 0x060e, code: 0x36, mnemonic: "i32.store", immediates: "memarg", signature: "ii:", fuel: "store", family: "memory", traps: ["outOfBoundsMemory"], opens: ["stack", "sizes", "dirty", "memory"], feature: "mvp", width: 4, access: "store" },
  { op: 0x060f, code: 0x37, mnemonic: "i64.store", immediates: "memarg", signature: "iI:", fuel: "store", family: "memory", traps: ["outOfBoundsMemory"], opens: ["stack", "sizes", "dirty", "memory"], feature: "mvp", width: 8, access: "store" },
  { op: 0x0610, code: 0x38, mnemonic: "f32.store", immediates: "memarg", signature: "if:", fuel: "store", family: "memory", traps: ["outOfBoundsMemory"], opens: ["stack", "sizes", "dirty", "memory"], feature: "mvp", width: 4, access: "store" },
  { op: 0x0611, code: 0x39, mnemonic: "f64.store", immediates: "memarg", signature: "iF:", fuel: "store", family: "memory", traps: ["outOfBoundsMemory"], opens: ["stack", "sizes", "dirty", "memory"], feature: "mvp", width: 8, access: "store" },
  { op: 0x0612, code: 0x3a, mnemonic: "i32.store8", immediates: "memarg", signature: "ii:", fuel: "store", family: "memory", traps: ["outOfBoundsMemory"], opens: ["stack", "sizes", "dirty", "memory"], feature: "mvp", width: 1, access: "store" },
  { op: 0x0613, code: 0x3b, mnemonic: "i32.store16", immediates: "memarg", signature: "ii:", fuel: "store", family: "memory", traps: ["outOfBoundsMemory"], opens: ["stack", "sizes", "dirty", "memory"], feature: "mvp", width: 2, access: "store" },
  { op: 0x0614, code: 0x3c, mnemonic: "i64.store8", immediates: "memarg", signature: "iI:", fuel: "store", family: "memory", traps: ["outOfBoundsMemory"], opens: ["stack", "sizes", "dirty", "memory"], feature: "mvp", width: 1, access: "store" },
  { op: 0x0615, code: 0x3d, mnemonic: "i64.store16", immediates: "memarg", signature: "iI:", fuel: "store", family: "memory", traps: ["outOfBoundsMemory"], opens: ["stack", "sizes", "dirty", "memory"], feature: "mvp", width: 2, access: "store" },
  { op: 0x0616, code: 0x3e, mnemonic: "i64.store32", immediates: "memarg", signature: "iI:", fuel: "store", family: "memory", traps: ["outOfBoundsMemory"], opens: ["stack", "sizes", "dirty", "memory"], feature: "mvp", width: 4, access: "store" },
  { op: 0x0617, code: 0x3f, mnemonic: "memory.size", immediates: "memory", signature: ":i", fuel: "global", family: "memory", traps: [], opens: ["stack", "sizes"], feature: "mvp" },
  { op: 0x0618, code: 0x40, mnemonic: "memory.grow", immediates: "memory", signature: "i:i", fuel: "grow", family: "memory", traps: [], opens: ["stack", "sizes"], feature: "mvp" },
  { op: 0x0207, code: 0x41, mnemonic: "i32.const", immediates: "i32", signature: ":i", fuel: "const", family: "parametric", traps: [], opens: ["stack"], feature: "mvp" },
  { op: 0x0208, code: 0x42, mnemonic: "i64.const", immediates: "i64", signature: ":I", fuel: "const", family: "parametric", traps: [], opens: ["stack"], feature: "mvp" },
  { op: 0x0209, code: 0x43, mnemonic: "f32.const", immediates: "f32", signature: ":f", fuel: "const", family: "parametric", traps: [], opens: ["stack"], feature: "mvp" },
  { op: 0x020a, code: 0x44, mnemonic: "f64.const", immediates: "f64", signature: ":F", fuel: "const", family: "parametric", traps: [], opens: ["stack"], feature: "mvp" },
  { op: 0x0300, code: 0x45, mnemonic: "i32.eqz", immediates: "none", signature: "i:i", fuel: "compare", family: "integer", traps: [], opens: ["stack"], feature: "mvp", isTest: true, kernel: i32.eqz },
  { op: 0x0301, code: 0x46, mnemonic: "i32.eq", immediates: "none", signature: "ii:i", fuel: "compare", family: "integer", traps: [], opens: ["stack"], feature: "mvp", isTest: true, inverse: "i32.ne", kernel: i32.eq },
  { op: 0x0302, code: 0x47, mnemonic: "i32.ne", immediates: "none", signature: "ii:i", fuel: "compare", family: "integer", traps: [], opens: ["stack"], feature: "mvp", isTest: true, inverse: "i32.eq", kernel: i32.ne },
  { op: 0x0303, code: 0x48, mnemonic: "i32.lt_s", immediates: "none", signature: "ii:i", fuel: "compare", family: "integer", traps: [], opens: ["stack"], feature: "mvp", isTest: true, inverse: "i32.ge_s", kernel: i32.ltS },
  { op: 0x0304, code: 0x49, mnemonic: "i32.lt_u", immediates: "none", signature: "ii:i", fuel: "compare", family: "integer", traps: [], opens: ["stack"], feature: "mvp", isTest: true, inverse: "i32.ge_u", kernel: i32.ltU },
  { op: 0x0305, code: 0x4a, mnemonic: "i32.gt_s", immediates: "none", signature: "ii:i", fuel: "compare", family: "integer", traps: [], opens: ["stack"], feature: "mvp", isTest: true, inverse: "i32.le_s", kernel: i32.gtS },
  { op: 0x0306, code: 0x4b, mnemonic: "i32.gt_u", immediates: "none", signature: "ii:i", fuel: "compare", family: "integer", traps: [], opens: ["stack"], feature: "mvp", isTest: true, inverse: "i32.le_u", kernel: i32.gtU },
  { op: 0x0307, code: 0x4c, mnemonic: "i32.le_s", immediates: "none", signature: "ii:i", fuel: "compare", family: "integer", traps: [], opens: ["stack"], feature: "mvp", isTest: true, inverse: "i32.gt_s", kernel: i32.leS },
  { op: 0x0308, code: 0x4d, mnemonic: "i32.le_u", immediates: "none", signature: "ii:i", fuel: "compare", family: "integer", traps: [], opens: ["stack"], feature: "mvp", isTest: true, inverse: "i32.gt_u", kernel: i32.leU },
  { op: 0x0309, code: 0x4e, mnemonic: "i32.ge_s", immediates: "none", signature: "ii:i", fuel: "compare", family: "integer", traps: [], opens: ["stack"], feature: "mvp", isTest: true, inverse: "i32.lt_s", kernel: i32.geS },
  { op: 0x030a, code: 0x4f, mnemonic: "i32.ge_u", immediates: "none", signature: "ii:i", fuel: "compare", family: "integer", traps: [], opens: ["stack"], feature: "mvp", isTest: true, inverse: "i32.lt_u", kernel: i32.geU },
  { op: 0x030b, code: 0x50, mnemonic: "i64.eqz", immediates: "none", signature: "I:i", fuel: "compare", family: "integer", traps: [], opens: ["stack"], feature: "mvp", isTest: true, kernel: i64.eqz },
  { op: 0x030c, code: 0x51, mnemonic: "i64.eq", immediates: "none", signature: "II:i", fuel: "compare", family: "integer", traps: [], opens: ["stack"], feature: "mvp", isTest: true, inverse: "i64.ne", kernel: i64.eq },
  { op: 0x030d, code: 0x52, mnemonic: "i64.ne", immediates: "none", signature: "II:i", fuel: "compare", family: "integer", traps: [], opens: ["stack"], feature: "mvp", isTest: true, inverse: "i64.eq", kernel: i64.ne },
  { op: 0x030e, code: 0x53, mnemonic: "i64.lt_s", immediates: "none", signature: "II:i", fuel: "compare", family: "integer", traps: [], opens: ["stack"], feature: "mvp", isTest: true, inverse: "i64.ge_s", kernel: i64.ltS },
  { op: 0x030f, code: 0x54, mnemonic: "i64.lt_u", immediates: "none", signature: "II:i", fuel: "compare", family: "integer", traps: [], opens: ["stack"], feature: "mvp", isTest: true, inverse: "i64.ge_u", kernel: i64.ltU },
  { op: 0x0310, code: 0x55, mnemonic: "i64.gt_s", immediates: "none", signature: "II:i", fuel: "compare", family: "integer", traps: [], opens: ["stack"], feature: "mvp", isTest: true, inverse: "i64.le_s", kernel: i64.gtS },
  { op: 0x0311, code: 0x56, mnemonic: "i64.gt_u", immediates: "none", signature: "II:i", fuel: "compare", family: "integer", traps: [], opens: ["stack"], feature: "mvp", isTest: true, inverse: "i64.le_u", kernel: i64.gtU },
  { op: 0x0312, code: 0x57, mnemonic: "i64.le_s", immediates: "none", signature: "II:i", fuel: "compare", family: "integer", traps: [], opens: ["stack"], feature: "mvp", isTest: true, inverse: "i64.gt_s", kernel: i64.leS },
  { op: 0x0313, code: 0x58, mnemonic: "i64.le_u", immediates: "none", signature: "II:i", fuel: "compare", family: "integer", traps: [], opens: ["stack"], feature: "mvp", isTest: true, inverse: "i64.gt_u", kernel: i64.leU },
  { op: 0x0314, code: 0x59, mnemonic: "i64.ge_s", immediates: "none", signature: "II:i", fuel: "compare", family: "integer", traps: [], opens: ["stack"], feature: "mvp", isTest: true, inverse: "i64.lt_s", kernel: i64.geS },
  { op: 0x0315, code: 0x5a, mnemonic: "i64.ge_u", immediates: "none", signature: "II:i", fuel: "compare", family: "integer", traps: [], opens: ["stack"], feature: "mvp", isTest: true, inverse: "i64.lt_u", kernel: i64.geU },
  { op: 0x0400, code: 0x5b, mnemonic: "f32.eq", immediates: "none", signature: "ff:i", fuel: "floatCompare", family: "float", traps: [], opens: ["stack"], feature: "mvp", isTest: true, kernel: float.eq },
  { op: 0x0401, code: 0x5c, mnemonic: "f32.ne", immediates: "none", signature: "ff:i", fuel: "floatCompare", family: "float", traps: [], opens: ["stack"], feature: "mvp", isTest: true, kernel: float.ne },
  { op: 0x0402, code: 0x5d, mnemonic: "f32.lt", immediates: "none", signature: "ff:i", fuel: "floatCompare", family: "float", traps: [], opens: ["stack"], feature: "mvp", isTest: true, kernel: float.lt },
  { op: 0x0403, code: 0x5e, mnemonic: "f32.gt", immediates: "none", signature: "ff:i", fuel: "floatCompare", family: "float", traps: [], opens: ["stack"], feature: "mvp", isTest: true, kernel: float.gt },
  { op: 0x0404, code: 0x5f, mnemonic: "f32.le", immediates: "none", signature: "ff:i", fuel: "floatCompare", family: "float", traps: [], opens: ["stack"], feature: "mvp", isTest: true, kernel: float.le },
  { op: 0x0405, code: 0x60, mnemonic: "f32.ge", immediates: "none", signature: "ff:i", fuel: "floatCompare", family: "float", traps: [], opens: ["stack"], feature: "mvp", isTest: true, kernel: float.ge },
  { op: 0x0406, code: 0x61, mnemonic: "f64.eq", immediates: "none", signature: "FF:i", fuel: "floatCompare", family: "float", traps: [], opens: ["stack"], feature: "mvp", isTest: true, kernel: float.eq },
  { op: 0x0407, code: 0x62, mnemonic: "f64.ne", immediates: "none", signature: "FF:i", fuel: "floatCompare", family: "float", traps: [], opens: ["stack"], feature: "mvp", isTest: true, kernel: float.ne },
  { op: 0x0408, code: 0x63, mnemonic: "f64.lt", immediates: "none", signature: "FF:i", fuel: "floatCompare", family: "float", traps: [], opens: ["stack"], feature: "mvp", isTest: true, kernel: float.lt },
  { op: 0x0409, code: 0x64, mnemonic: "f64.gt", immediates: "none", signature: "FF:i", fuel: "floatCompare", family: "float", traps: [], opens: ["stack"], feature: "mvp", isTest: true, kernel: float.gt },
  { op: 0x040a, code: 0x65, mnemonic: "f64.le", immediates: "none", signature: "FF:i", fuel: "floatCompare", family: "float", traps: [], opens: ["stack"], feature: "mvp", isTest: true, kernel: float.le },
  { op: 0x040b, code: 0x66, mnemonic: "f64.ge", immediates: "none", signature: "FF:i", fuel: "floatCompare", family: "float", traps: [], opens: ["stack"], feature: "mvp", isTest: true, kernel: float.ge },
  { op: 0x0316, code: 0x67, mnemonic: "i32.clz", immediates: "none", signature: "i:i", fuel: "multiply", family: "integer", traps: [], opens: ["stack"], feature: "mvp", kernel: i32.clz },
  { op: 0x0317, code: 0x68, mnemonic: "i32.ctz", immediates: "none", signature: "i:i", fuel: "multiply", family: "integer", traps: [], opens: ["stack"], feature: "mvp", kernel: i32.ctz },
  { op: 0x0318, code: 0x69, mnemonic: "i32.popcnt", immediates: "none", signature: "i:i", fuel: "multiply", family: "integer", traps: [], opens: ["stack"], feature: "mvp", kernel: i32.popcnt },
  { op: 0x0319, code: 0x6a, mnemonic: "i32.add", immediates: "none", signature: "ii:i", fuel: "simple", family: "integer", traps: [], opens: ["stack"], feature: "mvp", kernel: i32.add },
  { op: 0x031a, code: 0x6b, mnemonic: "i32.sub", immediates: "none", signature: "ii:i", fuel: "simple", family: "integer", traps: [], opens: ["stack"], feature: "mvp", kernel: i32.sub },
  { op: 0x031b, code: 0x6c, mnemonic: "i32.mul", immediates: "none", signature: "ii:i", fuel: "multiply", family: "integer", traps: [], opens: ["stack"], feature: "mvp", kernel: i32.mul },
  { op: 0x031c, code: 0x6d, mnemonic: "i32.div_s", immediates: "none", signature: "ii:i", fuel: "divide", family: "integer", traps: ["integerDivideByZero", "integerOverflow"], opens: ["stack"], feature: "mvp", kernel: i32.divS, check: check.i32DivS },
  { op: 0x031d, code: 0x6e, mnemonic: "i32.div_u", immediates: "none", signature: "ii:i", fuel: "divide", family: "integer", traps: ["integerDivideByZero"], opens: ["stack"], feature: "mvp", kernel: i32.divU, check: check.i32Divisor },
  { op: 0x031e, code: 0x6f, mnemonic: "i32.rem_s", immediates: "none", signature: "ii:i", fuel: "divide", family: "integer", traps: ["integerDivideByZero"], opens: ["stack"], feature: "mvp", kernel: i32.remS, check: check.i32Divisor },
  { op: 0x031f, code: 0x70, mnemonic: "i32.rem_u", immediates: "none", signature: "ii:i", fuel: "divide", family: "integer", traps: ["integerDivideByZero"], opens: ["stack"], feature: "mvp", kernel: i32.remU, check: check.i32Divisor },
  { op: 0x0320, code: 0x71, mnemonic: "i32.and", immediates: "none", signature: "ii:i", fuel: "simple", family: "integer", traps: [], opens: ["stack"], feature: "mvp", kernel: i32.and },
  { op: 0x0321, code: 0x72, mnemonic: "i32.or", immediates: "none", signature: "ii:i", fuel: "simple", family: "integer", traps: [], opens: ["stack"], feature: "mvp", kernel: i32.or },
  { op: 0x0322, code: 0x73, mnemonic: "i32.xor", immediates: "none", signature: "ii:i", fuel: "simple", family: "integer", traps: [], opens: ["stack"], feature: "mvp", kernel: i32.xor },
  { op: 0x0323, code: 0x74, mnemonic: "i32.shl", immediates: "none", signature: "ii:i", fuel: "shift", family: "integer", traps: [], opens: ["stack"], feature: "mvp", kernel: i32.shl },
  { op: 0x0324, code: 0x75, mnemonic: "i32.shr_s", immediates: "none", signature: "ii:i", fuel: "shift", family: "integer", traps: [], opens: ["stack"], feature: "mvp", kernel: i32.shrS },
  { op: 0x0325, code: 0x76, mnemonic: "i32.shr_u", immediates: "none", signature: "ii:i", fuel: "shift", family: "integer", traps: [], opens: ["stack"], feature: "mvp", kernel: i32.shrU },
  { op: 0x0326, code: 0x77, mnemonic: "i32.rotl", immediates: "none", signature: "ii:i", fuel: "shift", family: "integer", traps: [], opens: ["stack"], feature: "mvp", kernel: i32.rotl },
  { op: 0x0327, code: 0x78, mnemonic: "i32.rotr", immediates: "none", signature: "ii:i", fuel: "shift", family: "integer", traps: [], opens: ["stack"], feature: "mvp", kernel: i32.rotr },
  { op: 0x0328, code: 0x79, mnemonic: "i64.clz", immediates: "none", signature: "I:I", fuel: "multiply", family: "integer", traps: [], opens: ["stack"], feature: "mvp", kernel: i64.clz },
  { op: 0x0329, code: 0x7a, mnemonic: "i64.ctz", immediates: "none", signature: "I:I", fuel: "multiply", family: "integer", traps: [], opens: ["stack"], feature: "mvp", kernel: i64.ctz },
  { op: 0x032a, code: 0x7b, mnemonic: "i64.popcnt", immediates: "none", signature: "I:I", fuel: "multiply", family: "integer", traps: [], opens: ["stack"], feature: "mvp", kernel: i64.popcnt },
  { op: 0x032b, code: 0x7c, mnemonic: "i64.add", immediates: "none", signature: "II:I", fuel: "simple", family: "integer", traps: [], opens: ["stack"], feature: "mvp", kernel: i64.add },
  { op: 0x032c, code: 0x7d, mnemonic: "i64.sub", immediates: "none", signature: "II:I", fuel: "simple", family: "integer", traps: [], opens: ["stack"], feature: "mvp", kernel: i64.sub },
  { op: 0x032d, code: 0x7e, mnemonic: "i64.mul", immediates: "none", signature: "II:I", fuel: "multiply", family: "integer", traps: [], opens: ["stack"], feature: "mvp", kernel: i64.mul },
  { op: 0x032e, code: 0x7f, mnemonic: "i64.div_s", immediates: "none", signature: "II:I", fuel: "divide", family: "integer", traps: ["integerDivideByZero", "integerOverflow"], opens: ["stack"], feature: "mvp", kernel: divide.divS, check: check.i64DivS },
  { op: 0x032f, code: 0x80, mnemonic: "i64.div_u", immediates: "none", signature: "II:I", fuel: "divide", family: "integer", traps: ["integerDivideByZero"], opens: ["stack"], feature: "mvp", kernel: divide.divU, check: check.i64Divisor },
  { op: 0x0330, code: 0x81, mnemonic: "i64.rem_s", immediates: "none", signature: "II:I", fuel: "divide", family: "integer", traps: ["integerDivideByZero"], opens: ["stack"], feature: "mvp", kernel: divide.remS, check: check.i64Divisor },
  { op: 0x0331, code: 0x82, mnemonic: "i64.rem_u", immediates: "none", signature: "II:I", fuel: "divide", family: "integer", traps: ["integerDivideByZero"], opens: ["stack"], feature: "mvp", kernel: divide.remU, check: check.i64Divisor },
  { op: 0x0332, code: 0x83, mnemonic: "i64.and", immediates: "none", signature: "II:I", fuel: "simple", family: "integer", traps: [], opens: ["stack"], feature: "mvp", kernel: i64.and },
  { op: 0x0333, code: 0x84, mnemonic: "i64.or", immediates: "none", signature: "II:I", fuel: "simple", family: "integer", traps: [], opens: ["stack"], feature: "mvp", kernel: i64.or },
  { op: 0x0334, code: 0x85, mnemonic: "i64.xor", immediates: "none", signature: "II:I", fuel: "simple", family: "integer", traps: [], opens: ["stack"], feature: "mvp", kernel: i64.xor },
  { op: 0x0335, code: 0x86, mnemonic: "i64.shl", immediates: "none", signature: "II:I", fuel: "shift", family: "integer", traps: [], opens: ["stack"], feature: "mvp", kernel: i64.shl },
  { op: 0x0336, code: 0x87, mnemonic: "i64.shr_s", immediates: "none", signature: "II:I", fuel: "shift", family: "integer", traps: [], opens: ["stack"], feature: "mvp", kernel: i64.shrS },
  { op: 0x0337, code: 0x88, mnemonic: "i64.shr_u", immediates: "none", signature: "II:I", fuel: "shift", family: "integer", traps: [], opens: ["stack"], feature: "mvp", kernel: i64.shrU },
  { op: 0x0338, code: 0x89, mnemonic: "i64.rotl", immediates: "none", signature: "II:I", fuel: "shift", family: "integer", traps: [], opens: ["stack"], feature: "mvp", kernel: i64.rotl },
  { op: 0x0339, code: 0x8a, mnemonic: "i64.rotr", immediates: "none", signature: "II:I", fuel: "shift", family: "integer", traps: [], opens: ["stack"], feature: "mvp", kernel: i64.rotr },
  { op: 0x040c, code: 0x8b, mnemonic: "f32.abs", immediates: "none", signature: "f:f", fuel: "float", family: "float", traps: [], opens: ["stack"], feature: "mvp", worksOnBits: true, kernel: f32.abs },
  { op: 0x040d, code: 0x8c, mnemonic: "f32.neg", immediates: "none", signature: "f:f", fuel: "float", family: "float", traps: [], opens: ["stack"], feature: "mvp", worksOnBits: true, kernel: f32.neg },
  { op: 0x040e, code: 0x8d, mnemonic: "f32.ceil", immediates: "none", signature: "f:f", fuel: "floatRound", family: "float", traps: [], opens: ["stack"], feature: "mvp", mayMakeNan: true, kernel: float.ceil },
  { op: 0x040f, code: 0x8e, mnemonic: "f32.floor", immediates: "none", signature: "f:f", fuel: "floatRound", family: "float", traps: [], opens: ["stack"], feature: "mvp", mayMakeNan: true, kernel: float.floor },
  { op: 0x0410, code: 0x8f, mnemonic: "f32.trunc", immediates: "none", signature: "f:f", fuel: "floatRound", family: "float", traps: [], opens: ["stack"], feature: "mvp", mayMakeNan: true, kernel: float.trunc },
  { op: 0x0411, code: 0x90, mnemonic: "f32.nearest", immediates: "none", signature: "f:f", fuel: "floatRound", family: "float", traps: [], opens: ["stack"], feature: "mvp", mayMakeNan: true, kernel: float.nearest },
  { op: 0x0412, code: 0x91, mnemonic: "f32.sqrt", immediates: "none", signature: "f:f", fuel: "floatDivide", family: "float", traps: [], opens: ["stack"], feature: "mvp", mayMakeNan: true, kernel: f32.sqrt },
  { op: 0x0413, code: 0x92, mnemonic: "f32.add", immediates: "none", signature: "ff:f", fuel: "float", family: "float", traps: [], opens: ["stack"], feature: "mvp", mayMakeNan: true, kernel: f32.add },
  { op: 0x0414, code: 0x93, mnemonic: "f32.sub", immediates: "none", signature: "ff:f", fuel: "float", family: "float", traps: [], opens: ["stack"], feature: "mvp", mayMakeNan: true, kernel: f32.sub },
  { op: 0x0415, code: 0x94, mnemonic: "f32.mul", immediates: "none", signature: "ff:f", fuel: "floatMultiply", family: "float", traps: [], opens: ["stack"], feature: "mvp", mayMakeNan: true, kernel: f32.mul },
  { op: 0x0416, code: 0x95, mnemonic: "f32.div", immediates: "none", signature: "ff:f", fuel: "floatDivide", family: "float", traps: [], opens: ["stack"], feature: "mvp", mayMakeNan: true, kernel: f32.div },
  { op: 0x0417, code: 0x96, mnemonic: "f32.min", immediates: "none", signature: "ff:f", fuel: "floatRound", family: "float", traps: [], opens: ["stack"], feature: "mvp", mayMakeNan: true, kernel: float.min },
  { op: 0x0418, code: 0x97, mnemonic: "f32.max", immediates: "none", signature: "ff:f", fuel: "floatRound", family: "float", traps: [], opens: ["stack"], feature: "mvp", mayMakeNan: true, kernel: float.max },
  { op: 0x0419, code: 0x98, mnemonic: "f32.copysign", immediates: "none", signature: "ff:f", fuel: "floatCompare", family: "float", traps: [], opens: ["stack"], feature: "mvp", worksOnBits: true, kernel: f32.copysign },
  { op: 0x041a, code: 0x99, mnemonic: "f64.abs", immediates: "none", signature: "F:F", fuel: "float", family: "float", traps: [], opens: ["stack"], feature: "mvp", worksOnBits: true, kernel: f64.abs },
  { op: 0x041b, code: 0x9a, mnemonic: "f64.neg", immediates: "none", signature: "F:F", fuel: "float", family: "float", traps: [], opens: ["stack"], feature: "mvp", worksOnBits: true, kernel: f64.neg },
  { op: 0x041c, code: 0x9b, mnemonic: "f64.ceil", immediates: "none", signature: "F:F", fuel: "floatRound", family: "float", traps: [], opens: ["stack"], feature: "mvp", mayMakeNan: true, kernel: float.ceil },
  { op: 0x041d, code: 0x9c, mnemonic: "f64.floor", immediates: "none", signature: "F:F", fuel: "floatRound", family: "float", traps: [], opens: ["stack"], feature: "mvp", mayMakeNan: true, kernel: float.floor },
  { op: 0x041e, code: 0x9d, mnemonic: "f64.trunc", immediates: "none", signature: "F:F", fuel: "floatRound", family: "float", traps: [], opens: ["stack"], feature: "mvp", mayMakeNan: true, kernel: float.trunc },
  { op: 0x041f, code: 0x9e, mnemonic: "f64.nearest", immediates: "none", signature: "F:F", fuel: "floatRound", family: "float", traps: [], opens: ["stack"], feature: "mvp", mayMakeNan: true, kernel: float.nearest },
  { op: 0x0420, code: 0x9f, mnemonic: "f64.sqrt", immediates: "none", signature: "F:F", fuel: "floatDivide", family: "float", traps: [], opens: ["stack"], feature: "mvp", mayMakeNan: true, kernel: f64.sqrt },
  { op: 0x0421, code: 0xa0, mnemonic: "f64.add", immediates: "none", signature: "FF:F", fuel: "float", family: "float", traps: [], opens: ["stack"], feature: "mvp", mayMakeNan: true, kernel: f64.add },
  { op: 0x0422, code: 0xa1, mnemonic: "f64.sub", immediates: "none", signature: "FF:F", fuel: "float", family: "float", traps: [], opens: ["stack"], feature: "mvp", mayMakeNan: true, kernel: f64.sub },
  { op: 0x0423, code: 0xa2, mnemonic: "f64.mul", immediates: "none", signature: "FF:F", fuel: "floatMultiply", family: "float", traps: [], opens: ["stack"], feature: "mvp", mayMakeNan: true, kernel: f64.mul },
  { op: 0x0424, code: 0xa3, mnemonic: "f64.div", immediates: "none", signature: "FF:F", fuel: "floatDivide", family: "float", traps: [], opens: ["stack"], feature: "mvp", mayMakeNan: true, kernel: f64.div },
  { op: 0x0425, code: 0xa4, mnemonic: "f64.min", immediates: "none", signature: "FF:F", fuel: "floatRound", family: "float", traps: [], opens: ["stack"], feature: "mvp", mayMakeNan: true, kernel: float.min },
  { op: 0x0426, code: 0xa5, mnemonic: "f64.max", immediates: "none", signature: "FF:F", fuel: "floatRound", family: "float", traps: [], opens: ["stack"], feature: "mvp", mayMakeNan: true, kernel: float.max },
  { op: 0x0427, code: 0xa6, mnemonic: "f64.copysign", immediates: "none", signature: "FF:F", fuel: "floatCompare", family: "float", traps: [], opens: ["stack"], feature: "mvp", worksOnBits: true, kernel: f64.copysign },
  { op: 0x033a, code: 0xa7, mnemonic: "i32.wrap_i64", immediates: "none", signature: "I:i", fuel: "simple", family: "integer", traps: [], opens: ["stack"], feature: "mvp", kernel: i32.wrapI64 },
  { op: 0x0500, code: 0xa8, mnemonic: "i32.trunc_f32_s", immediates: "none", signature: "f:i", fuel: "convert", family: "conversion", traps: ["invalidConversion", "integerOverflow"], opens: ["stack"], feature: "mvp", kernel: convert.truncI32, check: check.truncI32S },
  { op: 0x0501, code: 0xa9, mnemonic: "i32.trunc_f32_u", immediates: "none", signature: "f:i", fuel: "convert", family: "conversion", traps: ["invalidConversion", "integerOverflow"], opens: ["stack"], feature: "mvp", kernel: convert.truncI32, check: check.truncI32U },
  { op: 0x0502, code: 0xaa, mnemonic: "i32.trunc_f64_s", immediates: "none", signature: "F:i", fuel: "convert", family: "conversion", traps: ["invalidConversion", "integerOverflow"], opens: ["stack"], feature: "mvp", kernel: convert.truncI32, check: check.truncI32S },
  { op: 0x0503, code: 0xab, mnemonic: "i32.trunc_f64_u", immediates: "none", signature: "F:i", fuel: "convert", family: "conversion", traps: ["invalidConversion", "integerOverflow"], opens: ["stack"], feature: "mvp", kernel: convert.truncI32, check: check.truncI32U },
  { op: 0x033b, code: 0xac, mnemonic: "i64.extend_i32_s", immediates: "none", signature: "i:I", fuel: "shift", family: "integer", traps: [], opens: ["stack"], feature: "mvp", kernel: i64.extendI32S },
  { op: 0x033c, code: 0xad, mnemonic: "i64.extend_i32_u", immediates: "none", signature: "i:I", fuel: "shift", family: "integer", traps: [], opens: ["stack"], feature: "mvp", kernel: i64.extendI32U },
  { op: 0x0504, code: 0xae, mnemonic: "i64.trunc_f32_s", immediates: "none", signature: "f:I", fuel: "convert", family: "conversion", traps: ["invalidConversion", "integerOverflow"], opens: ["stack"], feature: "mvp", kernel: convert.truncI64, check: check.truncI64S },
  { op: 0x0505, code: 0xaf, mnemonic: "i64.trunc_f32_u", immediates: "none", signature: "f:I", fuel: "convert", family: "conversion", traps: ["invalidConversion", "integerOverflow"], opens: ["stack"], feature: "mvp", kernel: convert.truncI64, check: check.truncI64U },
  { op: 0x0506, code: 0xb0, mnemonic: "i64.trunc_f64_s", immediates: "none", signature: "F:I", fuel: "convert", family: "conversion", traps: ["invalidConversion", "integerOverflow"], opens: ["stack"], feature: "mvp", kernel: convert.truncI64, check: check.truncI64S },
  { op: 0x0507, code: 0xb1, mnemonic: "i64.trunc_f64_u", immediates: "none", signature: "F:I", fuel: "convert", family: "conversion", traps: ["invalidConversion", "integerOverflow"], opens: ["stack"], feature: "mvp", kernel: convert.truncI64, check: check.truncI64U },
  { op: 0x0508, code: 0xb2, mnemonic: "f32.convert_i32_s", immediates: "none", signature: "i:f", fuel: "convert", family: "conversion", traps: [], opens: ["stack"], feature: "mvp", kernel: convert.f32ConvertI32S },
  { op: 0x0509, code: 0xb3, mnemonic: "f32.convert_i32_u", immediates: "none", signature: "i:f", fuel: "convert", family: "conversion", traps: [], opens: ["stack"], feature: "mvp", kernel: convert.f32ConvertI32U },
  { op: 0x050a, code: 0xb4, mnemonic: "f32.convert_i64_s", immediates: "none", signature: "I:f", fuel: "convert", family: "conversion", traps: [], opens: ["stack"], feature: "mvp", kernel: convert.f32ConvertI64S },
  { op: 0x050b, code: 0xb5, mnemonic: "f32.convert_i64_u", immediates: "none", signature: "I:f", fuel: "convert", family: "conversion", traps: [], opens: ["stack"], feature: "mvp", kernel: convert.f32ConvertI64U },
  { op: 0x050c, code: 0xb6, mnemonic: "f32.demote_f64", immediates: "none", signature: "F:f", fuel: "convert", family: "conversion", traps: [], opens: ["stack"], feature: "mvp", mayMakeNan: true, kernel: convert.demote },
  { op: 0x050d, code: 0xb7, mnemonic: "f64.convert_i32_s", immediates: "none", signature: "i:F", fuel: "convert", family: "conversion", traps: [], opens: ["stack"], feature: "mvp", kernel: convert.f64ConvertI32S },
  { op: 0x050e, code: 0xb8, mnemonic: "f64.convert_i32_u", immediates: "none", signature: "i:F", fuel: "convert", family: "conversion", traps: [], opens: ["stack"], feature: "mvp", kernel: convert.f64ConvertI32U },
  { op: 0x050f, code: 0xb9, mnemonic: "f64.convert_i64_s", immediates: "none", signature: "I:F", fuel: "convert", family: "conversion", traps: [], opens: ["stack"], feature: "mvp", kernel: convert.f64ConvertI64S },
  { op: 0x0510, code: 0xba, mnemonic: "f64.convert_i64_u", immediates: "none", signature: "I:F", fuel: "convert", family: "conversion", traps: [], opens: ["stack"], feature: "mvp", kernel: convert.f64ConvertI64U },
  { op: 0x0511, code: 0xbb, mnemonic: "f64.promote_f32", immediates: "none", signature: "f:F", fuel: "convert", family: "conversion", traps: [], opens: ["stack"], feature: "mvp", mayMakeNan: true, kernel: convert.promote },
  { op: 0x033d, code: 0xbc, mnemonic: "i32.reinterpret_f32", immediates: "none", signature: "f:i", fuel: "reinterpret", family: "integer", traps: [], opens: ["stack"], feature: "mvp", worksOnBits: true, kernel: i32.reinterpret },
  { op: 0x033e, code: 0xbd, mnemonic: "i64.reinterpret_f64", immediates: "none", signature: "F:I", fuel: "reinterpret", family: "integer", traps: [], opens: ["stack"], feature: "mvp", worksOnBits: true, kernel: i64.reinterpret },
  { op: 0x033f, code: 0xbe, mnemonic: "f32.reinterpret_i32", immediates: "none", signature: "i:f", fuel: "reinterpret", family: "integer", traps: [], opens: ["stack"], feature: "mvp", worksOnBits: true, kernel: i32.reinterpret },
  { op: 0x0340, code: 0xbf, mnemonic: "f64.reinterpret_i64", immediates: "none", signature: "I:F", fuel: "reinterpret", family: "integer", traps: [], opens: ["stack"], feature: "mvp", worksOnBits: true, kernel: i64.reinterpret },
  { op: 0x0341, code: 0xc0, mnemonic: "i32.extend8_s", immediates: "none", signature: "i:i", fuel: "shift", family: "integer", traps: [], opens: ["stack"], feature: "signExtension", kernel: i32.extend8S },
  { op: 0x0342, code: 0xc1, mnemonic: "i32.extend16_s", immediates: "none", signature: "i:i", fuel: "shift", family: "integer", traps: [], opens: ["stack"], feature: "signExtension", kernel: i32.extend16S },
  { op: 0x0343, code: 0xc2, mnemonic: "i64.extend8_s", immediates: "none", signature: "I:I", fuel: "shift", family: "integer", traps: [], opens: ["stack"], feature: "signExtension", kernel: i64.extend8S },
  { op: 0x0344, code: 0xc3, mnemonic: "i64.extend16_s", immediates: "none", signature: "I:I", fuel: "shift", family: "integer", traps: [], opens: ["stack"], feature: "signExtension", kernel: i64.extend16S },
  { op: 0x0345, code: 0xc4, mnemonic: "i64.extend32_s", immediates: "none", signature: "I:I", fuel: "shift", family: "integer", traps: [], opens: ["stack"], feature: "signExtension", kernel: i64.extend32S },
  { op: 0x020b, code: 0xd0, mnemonic: "ref.null", immediates: "heapType", signature: null, fuel: "const", family: "parametric", traps: [], opens: ["stack"], feature: "referenceTypes" },
  { op: 0x020c, code: 0xd1, mnemonic: "ref.is_null", immediates: "none", signature: null, fuel: "simple", family: "parametric", traps: [], opens: ["stack"], feature: "referenceTypes" },
  { op: 0x020d, code: 0xd2, mnemonic: "ref.func", immediates: "function", signature: null, fuel: "const", family: "parametric", traps: [], opens: ["stack"], feature: "referenceTypes" },
  { op: 0x0512, code: 0xfc0000, mnemonic: "i32.trunc_sat_f32_s", immediates: "none", signature: "f:i", fuel: "convert", family: "conversion", traps: [], opens: ["stack"], feature: "saturatingConversions", kernel: convert.truncSatI32S },
  { op: 0x0513, code: 0xfc0001, mnemonic: "i32.trunc_sat_f32_u", immediates: "none", signature: "f:i", fuel: "convert", family: "conversion", traps: [], opens: ["stack"], feature: "saturatingConversions", kernel: convert.truncSatI32U },
  { op: 0x0514, code: 0xfc0002, mnemonic: "i32.trunc_sat_f64_s", immediates: "none", signature: "F:i", fuel: "convert", family: "conversion", traps: [], opens: ["stack"], feature: "saturatingConversions", kernel: convert.truncSatI32S },
  { op: 0x0515, code: 0xfc0003, mnemonic: "i32.trunc_sat_f64_u", immediates: "none", signature: "F:i", fuel: "convert", family: "conversion", traps: [], opens: ["stack"], feature: "saturatingConversions", kernel: convert.truncSatI32U },
  { op: 0x0516, code: 0xfc0004, mnemonic: "i64.trunc_sat_f32_s", immediates: "none", signature: "f:I", fuel: "convert", family: "conversion", traps: [], opens: ["stack"], feature: "saturatingConversions", kernel: convert.truncSatI64S },
  { op: 0x0517, code: 0xfc0005, mnemonic: "i64.trunc_sat_f32_u", immediates: "none", signature: "f:I", fuel: "convert", family: "conversion", traps: [], opens: ["stack"], feature: "saturatingConversions", kernel: convert.truncSatI64U },
  { op: 0x0518, code: 0xfc0006, mnemonic: "i64.trunc_sat_f64_s", immediates: "none", signature: "F:I", fuel: "convert", family: "conversion", traps: [], opens: ["stack"], feature: "saturatingConversions", kernel: convert.truncSatI64S },
  { op: 0x0519, code: 0xfc0007, mnemonic: "i64.trunc_sat_f64_u", immediates: "none", signature: "F:I", fuel: "convert", family: "conversion", traps: [], opens: ["stack"], feature: "saturatingConversions", kernel: convert.truncSatI64U },
  { op: 0x0700, code: 0xfc0008, mnemonic: "memory.init", immediates: "dataMemory", signature: "iii:", fuel: "dataPiece", family: "bulk", traps: ["outOfBoundsMemory"], opens: ["stack", "sizes", "dropped", "dirty", "data", "memory"], feature: "bulkMemory" },
  { op: 0x0701, code: 0xfc0009, mnemonic: "data.drop", immediates: "data", signature: "", fuel: "service", family: "bulk", traps: [], opens: ["dropped"], feature: "bulkMemory" },
  { op: 0x0702, code: 0xfc000a, mnemonic: "memory.copy", immediates: "memoryMemory", signature: "iii:", fuel: "bulk", family: "bulk", traps: ["outOfBoundsMemory"], opens: ["stack", "sizes", "dirty", "memory"], feature: "bulkMemory" },
  { op: 0x0703, code: 0xfc000b, mnemonic: "memory.fill", immediates: "memory", signature: "iii:", fuel: "bulk", family: "bulk", traps: ["outOfBoundsMemory"], opens: ["stack", "sizes", "dirty", "memory"], feature: "bulkMemory" },
  { op: 0x0802, code: 0xfc000c, mnemonic: "table.init", immediates: "elementTable", signature: "iii:", fuel: "tablePiece", family: "table", traps: ["outOfBoundsTable"], opens: ["stack", "sizes", "dropped", "elements", "tables"], feature: "bulkMemory" },
  { op: 0x0704, code: 0xfc000d, mnemonic: "elem.drop", immediates: "element", signature: "", fuel: "service", family: "bulk", traps: [], opens: ["dropped"], feature: "bulkMemory" },
  { op: 0x0803, code: 0xfc000e, mnemonic: "table.copy", immediates: "tableTable", signature: "iii:", fuel: "tablePiece", family: "table", traps: ["outOfBoundsTable"], opens: ["stack", "sizes", "tables"], feature: "bulkMemory" },
  { op: 0x0804, code: 0xfc000f, mnemonic: "table.grow", immediates: "table", signature: null, fuel: "tablePiece", family: "table", traps: [], opens: ["stack", "sizes", "tables"], feature: "referenceTypes" },
  { op: 0x0805, code: 0xfc0010, mnemonic: "table.size", immediates: "table", signature: ":i", fuel: "service", family: "table", traps: [], opens: ["stack", "sizes"], feature: "referenceTypes" },
  { op: 0x0806, code: 0xfc0011, mnemonic: "table.fill", immediates: "table", signature: null, fuel: "tablePiece", family: "table", traps: ["outOfBoundsTable"], opens: ["stack", "sizes", "tables"], feature: "referenceTypes" },
  { op: 0x0807, code: 0xff000d, mnemonic: "table.grow.i64", immediates: "table", signature: null, fuel: "tablePiece", family: "table", traps: [], opens: ["stack", "sizes", "tables"], feature: "memory64" },
  { op: 0x0808, code: 0xff000e, mnemonic: "table.grow.rest", immediates: "table", signature: null, fuel: "tablePiece", family: "table", traps: [], opens: ["stack", "sizes", "tables"], feature: "memory64" },
  { op: 0x0900, code: 0xff0000, mnemonic: "host.input_size", immediates: "none", signature: ":i", fuel: "global", family: "host", traps: [], opens: ["stack"], feature: "host" },
  { op: 0x0901, code: 0xff0001, mnemonic: "host.input_read", immediates: "none", signature: "iii:", fuel: "servicePiece", family: "host", traps: ["outOfBoundsMemory", "outOfBoundsInput"], opens: ["stack", "sizes", "dirty", "input", "memory"], feature: "host" },
  { op: 0x0902, code: 0xff0002, mnemonic: "host.time_ms", immediates: "none", signature: ":I", fuel: "service", family: "host", traps: [], opens: ["stack"], feature: "host" },
  { op: 0x0903, code: 0xff0003, mnemonic: "host.unknown", immediates: "none", signature: null, fuel: "branch", family: "host", traps: ["unknownHostFunction"], opens: [], feature: "host" },
  { op: 0x0904, code: 0xff0004, mnemonic: "host.output_write", immediates: "none", signature: "ii:", fuel: "output", family: "host", traps: ["outOfBoundsOutput", "outOfBoundsMemory"], opens: ["stack", "sizes", "memory", "output"], feature: "host" },
  { op: 0x0905, code: 0xff0005, mnemonic: "host.exit", immediates: "none", signature: "i:", fuel: "return", family: "host", traps: [], opens: ["stack"], feature: "host" },
] as const satisfies readonly InstructionRow[];

/** Every row, the vector and the atomic instructions' too (isa/vectorTable.ts, isa/atomicTable.ts). */
export const instructions = [
  ...scalarInstructions,
  ...vectorInstructions,
  ...atomicInstructions,
] as const;

/** First bytes of two-part codes; `host` is our own page, which is never decoded. */
export const codePages = { extended: 0xfc, vector: 0xfd, atomic: 0xfe, host: 0xff } as const;

const prefixShift = 16;

/** The pages of two-part codes in the order of their dense numbers, and how many numbers each has room for. */
const pages: readonly { readonly prefix: number; readonly size: number; readonly start: number }[] =
  placed([
    [codePages.extended, 256],
    [codePages.vector, 512],
    [codePages.atomic, 256],
    [codePages.host, 256],
  ]);

function placed(sizes: readonly (readonly [prefix: number, size: number])[]) {
  let start = 256;
  return sizes.map(([prefix, size]) => {
    const page = { prefix, size, start };
    start += size;
    return page;
  });
}

const lastPage = pages[pages.length - 1];
/** Count of dense numbers. */
export const denseCodes = lastPage.start + lastPage.size;

/** Dense numbers of the two-part codes that begin with a byte; undefined for a byte that begins none. */
export function densePage(prefix: number): { start: number; size: number } | undefined {
  return pages.find((page) => page.prefix === prefix);
}

/** Codes numbered densely: one-byte codes as they are, the prefixed pages behind them; −1 for a page that is none. */
export function denseCode(code: number): number {
  if (code < 256) return code;
  const page = densePage(code >> prefixShift);
  const number = code & 0xffff;
  return page === undefined || number >= page.size ? -1 : page.start + number;
}

/** The code of a dense number. */
export function codeOfDense(dense: number): number {
  const page = pages.findLast(({ start }) => dense >= start);
  return page === undefined ? dense : (page.prefix << prefixShift) | (dense - page.start);
}

/** Mnemonic of an instruction that a program can hold, i.e. that the machine executes. */
export type Mnemonic = Exclude<(typeof instructions)[number], { family: "structure" }>["mnemonic"];

const byCode = new Map<number, InstructionRow>(instructions.map((row) => [row.code, row]));
const byMnemonic = new Map<string, InstructionRow>(instructions.map((row) => [row.mnemonic, row]));
/** Rows have many shapes, so a code is sooner found by itself: whoever writes binaries asks for it all the time. */
const codes = new Map<string, number>(instructions.map(({ mnemonic, code }) => [mnemonic, code]));

/** An array without holes, since translators look up every instruction of a program. */
const byOp: readonly (InstructionRow | undefined)[] = (() => {
  const executed = (instructions as readonly InstructionRow[]).filter(({ op }) => op !== undefined);
  const numbers = executed.map(({ op }) => op as number);
  const rows: (InstructionRow | undefined)[] = new Array(Math.max(...numbers) + 1).fill(undefined);
  executed.forEach((row, index) => {
    rows[numbers[index]] = row;
  });
  return rows;
})();

/** The row of what an instruction holds, or undefined for a number that none may hold. */
export function executedRow(op: number): InstructionRow | undefined {
  return byOp[op];
}

/** What an instruction of a program holds. Throws RangeError for a name that the machine does not execute. */
export function opOf(mnemonic: Mnemonic): number {
  const op = byMnemonic.get(mnemonic)?.op;
  if (op === undefined) throw new RangeError(`expected an executed instruction, got ${mnemonic}`);
  return op;
}

/** The row of a code, or undefined for a code that no instruction has. */
export function instructionOf(code: number): InstructionRow | undefined {
  return byCode.get(code);
}

/** The code of a mnemonic of this table. Throws RangeError for a name that no row has. */
export function codeOf(mnemonic: (typeof instructions)[number]["mnemonic"]): number {
  const code = codes.get(mnemonic);
  if (code === undefined) throw new RangeError(`expected a mnemonic of the table, got ${mnemonic}`);
  return code;
}

/** Whether a binary may hold the row's code: it is not one of our own page. */
export function isDecoded({ code }: InstructionRow): boolean {
  return code >> prefixShift !== codePages.host;
}
