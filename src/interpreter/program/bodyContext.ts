/**
 * What the lowering of a body needs to know about the program around it, by the module's own indices.
 *
 * Invariant: everything here is final before the first body of the module is lowered, except entry pcs and frame
 * sizes of the module's own functions; call instructions that need those are listed in `pendingCalls`.
 */
import type { AddressType, FunctionType, Module } from "../binary/module.ts";
import type { CodeBuffer } from "./codeBuffer.ts";
import type { ConstantPool } from "./constantPool.ts";
import type { HostMnemonic } from "./externals.ts";
import type { FuelSchedule } from "./fuelSchedule.ts";

/** A function as a caller sees it: defined somewhere in the program, or a host instruction. */
export interface CallTarget {
  /** Program-wide index; −1 for a host function that nothing refers to. */
  readonly index: number;
  readonly host: HostMnemonic | undefined;
  readonly type: FunctionType;
}

export interface SegmentPlace {
  /** Program-wide segment number. */
  readonly segment: number;
  /** Start in the program's `data` (bytes) or `elements` (entries); 0 unless passive. */
  readonly start: number;
  /** Bytes or entries; 0 unless passive. */
  readonly length: number;
}

export interface BodyContext {
  readonly module: Module;
  readonly code: CodeBuffer;
  readonly constants: ConstantPool;
  readonly schedule: FuelSchedule;
  readonly callees: readonly CallTarget[];
  /** Program-wide indices. */
  readonly tables: readonly number[];
  readonly memories: readonly number[];
  readonly globals: readonly number[];
  /** Limit of a call's output, which instructions of `output_write` hold. */
  readonly outputBytes: number;
  /** Slots of the global whose first slot that is. */
  globalWidth(slot: number): number;
  readonly typeIds: readonly number[];
  readonly dataSegments: readonly SegmentPlace[];
  readonly elementSegments: readonly SegmentPlace[];
  /** Field b of `memory.grow`: pages that a memory may reach, 0xffffffff if it never grows. */
  memoryMaximum(memory: number): number;
  /** By program-wide index. */
  memoryKind(memory: number): { readonly addressType: AddressType; readonly isShared: boolean };
  tableAddresses(table: number): AddressType;
  /** Field b of `table.grow`. */
  tableMaximum(table: number): number;
  /** pcs of call instructions that hold their callee's program-wide index until it is known what they call. */
  readonly pendingCalls: number[];
}
