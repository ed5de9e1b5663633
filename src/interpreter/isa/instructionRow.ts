/**
 * What a row of the instruction table says: its columns and their values (isa/table.ts, isa/vectorTable.ts).
 *
 * Invariant: a column is here or it does not exist; what follows from others is in isa/columns.ts.
 */

/** How a vector is divided into lanes (spec 3.0 §2.4.1). */
export type LaneShape = "i8x16" | "i16x8" | "i32x4" | "i64x2" | "f32x4" | "f64x2";

/**
 * How an instruction makes its result.
 *
 * - `lanewise`, `compare`, `shift`: each lane from the operands' lanes of the same number (`compare`: a mask of all bits;
 *   `shift`: by an i32, modulo the lane's width).
 * - `choose`: in each lane one of the operands' as it is.
 * - `bitwise`, `whole`: without lanes.
 * - `splat`, `zero`: one scalar in every lane, or in the first. `extractLane`, `replaceLane`: the lane of the immediate.
 * - `anyTrue`, `allTrue`, `bitmask`: an i32 from all lanes.
 * - `shuffle`, `swizzle`: bytes by numbers in the immediate, or in the second operand.
 * - `extend`, `extendLow`, `extendHigh`: all lanes, the lower half, the upper half of `from` as wider ones;
 *   `multiplyLow`, `multiplyHigh`: their products; `addPairs`, `dot`: sums of neighbours, or of their products.
 * - `narrow`: lanes of both operands as narrower ones.
 * - `convert`, `convertLow`, `convertZero`: as many lanes, only the lower ones, with zeros above.
 * - `constant`: the immediate.
 */
export type VectorForm =
  | "lanewise"
  | "compare"
  | "shift"
  | "choose"
  | "bitwise"
  | "whole"
  | "splat"
  | "zero"
  | "extractLane"
  | "replaceLane"
  | "anyTrue"
  | "allTrue"
  | "bitmask"
  | "shuffle"
  | "swizzle"
  | "extend"
  | "extendLow"
  | "extendHigh"
  | "multiplyLow"
  | "multiplyHigh"
  | "addPairs"
  | "dot"
  | "narrow"
  | "convert"
  | "convertLow"
  | "convertZero"
  | "constant";

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
  | "tableTable"
  | "v128"
  | "lane"
  | "shuffle"
  | "memargLane"
  | "zero";

/** What an instruction costs is decided by its class; the schedule gives the class its fuel. */
export type FuelClass =
  | "none"
  | "const"
  | "local"
  | "global"
  | "globalWrite"
  | "simple"
  | "shift"
  | "compare"
  | "multiply"
  | "divide"
  | "float"
  | "floatCompare"
  | "floatRound"
  | "floatMultiply"
  | "floatDivide"
  | "convert"
  | "reinterpret"
  | "load"
  | "store"
  | "branch"
  | "condition"
  | "branchTable"
  | "call"
  | "callIndirect"
  | "return"
  | "service"
  | "servicePiece"
  | "dataPiece"
  | "output"
  | "tableWrite"
  | "tablePiece"
  | "grow"
  | "bulk"
  | "atomic"
  | "wait"
  | "vectorConst"
  | "vectorSimple"
  | "vectorComposed"
  | "vectorSeries"
  | "vectorShift"
  | "vectorTest"
  | "vectorLane"
  | "vectorMultiply"
  | "vectorFloat"
  | "vectorFloatRound"
  | "vectorFloatMultiply"
  | "vectorFloatDivide"
  | "vectorConvert"
  | "vectorLoad"
  | "vectorStore";

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
  | "host"
  | "vectorMemory"
  | "vectorLane"
  | "vectorInteger"
  | "vectorConversion"
  | "vectorFloat"
  | "atomic";

/** An array of the state tree or of the program tree (docs/proof-format.md §1) that a step may open. */
export type OpenedArray =
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
  | "elements"
  | "constants";

/** The proposal that brought the instruction; a decoder switch turns each on or off. */
export type InstructionFeature =
  | "mvp"
  | "signExtension"
  | "saturatingConversions"
  | "bulkMemory"
  | "referenceTypes"
  | "tailCalls"
  | "simd"
  | "relaxedSimd"
  | "memory64"
  | "threads"
  | "host";

export interface InstructionRow {
  /**
   * What an instruction holds: number of the family << 8 | number in the family, counted up; absent for structure. Once given
   * it stays, so that what is added later changes no program.
   */
  readonly op?: number;
  /** One-byte code, or prefix << 16 | number for two-part codes; 0xff is our own page, never decoded. */
  readonly code: number;
  readonly mnemonic: string;
  readonly immediates: ImmediateKind;
  /** `operands:results` in i (i32) I (i64) f (f32) F (f64) v (v128); null: polymorphic or control, an explicit case. */
  readonly signature: string | null;
  readonly fuel: FuelClass;
  readonly family: Family;
  /** Trap names in the order in which the instruction checks for them. */
  readonly traps: readonly string[];
  /** Arrays of the state tree and of the program tree that a step may open; none that it cannot. */
  readonly opens: readonly OpenedArray[];
  readonly feature: InstructionFeature;
  /** Bytes of memory that a load or store touches; absent otherwise. */
  readonly width?: number;
  /** `modify`: what stands there is read and what the kernel makes of it written; `compareExchange`: written if equal. */
  readonly access?: "load" | "store" | "modify" | "compareExchange";
  /** Bits of the result to which a load extends the sign of what it reads; absent where it does not. */
  readonly signExtends?: 32 | 64;
  /** The instruction that it is lowered to where its value is a vector (docs/machine.md §2). */
  readonly ofVector?: string;
  /** How a vector instruction makes its result; absent for every other row. */
  readonly form?: VectorForm;
  /** The lanes that it computes: of its result, or of its operands where the result is no vector. */
  readonly lanes?: LaneShape;
  /** The lanes of its operands where they differ. */
  readonly from?: LaneShape;
  /** Whether the integer lanes that it reads are signed; absent where it makes no difference. */
  readonly sign?: "s" | "u";
  /** A lane that its width cannot hold becomes the nearest one that it can. */
  readonly saturates?: true;
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
export type NumericFunction = (...operands: never[]) => unknown;
