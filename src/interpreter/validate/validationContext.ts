/**
 * What validation knows of a module: the context C of the specification (§3.1.1), filled section by section
 * while the decoder streams through the bytes.
 *
 * Invariant: an index space is complete before anything that may refer to it is validated, except where the
 * specification itself lets only earlier entries be seen (constant expressions).
 */
import type {
  FunctionType,
  GlobalType,
  MemoryType,
  TableType,
  ValueType,
} from "../binary/module.ts";
import { InvalidError } from "../errors.ts";
import type { Features } from "../isa/features.ts";

export class Context {
  readonly features: Features;
  readonly types: FunctionType[] = [];
  /** Type index of each function, imported ones first. */
  readonly functions: number[] = [];
  readonly tables: TableType[] = [];
  readonly memories: MemoryType[] = [];
  readonly globals: GlobalType[] = [];
  importedFunctions = 0;
  importedGlobals = 0;
  readonly elementTypes: ValueType[] = [];
  /** Whether a memory or a table has 64-bit addresses. */
  hasWideAddresses = false;
  /** Content of the data count section, if there is one. */
  dataCount: number | undefined = undefined;
  /** Functions that `ref.func` may name: those met outside of bodies. One byte a function. */
  private declared = new Uint8Array(0);

  constructor(features: Features) {
    this.features = features;
  }

  declareFunction(index: number): void {
    if (index >= this.declared.length) {
      const larger = new Uint8Array(Math.max(this.functions.length, index + 1));
      larger.set(this.declared);
      this.declared = larger;
    }
    this.declared[index] = 1;
  }

  isDeclared(index: number): boolean {
    return this.declared[index] === 1;
  }

  type(index: number, offset: number): FunctionType {
    return this.types[index] ?? unknown("type", index, offset);
  }

  functionType(index: number, offset: number): FunctionType {
    return this.types[this.functions[index] ?? unknown("function", index, offset)];
  }

  table(index: number, offset: number): TableType {
    return this.tables[index] ?? unknown("table", index, offset);
  }

  memory(index: number, offset: number): MemoryType {
    return this.memories[index] ?? unknown("memory", index, offset);
  }

  global(index: number, offset: number): GlobalType {
    return this.globals[index] ?? unknown("global", index, offset);
  }

  elementType(index: number, offset: number): ValueType {
    return this.elementTypes[index] ?? unknown("elem segment", index, offset);
  }

  checkData(index: number, offset: number): void {
    // Without data count section the binary is malformed, which the decoder reports.
    if (index >= (this.dataCount ?? 0)) unknown("data segment", index, offset);
  }
}

function unknown(what: string, index: number, offset: number): never {
  throw new InvalidError(`unknown-${what.replace(" ", "-")}`, offset, `unknown ${what} ${index}`);
}
