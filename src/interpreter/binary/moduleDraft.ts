/**
 * A module while it is being decoded: the parts read so far, the validation context that grows with them, and
 * the first thing found invalid.
 *
 * Invariant: an invalid module is decoded to its end all the same, so that bytes which are no binary at all
 * are reported as malformed, wherever they stand (spec §4.5, `module_decode` before `module_validate`).
 */
import { InvalidError } from "../errors.ts";
import { rowOfDense } from "../isa/denseRows.ts";
import type { Features } from "../isa/features.ts";
import { InstructionCursor } from "../isa/instructionCursor.ts";
import { codeOf, denseCode, denseCodes } from "../isa/table.ts";
import { ExpressionValidator } from "../validate/expressionValidator.ts";
import { Locals } from "../validate/localTypes.ts";
import { Context } from "../validate/validationContext.ts";
import { Reader } from "./binaryReader.ts";
import type {
  ConstantExpression,
  CustomSection,
  DataSegment,
  ElementSegment,
  Export,
  FunctionBody,
  GlobalDefinition,
  Import,
  MemoryType,
  TableType,
  ValueType,
} from "./module.ts";

/** Instructions that each is lowered to at most where control reaches it, by dense number: a tail call of a host function returns after it. */
const loweredTo = new Uint8Array(denseCodes).fill(1);
for (const mnemonic of ["block", "loop", "end"] as const)
  loweredTo[denseCode(codeOf(mnemonic))] = 0;

export class ModuleDraft {
  readonly features: Features;
  readonly reader: Reader;
  readonly cursor: InstructionCursor;
  readonly context: Context;
  readonly locals = new Locals();
  readonly validator: ExpressionValidator;
  /** What makes the module invalid, once something does. */
  invalidity: InvalidError | undefined = undefined;

  readonly imports: Import[] = [];
  readonly functions: number[] = [];
  readonly tables: (TableType & { readonly init?: ConstantExpression })[] = [];
  readonly memories: MemoryType[] = [];
  readonly globals: GlobalDefinition[] = [];
  readonly exports: Export[] = [];
  start: number | undefined = undefined;
  readonly elements: ElementSegment[] = [];
  readonly data: DataSegment[] = [];
  readonly bodies: FunctionBody[] = [];
  /** Bytes of the code section, once it is reached. */
  code: { readonly start: number; readonly end: number } | undefined = undefined;
  readonly customSections: CustomSection[] = [];

  /** Facts of bodies that are known to be valid (bodyFacts.ts). */
  readonly known: Uint32Array | undefined;

  constructor(bytes: Uint8Array, features: Features, known?: Uint32Array) {
    this.features = features;
    this.known = known;
    this.reader = new Reader(bytes);
    this.cursor = new InstructionCursor(bytes, features);
    this.context = new Context(features);
    this.validator = new ExpressionValidator(this.context, this.locals);
  }

  /** Notes that the module is invalid; the first reason stays. */
  reject(code: string, offset: number, message: string): void {
    this.invalidity ??= new InvalidError(code, offset, message);
  }

  /** Runs a check of validity unless the module is known to be invalid. */
  validate(check: () => void): void {
    if (this.invalidity !== undefined) return;
    try {
      check();
    } catch (error) {
      this.keep(error);
    }
  }

  /** Reads a constant expression of the given type at the reader's position. */
  constantExpression(type: ValueType): ConstantExpression {
    const start = this.reader.position;
    this.cursor.open(start, this.reader.limit);
    if (this.invalidity === undefined) this.validator.beginConstant(type);
    this.walk();
    this.reader.position = this.cursor.position;
    return { start, end: this.cursor.position };
  }

  /**
   * Walks an opened expression to its end, validating while the module is valid. Returns how many instructions of a
   * program it becomes, if it is.
   */
  walk(): number {
    const { cursor, validator } = this;
    if (this.invalidity === undefined) {
      try {
        let lowered = 1 + validator.plain(cursor);
        while (cursor.next()) {
          if (validator.isReachable) lowered += loweredTo[cursor.dense];
          validator.instruction(cursor);
          if (cursor.depth > 0) lowered += validator.plain(cursor);
        }
        return lowered + validator.counts.loweredBesides;
      } catch (error) {
        this.keep(error);
        if (error instanceof InvalidError && error.offset === cursor.offset) {
          error.place({ instruction: rowOfDense(cursor.dense)?.mnemonic });
        }
      }
    }
    while (cursor.next());
    return 0;
  }

  /** Takes an error of validation for the module's; any other, and an unsupported instruction, goes on up. */
  private keep(error: unknown): void {
    if (!(error instanceof InvalidError) || error.code.startsWith("unsupported-")) throw error;
    this.invalidity ??= error;
  }
}
