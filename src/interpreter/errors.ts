/**
 * Errors of the front door: what can be wrong with a binary, a module or a set of modules.
 * Three kinds, kept apart as the specification does (§4.5 instantiation, §3 validation, §5 binary format).
 *
 * Invariant: `code` is stable (kebab-case, documented in docs/errors.md); `offset` is a byte offset into
 * the module's binary, or -1 where no byte is to blame; the text names what was expected.
 */

import type { MissingImport } from "./program/missingImports.ts";
import type { ProgramLimits } from "./program/program.ts";

/** A function of the module that is refused. */
export interface FaultyFunction {
  /** Index in the module's function space, imported functions first. */
  readonly index: number;
  /** From the name section, an export or an import; undefined if it has none. */
  readonly name: string | undefined;
}

abstract class ModuleError extends Error {
  /** That of the class in the source: bundlers rename classes. */
  abstract override readonly name: string;
  /** Stable, documented, machine-readable. */
  readonly code: string;
  /** Byte offset in the module's binary; -1 if none applies. */
  readonly offset: number;
  /** Function in whose body the byte lies, if it lies in one. */
  readonly function: FaultyFunction | undefined;
  /** Mnemonic of the instruction there, if it is one. */
  readonly instruction: string | undefined;
  /** What to do about it, where that is known: compiler switches, tools. Part of the message. */
  readonly advice: string | undefined;
  readonly #text: string;

  constructor(code: string, offset: number, message: string, advice?: string) {
    super();
    this.code = code;
    this.offset = offset;
    this.advice = advice;
    this.function = undefined;
    this.instruction = undefined;
    this.#text = message;
    this.message = this.#composed(advice);
  }

  /** The message without the advice. */
  get problem(): string {
    return this.#composed(undefined);
  }

  /** Adds where the byte lies, which is known only to those who called the code that found it. */
  place(place: {
    readonly function?: FaultyFunction;
    readonly instruction?: string | undefined;
  }): this {
    Object.assign(this, { function: this.function, instruction: this.instruction }, place);
    this.message = this.#composed(this.advice);
    return this;
  }

  #composed(advice: string | undefined): string {
    const { function: inside, instruction, offset } = this;
    const owner = inside && `function ${inside.index}`;
    const name = inside?.name === undefined ? "" : ` ${JSON.stringify(inside.name)}`;
    const place = [instruction, owner && `${owner}${name}`].filter(Boolean).join(" of ");
    return [
      this.#text,
      place && `, in ${place}`,
      advice && `; ${advice}`,
      offset >= 0 && ` (byte ${offset})`,
    ]
      .filter(Boolean)
      .join("");
  }
}

/** The bytes are not a WebAssembly binary (spec §5). */
export class MalformedError extends ModuleError {
  override readonly name = "MalformedError";
}

/** The module is well-formed but not valid (spec §3), or needs what this machine does not have. */
export class InvalidError extends ModuleError {
  override readonly name = "InvalidError";
}

/** What a LinkError may carry besides its text. */
export interface LinkDetails {
  /** What to do about it. */
  readonly advice?: string;
  /** Imports that nothing gives. */
  readonly missing?: readonly MissingImport[];
  /** The limit that could be raised. */
  readonly option?: keyof ProgramLimits | undefined;
}

/** Imports, limits or segments of valid modules do not fit together (spec §4.5.4). */
export class LinkError extends ModuleError {
  override readonly name = "LinkError";
  /** For `unknown-import`: all imports that nothing gives. */
  readonly missing: readonly MissingImport[];
  /** For `limit-exceeded`: the limit that could be raised, if it is one of the program's options. */
  readonly option: keyof ProgramLimits | undefined;

  constructor(code: string, offset: number, message: string, details: LinkDetails = {}) {
    super(code, offset, message, details.advice);
    this.missing = details.missing ?? [];
    this.option = details.option;
  }
}
