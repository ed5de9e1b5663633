/**
 * Errors of the front door: what can be wrong with a binary, a module or a set of modules.
 * Three kinds, kept apart as the specification does (§4.5 instantiation, §3 validation, §5 binary format).
 *
 * Invariant: `code` is stable (kebab-case, documented in docs/errors.md); `offset` is a byte offset into
 * the module's binary, or -1 where no byte is to blame; the text names what was expected.
 */
abstract class ModuleError extends Error {
  /** Stable, documented, machine-readable. */
  readonly code: string;
  /** Byte offset in the module's binary; -1 if none applies. */
  readonly offset: number;

  constructor(code: string, offset: number, message: string) {
    super(offset >= 0 ? `${message} (byte ${offset})` : message);
    this.name = new.target.name;
    this.code = code;
    this.offset = offset;
  }
}

/** The bytes are not a WebAssembly binary (spec §5). */
export class MalformedError extends ModuleError {}

/** The module is well-formed but not valid (spec §3). */
export class InvalidError extends ModuleError {}

/** Imports, limits or segments of valid modules do not fit together (spec §4.5.4). */
export class LinkError extends ModuleError {}
