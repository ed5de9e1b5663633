/**
 * The instruction table: the one place where an opcode, a mnemonic, an immediate kind, a signature, a
 * fuel class, the possible traps and the witness regions of an instruction are written down.
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

/** How the immediates of an instruction are encoded in a binary (spec §5.4). */
export type ImmediateKind =
  | "none"
  | "block"
  | "label"
  | "labels"
  | "function"
  | "typeTable"
  | "types"
  | "local"
  | "global"
  | "table"
  | "memarg"
  | "memory"
  | "i32"
  | "i64"
  | "f32"
  | "f64"
  | "heapType"
  | "dataMemory"
  | "data"
  | "memoryMemory"
  | "elementTable"
  | "element"
  | "tableTable";

/** What an instruction costs is decided by its class; the schedule gives the class its fuel. */
export type FuelClass =
  | "none"
  | "const"
  | "local"
  | "global"
  | "simple"
  | "multiply"
  | "divide"
  | "float"
  | "floatRound"
  | "floatMultiply"
  | "floatDivide"
  | "convert"
  | "load"
  | "store"
  | "branch"
  | "branchTable"
  | "call"
  | "callIndirect"
  | "return"
  | "service"
  | "servicePiece"
  | "output"
  | "tableWrite"
  | "tablePiece"
  | "grow"
  | "bulk";

/** Which judge contract holds the handler; `structure` rows never reach the machine. */
export type Family =
  | "structure"
  | "control"
  | "parametric"
  | "integer"
  | "float"
  | "conversion"
  | "memory"
  | "bulk"
  | "table"
  | "host";

/** A component of the state tree or of the program tree that a step of the instruction may open. */
export type Region =
  | "stack"
  | "frames"
  | "globals"
  | "memory"
  | "sizes"
  | "dirty"
  | "tables"
  | "dropped"
  | "input"
  | "output"
  | "functions"
  | "branches"
  | "data"
  | "elements";

/** The proposal that brought the instruction; a decoder switch turns each on or off. */
export type InstructionFeature =
  | "mvp"
  | "signExtension"
  | "saturatingConversions"
  | "bulkMemory"
  | "referenceTypes"
  | "tailCalls"
  | "host";

export interface InstructionRow {
  /** One-byte code, or (prefix << 8 | code) for the 0xfc page; 0xff is our own page, never decoded. */
  readonly code: number;
  readonly mnemonic: string;
  readonly immediates: ImmediateKind;
  /** `operands:results` in i (i32) I (i64) f (f32) F (f64); null: polymorphic or control, an explicit case. */
  readonly signature: string | null;
  readonly fuel: FuelClass;
  readonly family: Family;
  /** Trap names in the order in which the instruction checks for them. */
  readonly traps: readonly string[];
  readonly regions: readonly Region[];
  readonly feature: InstructionFeature;
  /** Bytes of memory that a load or store touches; absent otherwise. */
  readonly width?: number;
  readonly access?: "load" | "store";
  /** Bits of the result to which a load extends the sign of what it reads; absent where it does not. */
  readonly signExtends?: 32 | 64;
  /** The result is a truth value, which a conditional branch may take without storing it. */
  readonly isTest?: true;
  /** The test that is true where this one is not; absent where there is none. */
  readonly inverse?: string;
  /** Floats among operands and result are bits, not values: payloads of NaNs pass unchanged. */
  readonly worksOnBits?: true;
  /** The result may be a NaN that arithmetic makes: the canonical one in this machine (docs/machine.md §7). */
  readonly mayMakeNan?: true;
  /** No WebAssembly engine has the instruction: emitted code stops before it, and tests have no host to ask. */
  readonly hostLacks?: true;
  /** What a numeric instruction computes (numeric/kernels.ts has its shape). */
  readonly kernel?: NumericFunction;
  /** The trap that its operands cause: a code, 0 if none. */
  readonly check?: NumericFunction;
}

/** A pure function of operands as numbers: i, f and F are one each, I is two halves. */
type NumericFunction = (...operands: never[]) => unknown;

// biome-ignore format: one row an instruction, one line a row
export const instructions = [
  { code: 0x00, mnemonic: "unreachable", immediates: "none", signature: "", fuel: "branch", family: "control", traps: ["unreachable"], regions: [], feature: "mvp" },
  { code: 0x01, mnemonic: "nop", immediates: "none", signature: "", fuel: "simple", family: "control", traps: [], regions: [], feature: "mvp" },
  { code: 0x02, mnemonic: "block", immediates: "block", signature: null, fuel: "none", family: "structure", traps: [], regions: [], feature: "mvp" },
  { code: 0x03, mnemonic: "loop", immediates: "block", signature: null, fuel: "none", family: "structure", traps: [], regions: [], feature: "mvp" },
  { code: 0x04, mnemonic: "if", immediates: "block", signature: null, fuel: "branch", family: "control", traps: [], regions: ["stack"], feature: "mvp" },
  { code: 0x05, mnemonic: "else", immediates: "none", signature: null, fuel: "branch", family: "control", traps: [], regions: [], feature: "mvp" },
  { code: 0x0b, mnemonic: "end", immediates: "none", signature: null, fuel: "none", family: "structure", traps: [], regions: [], feature: "mvp" },
  { code: 0x0c, mnemonic: "br", immediates: "label", signature: null, fuel: "branch", family: "control", traps: [], regions: ["stack"], feature: "mvp" },
  { code: 0x0d, mnemonic: "br_if", immediates: "label", signature: null, fuel: "branch", family: "control", traps: [], regions: ["stack"], feature: "mvp" },
  { code: 0x0e, mnemonic: "br_table", immediates: "labels", signature: null, fuel: "branchTable", family: "control", traps: [], regions: ["stack", "branches"], feature: "mvp" },
  { code: 0x0f, mnemonic: "return", immediates: "none", signature: null, fuel: "return", family: "control", traps: [], regions: ["stack", "frames"], feature: "mvp" },
  { code: 0x10, mnemonic: "call", immediates: "function", signature: null, fuel: "call", family: "control", traps: ["callStackExhausted"], regions: ["frames"], feature: "mvp" },
  { code: 0x11, mnemonic: "call_indirect", immediates: "typeTable", signature: null, fuel: "callIndirect", family: "control", traps: ["undefinedElement", "uninitializedElement", "indirectCallTypeMismatch", "callStackExhausted"], regions: ["stack", "sizes", "tables", "functions", "frames"], feature: "mvp" },
  { code: 0x12, mnemonic: "return_call", immediates: "function", signature: null, fuel: "call", family: "control", traps: ["callStackExhausted"], regions: ["stack"], feature: "tailCalls" },
  { code: 0x13, mnemonic: "return_call_indirect", immediates: "typeTable", signature: null, fuel: "callIndirect", family: "control", traps: ["undefinedElement", "uninitializedElement", "indirectCallTypeMismatch", "callStackExhausted"], regions: ["stack", "sizes", "tables", "functions"], feature: "tailCalls" },
  { code: 0x1a, mnemonic: "drop", immediates: "none", signature: null, fuel: "simple", family: "parametric", traps: [], regions: ["stack"], feature: "mvp" },
  { code: 0x1b, mnemonic: "select", immediates: "none", signature: null, fuel: "simple", family: "parametric", traps: [], regions: ["stack"], feature: "mvp" },
  { code: 0x1c, mnemonic: "select_t", immediates: "types", signature: null, fuel: "none", family: "structure", traps: [], regions: [], feature: "referenceTypes" },
  { code: 0x20, mnemonic: "local.get", immediates: "local", signature: null, fuel: "local", family: "parametric", traps: [], regions: ["stack"], feature: "mvp" },
  { code: 0x21, mnemonic: "local.set", immediates: "local", signature: null, fuel: "local", family: "parametric", traps: [], regions: ["stack"], feature: "mvp" },
  { code: 0x22, mnemonic: "local.tee", immediates: "local", signature: null, fuel: "local", family: "parametric", traps: [], regions: ["stack"], feature: "mvp" },
  { code: 0x23, mnemonic: "global.get", immediates: "global", signature: null, fuel: "global", family: "parametric", traps: [], regions: ["stack", "globals"], feature: "mvp" },
  { code: 0x24, mnemonic: "global.set", immediates: "global", signature: null, fuel: "global", family: "parametric", traps: [], regions: ["stack", "globals"], feature: "mvp" },
  { code: 0x25, mnemonic: "table.get", immediates: "table", signature: null, fuel: "service", family: "table", traps: ["outOfBoundsTable"], regions: ["stack", "sizes", "tables"], feature: "referenceTypes" },
  { code: 0x26, mnemonic: "table.set", immediates: "table", signature: null, fuel: "tableWrite", family: "table", traps: ["outOfBoundsTable"], regions: ["stack", "sizes", "tables"], feature: "referenceTypes" },
  { code: 0x28, mnemonic: "i32.load", immediates: "memarg", signature: "i:i", fuel: "load", family: "memory", traps: ["outOfBoundsMemory"], regions: ["stack", "sizes", "memory"], feature: "mvp", width: 4, access: "load" },
  { code: 0x29, mnemonic: "i64.load", immediates: "memarg", signature: "i:I", fuel: "load", family: "memory", traps: ["outOfBoundsMemory"], regions: ["stack", "sizes", "memory"], feature: "mvp", width: 8, access: "load" },
  { code: 0x2a, mnemonic: "f32.load", immediates: "memarg", signature: "i:f", fuel: "load", family: "memory", traps: ["outOfBoundsMemory"], regions: ["stack", "sizes", "memory"], feature: "mvp", width: 4, access: "load" },
  { code: 0x2b, mnemonic: "f64.load", immediates: "memarg", signature: "i:F", fuel: "load", family: "memory", traps: ["outOfBoundsMemory"], regions: ["stack", "sizes", "memory"], feature: "mvp", width: 8, access: "load" },
  { code: 0x2c, mnemonic: "i32.load8_s", immediates: "memarg", signature: "i:i", fuel: "load", family: "memory", traps: ["outOfBoundsMemory"], regions: ["stack", "sizes", "memory"], feature: "mvp", width: 1, access: "load", signExtends: 32 },
  { code: 0x2d, mnemonic: "i32.load8_u", immediates: "memarg", signature: "i:i", fuel: "load", family: "memory", traps: ["outOfBoundsMemory"], regions: ["stack", "sizes", "memory"], feature: "mvp", width: 1, access: "load" },
  { code: 0x2e, mnemonic: "i32.load16_s", immediates: "memarg", signature: "i:i", fuel: "load", family: "memory", traps: ["outOfBoundsMemory"], regions: ["stack", "sizes", "memory"], feature: "mvp", width: 2, access: "load", signExtends: 32 },
  { code: 0x2f, mnemonic: "i32.load16_u", immediates: "memarg", signature: "i:i", fuel: "load", family: "memory", traps: ["outOfBoundsMemory"], regions: ["stack", "sizes", "memory"], feature: "mvp", width: 2, access: "load" },
  { code: 0x30, mnemonic: "i64.load8_s", immediates: "memarg", signature: "i:I", fuel: "load", family: "memory", traps: ["outOfBoundsMemory"], regions: ["stack", "sizes", "memory"], feature: "mvp", width: 1, access: "load", signExtends: 64 },
  { code: 0x31, mnemonic: "i64.load8_u", immediates: "memarg", signature: "i:I", fuel: "load", family: "memory", traps: ["outOfBoundsMemory"], regions: ["stack", "sizes", "memory"], feature: "mvp", width: 1, access: "load" },
  { code: 0x32, mnemonic: "i64.load16_s", immediates: "memarg", signature: "i:I", fuel: "load", family: "memory", traps: ["outOfBoundsMemory"], regions: ["stack", "sizes", "memory"], feature: "mvp", width: 2, access: "load", signExtends: 64 },
  { code: 0x33, mnemonic: "i64.load16_u", immediates: "memarg", signature: "i:I", fuel: "load", family: "memory", traps: ["outOfBoundsMemory"], regions: ["stack", "sizes", "memory"], feature: "mvp", width: 2, access: "load" },
  { code: 0x34, mnemonic: "i64.load32_s", immediates: "memarg", signature: "i:I", fuel: "load", family: "memory", traps: ["outOfBoundsMemory"], regions: ["stack", "sizes", "memory"], feature: "mvp", width: 4, access: "load", signExtends: 64 },
  { code: 0x35, mnemonic: "i64.load32_u", immediates: "memarg", signature: "i:I", fuel: "load", family: "memory", traps: ["outOfBoundsMemory"], regions: ["stack", "sizes", "memory"], feature: "mvp", width: 4, access: "load" },
  { code: 0x36, mnemonic: "i32.store", immediates: "memarg", signature: "ii:", fuel: "store", family: "memory", traps: ["outOfBoundsMemory"], regions: ["stack", "sizes", "dirty", "memory"], feature: "mvp", width: 4, access: "store" },
  { code: 0x37, mnemonic: "i64.store", immediates: "memarg", signature: "iI:", fuel: "store", family: "memory", traps: ["outOfBoundsMemory"], regions: ["stack", "sizes", "dirty", "memory"], feature: "mvp", width: 8, access: "store" },
  { code: 0x38, mnemonic: "f32.store", immediates: "memarg", signature: "if:", fuel: "store", family: "memory", traps: ["outOfBoundsMemory"], regions: ["stack", "sizes", "dirty", "memory"], feature: "mvp", width: 4, access: "store" },
  { code: 0x39, mnemonic: "f64.store", immediates: "memarg", signature: "iF:", fuel: "store", family: "memory", traps: ["outOfBoundsMemory"], regions: ["stack", "sizes", "dirty", "memory"], feature: "mvp", width: 8, access: "store" },
  { code: 0x3a, mnemonic: "i32.store8", immediates: "memarg", signature: "ii:", fuel: "store", family: "memory", traps: ["outOfBoundsMemory"], regions: ["stack", "sizes", "dirty", "memory"], feature: "mvp", width: 1, access: "store" },
  { code: 0x3b, mnemonic: "i32.store16", immediates: "memarg", signature: "ii:", fuel: "store", family: "memory", traps: ["outOfBoundsMemory"], regions: ["stack", "sizes", "dirty", "memory"], feature: "mvp", width: 2, access: "store" },
  { code: 0x3c, mnemonic: "i64.store8", immediates: "memarg", signature: "iI:", fuel: "store", family: "memory", traps: ["outOfBoundsMemory"], regions: ["stack", "sizes", "dirty", "memory"], feature: "mvp", width: 1, access: "store" },
  { code: 0x3d, mnemonic: "i64.store16", immediates: "memarg", signature: "iI:", fuel: "store", family: "memory", traps: ["outOfBoundsMemory"], regions: ["stack", "sizes", "dirty", "memory"], feature: "mvp", width: 2, access: "store" },
  { code: 0x3e, mnemonic: "i64.store32", immediates: "memarg", signature: "iI:", fuel: "store", family: "memory", traps: ["outOfBoundsMemory"], regions: ["stack", "sizes", "dirty", "memory"], feature: "mvp", width: 4, access: "store" },
  { code: 0x3f, mnemonic: "memory.size", immediates: "memory", signature: ":i", fuel: "global", family: "memory", traps: [], regions: ["stack", "sizes"], feature: "mvp" },
  { code: 0x40, mnemonic: "memory.grow", immediates: "memory", signature: "i:i", fuel: "grow", family: "memory", traps: [], regions: ["stack", "sizes"], feature: "mvp" },
  { code: 0x41, mnemonic: "i32.const", immediates: "i32", signature: ":i", fuel: "const", family: "parametric", traps: [], regions: ["stack"], feature: "mvp" },
  { code: 0x42, mnemonic: "i64.const", immediates: "i64", signature: ":I", fuel: "const", family: "parametric", traps: [], regions: ["stack"], feature: "mvp" },
  { code: 0x43, mnemonic: "f32.const", immediates: "f32", signature: ":f", fuel: "const", family: "parametric", traps: [], regions: ["stack"], feature: "mvp" },
  { code: 0x44, mnemonic: "f64.const", immediates: "f64", signature: ":F", fuel: "const", family: "parametric", traps: [], regions: ["stack"], feature: "mvp" },
  { code: 0x45, mnemonic: "i32.eqz", immediates: "none", signature: "i:i", fuel: "simple", family: "integer", traps: [], regions: ["stack"], feature: "mvp", isTest: true, kernel: i32.eqz },
  { code: 0x46, mnemonic: "i32.eq", immediates: "none", signature: "ii:i", fuel: "simple", family: "integer", traps: [], regions: ["stack"], feature: "mvp", isTest: true, inverse: "i32.ne", kernel: i32.eq },
  { code: 0x47, mnemonic: "i32.ne", immediates: "none", signature: "ii:i", fuel: "simple", family: "integer", traps: [], regions: ["stack"], feature: "mvp", isTest: true, inverse: "i32.eq", kernel: i32.ne },
  { code: 0x48, mnemonic: "i32.lt_s", immediates: "none", signature: "ii:i", fuel: "simple", family: "integer", traps: [], regions: ["stack"], feature: "mvp", isTest: true, inverse: "i32.ge_s", kernel: i32.ltS },
  { code: 0x49, mnemonic: "i32.lt_u", immediates: "none", signature: "ii:i", fuel: "simple", family: "integer", traps: [], regions: ["stack"], feature: "mvp", isTest: true, inverse: "i32.ge_u", kernel: i32.ltU },
  { code: 0x4a, mnemonic: "i32.gt_s", immediates: "none", signature: "ii:i", fuel: "simple", family: "integer", traps: [], regions: ["stack"], feature: "mvp", isTest: true, inverse: "i32.le_s", kernel: i32.gtS },
  { code: 0x4b, mnemonic: "i32.gt_u", immediates: "none", signature: "ii:i", fuel: "simple", family: "integer", traps: [], regions: ["stack"], feature: "mvp", isTest: true, inverse: "i32.le_u", kernel: i32.gtU },
  { code: 0x4c, mnemonic: "i32.le_s", immediates: "none", signature: "ii:i", fuel: "simple", family: "integer", traps: [], regions: ["stack"], feature: "mvp", isTest: true, inverse: "i32.gt_s", kernel: i32.leS },
  { code: 0x4d, mnemonic: "i32.le_u", immediates: "none", signature: "ii:i", fuel: "simple", family: "integer", traps: [], regions: ["stack"], feature: "mvp", isTest: true, inverse: "i32.gt_u", kernel: i32.leU },
  { code: 0x4e, mnemonic: "i32.ge_s", immediates: "none", signature: "ii:i", fuel: "simple", family: "integer", traps: [], regions: ["stack"], feature: "mvp", isTest: true, inverse: "i32.lt_s", kernel: i32.geS },
  { code: 0x4f, mnemonic: "i32.ge_u", immediates: "none", signature: "ii:i", fuel: "simple", family: "integer", traps: [], regions: ["stack"], feature: "mvp", isTest: true, inverse: "i32.lt_u", kernel: i32.geU },
  { code: 0x50, mnemonic: "i64.eqz", immediates: "none", signature: "I:i", fuel: "simple", family: "integer", traps: [], regions: ["stack"], feature: "mvp", isTest: true, kernel: i64.eqz },
  { code: 0x51, mnemonic: "i64.eq", immediates: "none", signature: "II:i", fuel: "simple", family: "integer", traps: [], regions: ["stack"], feature: "mvp", isTest: true, inverse: "i64.ne", kernel: i64.eq },
  { code: 0x52, mnemonic: "i64.ne", immediates: "none", signature: "II:i", fuel: "simple", family: "integer", traps: [], regions: ["stack"], feature: "mvp", isTest: true, inverse: "i64.eq", kernel: i64.ne },
  { code: 0x53, mnemonic: "i64.lt_s", immediates: "none", signature: "II:i", fuel: "simple", family: "integer", traps: [], regions: ["stack"], feature: "mvp", isTest: true, inverse: "i64.ge_s", kernel: i64.ltS },
  { code: 0x54, mnemonic: "i64.lt_u", immediates: "none", signature: "II:i", fuel: "simple", family: "integer", traps: [], regions: ["stack"], feature: "mvp", isTest: true, inverse: "i64.ge_u", kernel: i64.ltU },
  { code: 0x55, mnemonic: "i64.gt_s", immediates: "none", signature: "II:i", fuel: "simple", family: "integer", traps: [], regions: ["stack"], feature: "mvp", isTest: true, inverse: "i64.le_s", kernel: i64.gtS },
  { code: 0x56, mnemonic: "i64.gt_u", immediates: "none", signature: "II:i", fuel: "simple", family: "integer", traps: [], regions: ["stack"], feature: "mvp", isTest: true, inverse: "i64.le_u", kernel: i64.gtU },
  { code: 0x57, mnemonic: "i64.le_s", immediates: "none", signature: "II:i", fuel: "simple", family: "integer", traps: [], regions: ["stack"], feature: "mvp", isTest: true, inverse: "i64.gt_s", kernel: i64.leS },
  { code: 0x58, mnemonic: "i64.le_u", immediates: "none", signature: "II:i", fuel: "simple", family: "integer", traps: [], regions: ["stack"], feature: "mvp", isTest: true, inverse: "i64.gt_u", kernel: i64.leU },
  { code: 0x59, mnemonic: "i64.ge_s", immediates: "none", signature: "II:i", fuel: "simple", family: "integer", traps: [], regions: ["stack"], feature: "mvp", isTest: true, inverse: "i64.lt_s", kernel: i64.geS },
  { code: 0x5a, mnemonic: "i64.ge_u", immediates: "none", signature: "II:i", fuel: "simple", family: "integer", traps: [], regions: ["stack"], feature: "mvp", isTest: true, inverse: "i64.lt_u", kernel: i64.geU },
  { code: 0x5b, mnemonic: "f32.eq", immediates: "none", signature: "ff:i", fuel: "float", family: "float", traps: [], regions: ["stack"], feature: "mvp", isTest: true, kernel: float.eq },
  { code: 0x5c, mnemonic: "f32.ne", immediates: "none", signature: "ff:i", fuel: "float", family: "float", traps: [], regions: ["stack"], feature: "mvp", isTest: true, kernel: float.ne },
  { code: 0x5d, mnemonic: "f32.lt", immediates: "none", signature: "ff:i", fuel: "float", family: "float", traps: [], regions: ["stack"], feature: "mvp", isTest: true, kernel: float.lt },
  { code: 0x5e, mnemonic: "f32.gt", immediates: "none", signature: "ff:i", fuel: "float", family: "float", traps: [], regions: ["stack"], feature: "mvp", isTest: true, kernel: float.gt },
  { code: 0x5f, mnemonic: "f32.le", immediates: "none", signature: "ff:i", fuel: "float", family: "float", traps: [], regions: ["stack"], feature: "mvp", isTest: true, kernel: float.le },
  { code: 0x60, mnemonic: "f32.ge", immediates: "none", signature: "ff:i", fuel: "float", family: "float", traps: [], regions: ["stack"], feature: "mvp", isTest: true, kernel: float.ge },
  { code: 0x61, mnemonic: "f64.eq", immediates: "none", signature: "FF:i", fuel: "float", family: "float", traps: [], regions: ["stack"], feature: "mvp", isTest: true, kernel: float.eq },
  { code: 0x62, mnemonic: "f64.ne", immediates: "none", signature: "FF:i", fuel: "float", family: "float", traps: [], regions: ["stack"], feature: "mvp", isTest: true, kernel: float.ne },
  { code: 0x63, mnemonic: "f64.lt", immediates: "none", signature: "FF:i", fuel: "float", family: "float", traps: [], regions: ["stack"], feature: "mvp", isTest: true, kernel: float.lt },
  { code: 0x64, mnemonic: "f64.gt", immediates: "none", signature: "FF:i", fuel: "float", family: "float", traps: [], regions: ["stack"], feature: "mvp", isTest: true, kernel: float.gt },
  { code: 0x65, mnemonic: "f64.le", immediates: "none", signature: "FF:i", fuel: "float", family: "float", traps: [], regions: ["stack"], feature: "mvp", isTest: true, kernel: float.le },
  { code: 0x66, mnemonic: "f64.ge", immediates: "none", signature: "FF:i", fuel: "float", family: "float", traps: [], regions: ["stack"], feature: "mvp", isTest: true, kernel: float.ge },
  { code: 0x67, mnemonic: "i32.clz", immediates: "none", signature: "i:i", fuel: "multiply", family: "integer", traps: [], regions: ["stack"], feature: "mvp", kernel: i32.clz },
  { code: 0x68, mnemonic: "i32.ctz", immediates: "none", signature: "i:i", fuel: "multiply", family: "integer", traps: [], regions: ["stack"], feature: "mvp", kernel: i32.ctz },
  { code: 0x69, mnemonic: "i32.popcnt", immediates: "none", signature: "i:i", fuel: "multiply", family: "integer", traps: [], regions: ["stack"], feature: "mvp", kernel: i32.popcnt },
  { code: 0x6a, mnemonic: "i32.add", immediates: "none", signature: "ii:i", fuel: "simple", family: "integer", traps: [], regions: ["stack"], feature: "mvp", kernel: i32.add },
  { code: 0x6b, mnemonic: "i32.sub", immediates: "none", signature: "ii:i", fuel: "simple", family: "integer", traps: [], regions: ["stack"], feature: "mvp", kernel: i32.sub },
  { code: 0x6c, mnemonic: "i32.mul", immediates: "none", signature: "ii:i", fuel: "multiply", family: "integer", traps: [], regions: ["stack"], feature: "mvp", kernel: i32.mul },
  { code: 0x6d, mnemonic: "i32.div_s", immediates: "none", signature: "ii:i", fuel: "divide", family: "integer", traps: ["integerDivideByZero", "integerOverflow"], regions: ["stack"], feature: "mvp", kernel: i32.divS, check: check.i32DivS },
  { code: 0x6e, mnemonic: "i32.div_u", immediates: "none", signature: "ii:i", fuel: "divide", family: "integer", traps: ["integerDivideByZero"], regions: ["stack"], feature: "mvp", kernel: i32.divU, check: check.i32Divisor },
  { code: 0x6f, mnemonic: "i32.rem_s", immediates: "none", signature: "ii:i", fuel: "divide", family: "integer", traps: ["integerDivideByZero"], regions: ["stack"], feature: "mvp", kernel: i32.remS, check: check.i32Divisor },
  { code: 0x70, mnemonic: "i32.rem_u", immediates: "none", signature: "ii:i", fuel: "divide", family: "integer", traps: ["integerDivideByZero"], regions: ["stack"], feature: "mvp", kernel: i32.remU, check: check.i32Divisor },
  { code: 0x71, mnemonic: "i32.and", immediates: "none", signature: "ii:i", fuel: "simple", family: "integer", traps: [], regions: ["stack"], feature: "mvp", kernel: i32.and },
  { code: 0x72, mnemonic: "i32.or", immediates: "none", signature: "ii:i", fuel: "simple", family: "integer", traps: [], regions: ["stack"], feature: "mvp", kernel: i32.or },
  { code: 0x73, mnemonic: "i32.xor", immediates: "none", signature: "ii:i", fuel: "simple", family: "integer", traps: [], regions: ["stack"], feature: "mvp", kernel: i32.xor },
  { code: 0x74, mnemonic: "i32.shl", immediates: "none", signature: "ii:i", fuel: "simple", family: "integer", traps: [], regions: ["stack"], feature: "mvp", kernel: i32.shl },
  { code: 0x75, mnemonic: "i32.shr_s", immediates: "none", signature: "ii:i", fuel: "simple", family: "integer", traps: [], regions: ["stack"], feature: "mvp", kernel: i32.shrS },
  { code: 0x76, mnemonic: "i32.shr_u", immediates: "none", signature: "ii:i", fuel: "simple", family: "integer", traps: [], regions: ["stack"], feature: "mvp", kernel: i32.shrU },
  { code: 0x77, mnemonic: "i32.rotl", immediates: "none", signature: "ii:i", fuel: "simple", family: "integer", traps: [], regions: ["stack"], feature: "mvp", kernel: i32.rotl },
  { code: 0x78, mnemonic: "i32.rotr", immediates: "none", signature: "ii:i", fuel: "simple", family: "integer", traps: [], regions: ["stack"], feature: "mvp", kernel: i32.rotr },
  { code: 0x79, mnemonic: "i64.clz", immediates: "none", signature: "I:I", fuel: "multiply", family: "integer", traps: [], regions: ["stack"], feature: "mvp", kernel: i64.clz },
  { code: 0x7a, mnemonic: "i64.ctz", immediates: "none", signature: "I:I", fuel: "multiply", family: "integer", traps: [], regions: ["stack"], feature: "mvp", kernel: i64.ctz },
  { code: 0x7b, mnemonic: "i64.popcnt", immediates: "none", signature: "I:I", fuel: "multiply", family: "integer", traps: [], regions: ["stack"], feature: "mvp", kernel: i64.popcnt },
  { code: 0x7c, mnemonic: "i64.add", immediates: "none", signature: "II:I", fuel: "simple", family: "integer", traps: [], regions: ["stack"], feature: "mvp", kernel: i64.add },
  { code: 0x7d, mnemonic: "i64.sub", immediates: "none", signature: "II:I", fuel: "simple", family: "integer", traps: [], regions: ["stack"], feature: "mvp", kernel: i64.sub },
  { code: 0x7e, mnemonic: "i64.mul", immediates: "none", signature: "II:I", fuel: "multiply", family: "integer", traps: [], regions: ["stack"], feature: "mvp", kernel: i64.mul },
  { code: 0x7f, mnemonic: "i64.div_s", immediates: "none", signature: "II:I", fuel: "divide", family: "integer", traps: ["integerDivideByZero", "integerOverflow"], regions: ["stack"], feature: "mvp", kernel: divide.divS, check: check.i64DivS },
  { code: 0x80, mnemonic: "i64.div_u", immediates: "none", signature: "II:I", fuel: "divide", family: "integer", traps: ["integerDivideByZero"], regions: ["stack"], feature: "mvp", kernel: divide.divU, check: check.i64Divisor },
  { code: 0x81, mnemonic: "i64.rem_s", immediates: "none", signature: "II:I", fuel: "divide", family: "integer", traps: ["integerDivideByZero"], regions: ["stack"], feature: "mvp", kernel: divide.remS, check: check.i64Divisor },
  { code: 0x82, mnemonic: "i64.rem_u", immediates: "none", signature: "II:I", fuel: "divide", family: "integer", traps: ["integerDivideByZero"], regions: ["stack"], feature: "mvp", kernel: divide.remU, check: check.i64Divisor },
  { code: 0x83, mnemonic: "i64.and", immediates: "none", signature: "II:I", fuel: "simple", family: "integer", traps: [], regions: ["stack"], feature: "mvp", kernel: i64.and },
  { code: 0x84, mnemonic: "i64.or", immediates: "none", signature: "II:I", fuel: "simple", family: "integer", traps: [], regions: ["stack"], feature: "mvp", kernel: i64.or },
  { code: 0x85, mnemonic: "i64.xor", immediates: "none", signature: "II:I", fuel: "simple", family: "integer", traps: [], regions: ["stack"], feature: "mvp", kernel: i64.xor },
  { code: 0x86, mnemonic: "i64.shl", immediates: "none", signature: "II:I", fuel: "simple", family: "integer", traps: [], regions: ["stack"], feature: "mvp", kernel: i64.shl },
  { code: 0x87, mnemonic: "i64.shr_s", immediates: "none", signature: "II:I", fuel: "simple", family: "integer", traps: [], regions: ["stack"], feature: "mvp", kernel: i64.shrS },
  { code: 0x88, mnemonic: "i64.shr_u", immediates: "none", signature: "II:I", fuel: "simple", family: "integer", traps: [], regions: ["stack"], feature: "mvp", kernel: i64.shrU },
  { code: 0x89, mnemonic: "i64.rotl", immediates: "none", signature: "II:I", fuel: "simple", family: "integer", traps: [], regions: ["stack"], feature: "mvp", kernel: i64.rotl },
  { code: 0x8a, mnemonic: "i64.rotr", immediates: "none", signature: "II:I", fuel: "simple", family: "integer", traps: [], regions: ["stack"], feature: "mvp", kernel: i64.rotr },
  { code: 0x8b, mnemonic: "f32.abs", immediates: "none", signature: "f:f", fuel: "float", family: "float", traps: [], regions: ["stack"], feature: "mvp", worksOnBits: true, kernel: f32.abs },
  { code: 0x8c, mnemonic: "f32.neg", immediates: "none", signature: "f:f", fuel: "float", family: "float", traps: [], regions: ["stack"], feature: "mvp", worksOnBits: true, kernel: f32.neg },
  { code: 0x8d, mnemonic: "f32.ceil", immediates: "none", signature: "f:f", fuel: "floatRound", family: "float", traps: [], regions: ["stack"], feature: "mvp", mayMakeNan: true, kernel: float.ceil },
  { code: 0x8e, mnemonic: "f32.floor", immediates: "none", signature: "f:f", fuel: "floatRound", family: "float", traps: [], regions: ["stack"], feature: "mvp", mayMakeNan: true, kernel: float.floor },
  { code: 0x8f, mnemonic: "f32.trunc", immediates: "none", signature: "f:f", fuel: "floatRound", family: "float", traps: [], regions: ["stack"], feature: "mvp", mayMakeNan: true, kernel: float.trunc },
  { code: 0x90, mnemonic: "f32.nearest", immediates: "none", signature: "f:f", fuel: "floatRound", family: "float", traps: [], regions: ["stack"], feature: "mvp", mayMakeNan: true, kernel: float.nearest },
  { code: 0x91, mnemonic: "f32.sqrt", immediates: "none", signature: "f:f", fuel: "floatDivide", family: "float", traps: [], regions: ["stack"], feature: "mvp", mayMakeNan: true, kernel: f32.sqrt },
  { code: 0x92, mnemonic: "f32.add", immediates: "none", signature: "ff:f", fuel: "float", family: "float", traps: [], regions: ["stack"], feature: "mvp", mayMakeNan: true, kernel: f32.add },
  { code: 0x93, mnemonic: "f32.sub", immediates: "none", signature: "ff:f", fuel: "float", family: "float", traps: [], regions: ["stack"], feature: "mvp", mayMakeNan: true, kernel: f32.sub },
  { code: 0x94, mnemonic: "f32.mul", immediates: "none", signature: "ff:f", fuel: "floatMultiply", family: "float", traps: [], regions: ["stack"], feature: "mvp", mayMakeNan: true, kernel: f32.mul },
  { code: 0x95, mnemonic: "f32.div", immediates: "none", signature: "ff:f", fuel: "floatDivide", family: "float", traps: [], regions: ["stack"], feature: "mvp", mayMakeNan: true, kernel: f32.div },
  { code: 0x96, mnemonic: "f32.min", immediates: "none", signature: "ff:f", fuel: "floatRound", family: "float", traps: [], regions: ["stack"], feature: "mvp", mayMakeNan: true, kernel: float.min },
  { code: 0x97, mnemonic: "f32.max", immediates: "none", signature: "ff:f", fuel: "floatRound", family: "float", traps: [], regions: ["stack"], feature: "mvp", mayMakeNan: true, kernel: float.max },
  { code: 0x98, mnemonic: "f32.copysign", immediates: "none", signature: "ff:f", fuel: "float", family: "float", traps: [], regions: ["stack"], feature: "mvp", worksOnBits: true, kernel: f32.copysign },
  { code: 0x99, mnemonic: "f64.abs", immediates: "none", signature: "F:F", fuel: "float", family: "float", traps: [], regions: ["stack"], feature: "mvp", worksOnBits: true, kernel: f64.abs },
  { code: 0x9a, mnemonic: "f64.neg", immediates: "none", signature: "F:F", fuel: "float", family: "float", traps: [], regions: ["stack"], feature: "mvp", worksOnBits: true, kernel: f64.neg },
  { code: 0x9b, mnemonic: "f64.ceil", immediates: "none", signature: "F:F", fuel: "floatRound", family: "float", traps: [], regions: ["stack"], feature: "mvp", mayMakeNan: true, kernel: float.ceil },
  { code: 0x9c, mnemonic: "f64.floor", immediates: "none", signature: "F:F", fuel: "floatRound", family: "float", traps: [], regions: ["stack"], feature: "mvp", mayMakeNan: true, kernel: float.floor },
  { code: 0x9d, mnemonic: "f64.trunc", immediates: "none", signature: "F:F", fuel: "floatRound", family: "float", traps: [], regions: ["stack"], feature: "mvp", mayMakeNan: true, kernel: float.trunc },
  { code: 0x9e, mnemonic: "f64.nearest", immediates: "none", signature: "F:F", fuel: "floatRound", family: "float", traps: [], regions: ["stack"], feature: "mvp", mayMakeNan: true, kernel: float.nearest },
  { code: 0x9f, mnemonic: "f64.sqrt", immediates: "none", signature: "F:F", fuel: "floatDivide", family: "float", traps: [], regions: ["stack"], feature: "mvp", mayMakeNan: true, kernel: f64.sqrt },
  { code: 0xa0, mnemonic: "f64.add", immediates: "none", signature: "FF:F", fuel: "float", family: "float", traps: [], regions: ["stack"], feature: "mvp", mayMakeNan: true, kernel: f64.add },
  { code: 0xa1, mnemonic: "f64.sub", immediates: "none", signature: "FF:F", fuel: "float", family: "float", traps: [], regions: ["stack"], feature: "mvp", mayMakeNan: true, kernel: f64.sub },
  { code: 0xa2, mnemonic: "f64.mul", immediates: "none", signature: "FF:F", fuel: "floatMultiply", family: "float", traps: [], regions: ["stack"], feature: "mvp", mayMakeNan: true, kernel: f64.mul },
  { code: 0xa3, mnemonic: "f64.div", immediates: "none", signature: "FF:F", fuel: "floatDivide", family: "float", traps: [], regions: ["stack"], feature: "mvp", mayMakeNan: true, kernel: f64.div },
  { code: 0xa4, mnemonic: "f64.min", immediates: "none", signature: "FF:F", fuel: "floatRound", family: "float", traps: [], regions: ["stack"], feature: "mvp", mayMakeNan: true, kernel: float.min },
  { code: 0xa5, mnemonic: "f64.max", immediates: "none", signature: "FF:F", fuel: "floatRound", family: "float", traps: [], regions: ["stack"], feature: "mvp", mayMakeNan: true, kernel: float.max },
  { code: 0xa6, mnemonic: "f64.copysign", immediates: "none", signature: "FF:F", fuel: "float", family: "float", traps: [], regions: ["stack"], feature: "mvp", worksOnBits: true, kernel: f64.copysign },
  { code: 0xa7, mnemonic: "i32.wrap_i64", immediates: "none", signature: "I:i", fuel: "simple", family: "integer", traps: [], regions: ["stack"], feature: "mvp", kernel: i32.wrapI64 },
  { code: 0xa8, mnemonic: "i32.trunc_f32_s", immediates: "none", signature: "f:i", fuel: "convert", family: "conversion", traps: ["invalidConversion", "integerOverflow"], regions: ["stack"], feature: "mvp", kernel: convert.truncI32, check: check.truncI32S },
  { code: 0xa9, mnemonic: "i32.trunc_f32_u", immediates: "none", signature: "f:i", fuel: "convert", family: "conversion", traps: ["invalidConversion", "integerOverflow"], regions: ["stack"], feature: "mvp", kernel: convert.truncI32, check: check.truncI32U },
  { code: 0xaa, mnemonic: "i32.trunc_f64_s", immediates: "none", signature: "F:i", fuel: "convert", family: "conversion", traps: ["invalidConversion", "integerOverflow"], regions: ["stack"], feature: "mvp", kernel: convert.truncI32, check: check.truncI32S },
  { code: 0xab, mnemonic: "i32.trunc_f64_u", immediates: "none", signature: "F:i", fuel: "convert", family: "conversion", traps: ["invalidConversion", "integerOverflow"], regions: ["stack"], feature: "mvp", kernel: convert.truncI32, check: check.truncI32U },
  { code: 0xac, mnemonic: "i64.extend_i32_s", immediates: "none", signature: "i:I", fuel: "simple", family: "integer", traps: [], regions: ["stack"], feature: "mvp", kernel: i64.extendI32S },
  { code: 0xad, mnemonic: "i64.extend_i32_u", immediates: "none", signature: "i:I", fuel: "simple", family: "integer", traps: [], regions: ["stack"], feature: "mvp", kernel: i64.extendI32U },
  { code: 0xae, mnemonic: "i64.trunc_f32_s", immediates: "none", signature: "f:I", fuel: "convert", family: "conversion", traps: ["invalidConversion", "integerOverflow"], regions: ["stack"], feature: "mvp", kernel: convert.truncI64, check: check.truncI64S },
  { code: 0xaf, mnemonic: "i64.trunc_f32_u", immediates: "none", signature: "f:I", fuel: "convert", family: "conversion", traps: ["invalidConversion", "integerOverflow"], regions: ["stack"], feature: "mvp", kernel: convert.truncI64, check: check.truncI64U },
  { code: 0xb0, mnemonic: "i64.trunc_f64_s", immediates: "none", signature: "F:I", fuel: "convert", family: "conversion", traps: ["invalidConversion", "integerOverflow"], regions: ["stack"], feature: "mvp", kernel: convert.truncI64, check: check.truncI64S },
  { code: 0xb1, mnemonic: "i64.trunc_f64_u", immediates: "none", signature: "F:I", fuel: "convert", family: "conversion", traps: ["invalidConversion", "integerOverflow"], regions: ["stack"], feature: "mvp", kernel: convert.truncI64, check: check.truncI64U },
  { code: 0xb2, mnemonic: "f32.convert_i32_s", immediates: "none", signature: "i:f", fuel: "convert", family: "conversion", traps: [], regions: ["stack"], feature: "mvp", kernel: convert.f32ConvertI32S },
  { code: 0xb3, mnemonic: "f32.convert_i32_u", immediates: "none", signature: "i:f", fuel: "convert", family: "conversion", traps: [], regions: ["stack"], feature: "mvp", kernel: convert.f32ConvertI32U },
  { code: 0xb4, mnemonic: "f32.convert_i64_s", immediates: "none", signature: "I:f", fuel: "convert", family: "conversion", traps: [], regions: ["stack"], feature: "mvp", kernel: convert.f32ConvertI64S },
  { code: 0xb5, mnemonic: "f32.convert_i64_u", immediates: "none", signature: "I:f", fuel: "convert", family: "conversion", traps: [], regions: ["stack"], feature: "mvp", kernel: convert.f32ConvertI64U },
  { code: 0xb6, mnemonic: "f32.demote_f64", immediates: "none", signature: "F:f", fuel: "convert", family: "conversion", traps: [], regions: ["stack"], feature: "mvp", mayMakeNan: true, kernel: convert.demote },
  { code: 0xb7, mnemonic: "f64.convert_i32_s", immediates: "none", signature: "i:F", fuel: "convert", family: "conversion", traps: [], regions: ["stack"], feature: "mvp", kernel: convert.f64ConvertI32S },
  { code: 0xb8, mnemonic: "f64.convert_i32_u", immediates: "none", signature: "i:F", fuel: "convert", family: "conversion", traps: [], regions: ["stack"], feature: "mvp", kernel: convert.f64ConvertI32U },
  { code: 0xb9, mnemonic: "f64.convert_i64_s", immediates: "none", signature: "I:F", fuel: "convert", family: "conversion", traps: [], regions: ["stack"], feature: "mvp", kernel: convert.f64ConvertI64S },
  { code: 0xba, mnemonic: "f64.convert_i64_u", immediates: "none", signature: "I:F", fuel: "convert", family: "conversion", traps: [], regions: ["stack"], feature: "mvp", kernel: convert.f64ConvertI64U },
  { code: 0xbb, mnemonic: "f64.promote_f32", immediates: "none", signature: "f:F", fuel: "convert", family: "conversion", traps: [], regions: ["stack"], feature: "mvp", mayMakeNan: true, kernel: convert.promote },
  { code: 0xbc, mnemonic: "i32.reinterpret_f32", immediates: "none", signature: "f:i", fuel: "simple", family: "integer", traps: [], regions: ["stack"], feature: "mvp", worksOnBits: true, kernel: i32.reinterpret },
  { code: 0xbd, mnemonic: "i64.reinterpret_f64", immediates: "none", signature: "F:I", fuel: "simple", family: "integer", traps: [], regions: ["stack"], feature: "mvp", worksOnBits: true, kernel: i64.reinterpret },
  { code: 0xbe, mnemonic: "f32.reinterpret_i32", immediates: "none", signature: "i:f", fuel: "simple", family: "integer", traps: [], regions: ["stack"], feature: "mvp", worksOnBits: true, kernel: i32.reinterpret },
  { code: 0xbf, mnemonic: "f64.reinterpret_i64", immediates: "none", signature: "I:F", fuel: "simple", family: "integer", traps: [], regions: ["stack"], feature: "mvp", worksOnBits: true, kernel: i64.reinterpret },
  { code: 0xc0, mnemonic: "i32.extend8_s", immediates: "none", signature: "i:i", fuel: "simple", family: "integer", traps: [], regions: ["stack"], feature: "signExtension", kernel: i32.extend8S },
  { code: 0xc1, mnemonic: "i32.extend16_s", immediates: "none", signature: "i:i", fuel: "simple", family: "integer", traps: [], regions: ["stack"], feature: "signExtension", kernel: i32.extend16S },
  { code: 0xc2, mnemonic: "i64.extend8_s", immediates: "none", signature: "I:I", fuel: "simple", family: "integer", traps: [], regions: ["stack"], feature: "signExtension", kernel: i64.extend8S },
  { code: 0xc3, mnemonic: "i64.extend16_s", immediates: "none", signature: "I:I", fuel: "simple", family: "integer", traps: [], regions: ["stack"], feature: "signExtension", kernel: i64.extend16S },
  { code: 0xc4, mnemonic: "i64.extend32_s", immediates: "none", signature: "I:I", fuel: "simple", family: "integer", traps: [], regions: ["stack"], feature: "signExtension", kernel: i64.extend32S },
  { code: 0xd0, mnemonic: "ref.null", immediates: "heapType", signature: null, fuel: "const", family: "parametric", traps: [], regions: ["stack"], feature: "referenceTypes" },
  { code: 0xd1, mnemonic: "ref.is_null", immediates: "none", signature: null, fuel: "simple", family: "parametric", traps: [], regions: ["stack"], feature: "referenceTypes" },
  { code: 0xd2, mnemonic: "ref.func", immediates: "function", signature: null, fuel: "const", family: "parametric", traps: [], regions: ["stack"], feature: "referenceTypes" },
  { code: 0xfc00, mnemonic: "i32.trunc_sat_f32_s", immediates: "none", signature: "f:i", fuel: "convert", family: "conversion", traps: [], regions: ["stack"], feature: "saturatingConversions", kernel: convert.truncSatI32S },
  { code: 0xfc01, mnemonic: "i32.trunc_sat_f32_u", immediates: "none", signature: "f:i", fuel: "convert", family: "conversion", traps: [], regions: ["stack"], feature: "saturatingConversions", kernel: convert.truncSatI32U },
  { code: 0xfc02, mnemonic: "i32.trunc_sat_f64_s", immediates: "none", signature: "F:i", fuel: "convert", family: "conversion", traps: [], regions: ["stack"], feature: "saturatingConversions", kernel: convert.truncSatI32S },
  { code: 0xfc03, mnemonic: "i32.trunc_sat_f64_u", immediates: "none", signature: "F:i", fuel: "convert", family: "conversion", traps: [], regions: ["stack"], feature: "saturatingConversions", kernel: convert.truncSatI32U },
  { code: 0xfc04, mnemonic: "i64.trunc_sat_f32_s", immediates: "none", signature: "f:I", fuel: "convert", family: "conversion", traps: [], regions: ["stack"], feature: "saturatingConversions", kernel: convert.truncSatI64S },
  { code: 0xfc05, mnemonic: "i64.trunc_sat_f32_u", immediates: "none", signature: "f:I", fuel: "convert", family: "conversion", traps: [], regions: ["stack"], feature: "saturatingConversions", kernel: convert.truncSatI64U },
  { code: 0xfc06, mnemonic: "i64.trunc_sat_f64_s", immediates: "none", signature: "F:I", fuel: "convert", family: "conversion", traps: [], regions: ["stack"], feature: "saturatingConversions", kernel: convert.truncSatI64S },
  { code: 0xfc07, mnemonic: "i64.trunc_sat_f64_u", immediates: "none", signature: "F:I", fuel: "convert", family: "conversion", traps: [], regions: ["stack"], feature: "saturatingConversions", kernel: convert.truncSatI64U },
  { code: 0xfc08, mnemonic: "memory.init", immediates: "dataMemory", signature: "iii:", fuel: "servicePiece", family: "bulk", traps: ["outOfBoundsMemory"], regions: ["stack", "sizes", "dropped", "dirty", "data", "memory"], feature: "bulkMemory" },
  { code: 0xfc09, mnemonic: "data.drop", immediates: "data", signature: "", fuel: "service", family: "bulk", traps: [], regions: ["dropped"], feature: "bulkMemory" },
  { code: 0xfc0a, mnemonic: "memory.copy", immediates: "memoryMemory", signature: "iii:", fuel: "bulk", family: "bulk", traps: ["outOfBoundsMemory"], regions: ["stack", "sizes", "dirty", "memory"], feature: "bulkMemory" },
  { code: 0xfc0b, mnemonic: "memory.fill", immediates: "memory", signature: "iii:", fuel: "bulk", family: "bulk", traps: ["outOfBoundsMemory"], regions: ["stack", "sizes", "dirty", "memory"], feature: "bulkMemory" },
  { code: 0xfc0c, mnemonic: "table.init", immediates: "elementTable", signature: "iii:", fuel: "tablePiece", family: "table", traps: ["outOfBoundsTable"], regions: ["stack", "sizes", "dropped", "elements", "tables"], feature: "bulkMemory" },
  { code: 0xfc0d, mnemonic: "elem.drop", immediates: "element", signature: "", fuel: "service", family: "bulk", traps: [], regions: ["dropped"], feature: "bulkMemory" },
  { code: 0xfc0e, mnemonic: "table.copy", immediates: "tableTable", signature: "iii:", fuel: "tablePiece", family: "table", traps: ["outOfBoundsTable"], regions: ["stack", "sizes", "tables"], feature: "bulkMemory" },
  { code: 0xfc0f, mnemonic: "table.grow", immediates: "table", signature: null, fuel: "tablePiece", family: "table", traps: [], regions: ["stack", "sizes", "tables"], feature: "referenceTypes" },
  { code: 0xfc10, mnemonic: "table.size", immediates: "table", signature: ":i", fuel: "service", family: "table", traps: [], regions: ["stack", "sizes"], feature: "referenceTypes" },
  { code: 0xfc11, mnemonic: "table.fill", immediates: "table", signature: null, fuel: "tablePiece", family: "table", traps: ["outOfBoundsTable"], regions: ["stack", "sizes", "tables"], feature: "referenceTypes" },
  { code: 0xff00, mnemonic: "host.input_size", immediates: "none", signature: ":i", fuel: "global", family: "host", traps: [], regions: ["stack"], feature: "host" },
  { code: 0xff01, mnemonic: "host.input_read", immediates: "none", signature: "iii:", fuel: "servicePiece", family: "host", traps: ["outOfBoundsMemory", "outOfBoundsInput"], regions: ["stack", "sizes", "dirty", "input", "memory"], feature: "host" },
  { code: 0xff02, mnemonic: "host.time_ms", immediates: "none", signature: ":I", fuel: "service", family: "host", traps: [], regions: ["stack"], feature: "host" },
  { code: 0xff03, mnemonic: "host.unknown", immediates: "none", signature: null, fuel: "branch", family: "host", traps: ["unknownHostFunction"], regions: [], feature: "host" },
  { code: 0xff04, mnemonic: "host.output_write", immediates: "none", signature: "ii:", fuel: "output", family: "host", traps: ["outOfBoundsOutput", "outOfBoundsMemory"], regions: ["stack", "sizes", "memory", "output"], feature: "host" },
  { code: 0xff05, mnemonic: "host.exit", immediates: "none", signature: "i:", fuel: "return", family: "host", traps: [], regions: ["stack", "frames"], feature: "host" },
] as const satisfies readonly InstructionRow[];

/** First byte of the page of two-part codes `0xfc n`, and of our own page, which is never decoded. */
export const codePages = { extended: 0xfc, host: 0xff } as const;

/** The pages of two-part codes in the order of their dense numbers. */
const pages: readonly number[] = [codePages.extended, codePages.host];
const pageSize = 256;
/** Count of dense numbers. */
export const denseCodes = pageSize * (pages.length + 1);

/** Codes numbered densely: one-byte codes as they are, the prefixed pages behind them; −1 for a page that is none. */
export function denseCode(code: number): number {
  if (code < pageSize) return code;
  const page = pages.indexOf(code >> 8);
  return page < 0 ? -1 : (page + 1) * pageSize + (code & 0xff);
}

/** The code of a dense number. */
export function codeOfDense(dense: number): number {
  return dense < pageSize ? dense : (pages[(dense >> 8) - 1] << 8) | (dense & 0xff);
}

/** Mnemonic of an instruction that can stand in a record, i.e. that the machine executes. */
export type Mnemonic = Exclude<(typeof instructions)[number], { family: "structure" }>["mnemonic"];

const byCode = new Map<number, InstructionRow>(instructions.map((row) => [row.code, row]));
const byMnemonic = new Map<string, InstructionRow>(instructions.map((row) => [row.mnemonic, row]));

/** The row of a code, or undefined for a code that no instruction has. */
export function instructionOf(code: number): InstructionRow | undefined {
  return byCode.get(code);
}

/** The code of a mnemonic of this table. Throws RangeError for a name that no row has. */
export function codeOf(mnemonic: (typeof instructions)[number]["mnemonic"]): number {
  const row = byMnemonic.get(mnemonic);
  if (row === undefined) throw new RangeError(`expected a mnemonic of the table, got ${mnemonic}`);
  return row.code;
}
