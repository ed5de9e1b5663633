/**
 * The sections of a host module under construction, and the indices of what they hold (spec §5.5).
 *
 * Invariant: every entry is appended as bytes to its section; nothing is kept for an entry beside them.
 */

import { hintsOf, sectionIds, Writer, wasmMagic } from "./binaryWriter.ts";
import type { FunctionCode } from "./hostFrame.ts";
import { names } from "./hostLayout.ts";
import type { HostSignature, HostType } from "./hostTypes.ts";
import { i32, i64, signatureKey } from "./hostTypes.ts";

export const funcref = 0x70;
const functionForm = 0x60;
/** A recursive group of types (WebAssembly 3.0). */
const groupForm = 0x4e;
export const externalKinds = { function: 0, table: 1, memory: 2, global: 3 } as const;
export const mutable = 1;

/** A section that is a vector, while it grows. */
class Vector {
  count = 0;
  readonly content = new Writer(256);

  /** The writer for one entry more. */
  next(): Writer {
    this.count++;
    return this.content;
  }

  addTo(out: Writer, id: number): void {
    if (this.count === 0) return;
    const head = new Writer(8).unsigned(this.count);
    out.u8(id).unsigned(head.length + this.content.length);
    out.raw(head.view).raw(this.content.view);
  }
}

function writeFunctionType(
  out: Writer,
  params: readonly HostType[],
  results: readonly HostType[],
): void {
  out.u8(functionForm).unsigned(params.length).raw(params);
  out.unsigned(results.length).raw(results);
}

/** A number in base two, as parameters. */
function digits(number: number): HostType[] {
  return [...number.toString(2)].map((digit) => (digit === "0" ? i32 : i64));
}

export class ModuleSections {
  importedFunctions = 0;
  /** Bytes of the functions' bodies. */
  readonly bodySizes: number[] = [];
  private typeCount = 0;
  private readonly typeIndices = new Map<string, number>();
  /** A signature is looked up more often than its key is made. */
  private readonly indicesOfSignatures = new Map<HostSignature, number>();
  private readonly types = new Vector();
  private readonly imports = new Vector();
  private readonly functions = new Vector();
  private readonly tables = new Vector();
  private readonly globals = new Vector();
  private readonly exports = new Vector();
  private readonly elements = new Vector();
  private readonly codes = new Vector();
  private readonly hints = new Vector();

  /** Index of the next function. */
  get nextFunction(): number {
    return this.importedFunctions + this.functions.count;
  }

  /** Bytes of code so far. */
  get codeBytes(): number {
    return this.codes.content.length;
  }

  typeIndex(signature: HostSignature): number {
    let index = this.indicesOfSignatures.get(signature);
    if (index === undefined) {
      index = this.indexOfKey(signature);
      this.indicesOfSignatures.set(signature, index);
    }
    return index;
  }

  private indexOfKey(signature: HostSignature): number {
    const key = signatureKey(signature);
    let index = this.typeIndices.get(key);
    if (index === undefined) {
      const { params, results, variant = 0 } = signature;
      index = this.typeCount;
      this.typeCount += variant === 0 ? 1 : 2;
      const out = this.types.next();
      // A type is told apart by the group that it is defined in: here by a second type, which spells the number.
      if (variant > 0) out.u8(groupForm).u8(2);
      writeFunctionType(out, params, results);
      if (variant > 0) writeFunctionType(out, digits(variant), []);
      this.typeIndices.set(key, index);
    }
    return index;
  }

  /** Begins an import; the caller writes its type. */
  addImport(name: string, kind: number): Writer {
    return this.imports.next().name(names.namespace).name(name).u8(kind);
  }

  importFunction(name: string, signature: HostSignature): number {
    const type = this.typeIndex(signature);
    this.addImport(name, externalKinds.function).unsigned(type);
    return this.importedFunctions++;
  }

  addExport(name: string, kind: number, index: number): void {
    this.exports.next().name(name).u8(kind).unsigned(index);
  }

  addFunction(signature: HostSignature, { body, unlikely }: FunctionCode): void {
    if (unlikely.length > 0) this.hints.next().raw(hintsOf(this.nextFunction, unlikely).view);
    this.functions.next().unsigned(this.typeIndex(signature));
    this.codes.next().sized(body);
    this.bodySizes.push(body.length);
  }

  /** Begins a global; the caller writes its type and its initial value. */
  addGlobal(): Writer {
    return this.globals.next();
  }

  /** A table of so many functions. */
  addFunctionTable(count: number): void {
    this.tables.next().u8(funcref).u8(1).unsigned(count).unsigned(count);
  }

  /** Puts `count` functions, from index `first` on, into a table from entry `at` on. */
  addFunctionElements(table: number, at: number, first: number, count: number): void {
    const out = this.elements.next().unsigned(2).unsigned(table).i32(at).op("end");
    out.u8(0).unsigned(count);
    for (let index = 0; index < count; index++) out.unsigned(first + index);
  }

  finish(): Uint8Array<ArrayBuffer> {
    const out = new Writer(this.codeBytes + 65536).raw(wasmMagic);
    this.types.addTo(out, sectionIds.type);
    this.imports.addTo(out, sectionIds.import);
    this.functions.addTo(out, sectionIds.function);
    this.tables.addTo(out, sectionIds.table);
    this.globals.addTo(out, sectionIds.global);
    this.exports.addTo(out, sectionIds.export);
    this.elements.addTo(out, sectionIds.element);
    if (this.hints.count > 0) {
      const hints = new Writer(64).name("metadata.code.branch_hint").unsigned(this.hints.count);
      out.section(sectionIds.custom, hints.raw(this.hints.content.view));
    }
    this.codes.addTo(out, sectionIds.code);
    return out.bytes;
  }
}
