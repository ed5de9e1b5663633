/**
 * The program Ψ: flat, linked, lowered code and its static data, as the bytes that are committed
 * (docs/machine.md §3, docs/proof-format.md §5), and beside them what executors derive or need.
 *
 * Invariant: the committed byte arrays and `config` determine every step of every run; nothing else in this
 * structure can change a result. All integers in committed program bytes are big-endian.
 */
import type { AddressType, Module } from "../binary/module.ts";

/** Bytes of an instruction: op u16 · cost u16 · a u32 · b u32 · c u32. */
export const instructionBytes = 16;
/** Bytes of a branch-table entry: target pc u32 · height u16 · arity u16. */
export const branchBytes = 8;
/** Bytes of a function entry: type id u32 · entry pc u32 · params u16 · locals u16 · frame u32. */
export const functionBytes = 16;
/** Bytes of an entry of `constants`. */
export const constantBytes = 16;
/** Bytes of an element of an element segment or of a table: the reference, a slot, little-endian. */
export const referenceBytes = 8;

export const pageBytes = 65536;
/** The unit of dirtying and rehashing. */
export const chunkBytes = 4096;
/** Pages that a growth gets for the fuel of one chunk (docs/machine.md §5, rule 4). */
export const growthPages = 256;
/** The unit of proof. */
export const leafBytes = 128;
/** In field b of an access to memory: its static offset is 2^32 or more, so that it is out of bounds (docs/machine.md §3). */
export const beyondAddresses = 0x80000000;
/** pc of a machine that must stop (−1). */
export const haltedPc = 0xffffffff;
/** Entry pc of a program without gateway. */
export const noEntry = 0xffffffff;

/**
 * How large memories are (docs/machine.md §9). `declared`, the default: from the declared minimum up to the declared
 * maximum, as allocators need it. `fixed`: allocated whole from the start, `memory.grow` returns −1.
 */
export type GrowthPolicy = "fixed" | "declared";

/** Limits that a program declares up front; each has a hard ceiling from the depth of its Merkle array. */
export interface ProgramLimits {
  /** Operand stack with locals, in 8-byte slots; at most 2^20. */
  readonly stackSlots: number;
  /** Call frames below the running one; at most 2^20. */
  readonly frames: number;
  /** Entries of any one table; at most 2^24. */
  readonly tableEntries: number;
  /** Pages of any one memory where the module declares no maximum; at most 65536. */
  readonly memoryPages: number;
  /** Bytes of input of one gateway call; at most 2^32 − 1. */
  readonly inputBytes: number;
  /** Bytes of output of one gateway call; at most 2^32 − 1. */
  readonly outputBytes: number;
  /** Fuel of one gateway call; at most 2^53 − 1. */
  readonly callFuel: number;
}

/** What a call of a function needs to know; also the content of a call instruction. */
export interface FunctionEntry {
  /** Program-wide structural type id. */
  readonly typeId: number;
  readonly entryPc: number;
  /** Parameters, in slots. */
  readonly params: number;
  /** Parameters and declared locals, in slots: the height at entry. */
  readonly locals: number;
  /** Most slots the frame can ever hold, locals included. */
  readonly frame: number;
  /** Results, in slots. */
  readonly results: number;
  /** Module that defines it and its index in that module's function space; host stubs have module −1. */
  readonly module: number;
  readonly index: number;
}

/** Size of one memory, in pages of 64 KiB. */
export interface MemoryDeclaration {
  /** Pages at genesis. */
  readonly pages: number;
  /** Pages that memory.grow may reach; equal to `pages` under the policy `fixed`. */
  readonly maxPages: number;
  /** Type of its addresses. */
  readonly addressType: AddressType;
}

/** Size of one table, in entries. */
export interface TableDeclaration {
  /** Entries at genesis. */
  readonly size: number;
  /** Entries that `table.grow` may reach. */
  readonly maxSize: number;
  /** Type of its indices. */
  readonly addressType: AddressType;
}

/** Content of the configuration leaf (docs/proof-format.md §5). */
export interface ProgramConfig {
  /** Whether memories grow (docs/machine.md §9). */
  readonly growth: GrowthPolicy;
  /** Gateway function, type [] → [t*]; undefined for a program that is only invoked by hand. */
  readonly gateway: FunctionEntry | undefined;
  /** Ceilings of stack, frames, tables, memories, input and fuel (docs/machine.md §3). */
  readonly limits: ProgramLimits;
  /** Fuel for making one 4 KiB chunk dirty (c_chunk), and for what costs as much (docs/machine.md §5, rule 4). */
  readonly chunkFuel: number;
}

/** One module's index spaces, mapped to program-wide indices. */
export interface LinkedModule {
  /** Name by which later modules import from this one. */
  readonly name: string;
  /** The decoded module. */
  readonly module: Module;
  /** Whether it was linked as an import adapter (docs/machine.md §8). */
  readonly adapter: boolean;
  /**
   * Program-wide index of each function of the module, imported ones first; likewise for the next three.
   */
  readonly functions: readonly number[];
  readonly tables: readonly number[];
  readonly memories: readonly number[];
  readonly globals: readonly number[];
  /** Program-wide segment numbers (index into `dropped`). */
  readonly dataSegments: readonly number[];
  readonly elementSegments: readonly number[];
  /** Program-wide type ids. */
  readonly types: readonly number[];
}

/** Where an instruction comes from; not committed. */
export interface SourceLocation {
  /** Index into `modules`; −1 for synthesized code (host stubs, boot). */
  readonly module: number;
  /** Program-wide function index. */
  readonly function: number;
  readonly functionName: string;
  /** Byte offset of the instruction in the module's binary; −1 for synthesized code. */
  readonly offset: number;
}

/** An active segment, applied at genesis: data into a memory, or references into a table. */
export type ActiveSegment =
  | {
      readonly kind: "data";
      readonly memory: number;
      readonly offset: number;
      readonly length: number;
      readonly bytes: Uint8Array;
    }
  | {
      readonly kind: "elements";
      readonly table: number;
      readonly offset: number;
      readonly references: Uint32Array;
    };

/** What genesis puts into the state beside zeros. Not part of H_Ψ: the genesis state commits to its effect. */
export interface GenesisPlan {
  /** Initial slot of each global. */
  readonly globals: BigUint64Array;
  /** Reference that fills each table before its segments are applied. */
  readonly tableValues: readonly number[];
  /** Active segments in the order in which they are applied. */
  readonly segments: readonly ActiveSegment[];
  /** One byte a segment: 1 if genesis drops it (active and declarative ones). */
  readonly dropped: Uint8Array;
}

/**
 * A linked program Ψ (docs/machine.md §3): what `link` and `load` make, and what machines run. Plain data, never
 * changed once made; any number of machines may share it. The committed parts and the options in `config`
 * determine the program root (docs/proof-format.md §5), and with it every step of every run.
 */
export interface Program {
  /** Committed: instructions. */
  readonly code: Uint8Array;
  /** Committed: branch-table entries. */
  readonly branches: Uint8Array;
  /** Committed: function entries, program-wide function index × 16 bytes. */
  readonly functionEntries: Uint8Array;
  /** Committed: bytes of all data segments, one after another. */
  readonly data: Uint8Array;
  /** Committed: references of all element segments, one after another, 8 bytes each, little-endian. */
  readonly elements: Uint8Array;
  /** Committed: operands that do not fit their instructions, 16 bytes each, as they lie in memory. */
  readonly constants: Uint8Array;
  /** Committed: entry, limits, policy. */
  readonly config: ProgramConfig;

  /**
   * The linked modules in link order, each with its index spaces mapped to those of the program.
   */
  readonly modules: readonly LinkedModule[];
  /** All functions, by program-wide function index. */
  readonly functions: readonly FunctionEntry[];
  /** All memories, by program-wide memory index. */
  readonly memories: readonly MemoryDeclaration[];
  /** All tables, by program-wide table index. */
  readonly tables: readonly TableDeclaration[];
  /** Number of segments, data and element segments together. */
  readonly segments: number;
  /** Number of global slots. */
  readonly globals: number;
  /** Operand height at each pc, in slots relative to fp, locals included: sp = fp + heights[pc]. */
  readonly heights: Uint16Array;
  /** Boot function that calls the modules' start functions in link order, if any. */
  readonly boot: FunctionEntry | undefined;
  /** What genesis puts into the state: initial globals, table values, active segments. */
  readonly genesis: GenesisPlan;
  /** Source of the instruction at a pc. */
  locate(pc: number): SourceLocation;
}
