/**
 * The words of a predicate (predicate.ts) and the error for what is none.
 *
 * Invariant: an error says at which character, and what was expected there.
 */

/** A predicate that cannot be read; `position` is the first character that is wrong, counted from 0. */
export class PredicateError extends Error {
  readonly position: number;

  constructor(position: number, problem: string) {
    super(`${problem} (character ${position + 1})`);
    this.name = "PredicateError";
    this.position = position;
  }
}

/** What a predicate may name: memories, globals and locals of a program. */
export interface PredicateScope {
  readonly memories: number;
  /** Type of a global by its program-wide number; undefined if there is none. */
  globalType(index: number): string | undefined;
  /** Program-wide index of a function by name or number; undefined if there is none, or more than one of that name. */
  functionIndex(name: string): number | undefined;
  /** Type of a function's local; undefined if it has none of that number. */
  localType(functionIndex: number, local: number): string | undefined;
}

/** A side of a comparison; `isFloat` is undefined of a number that may be either. */
export interface Operand<Side> {
  readonly isFloat: boolean | undefined;
  side(isFloat: boolean): Side;
}

const numberPattern = /-?(?:0x[\da-f]+|\d+(?:\.\d+)?(?:e[+-]?\d+)?|inf(?![\w])|nan(?![\w]))/iy;
const wordPattern = /[A-Za-z_]\w*/y;
const stringPattern = /"((?:[^"\\]|\\.)*)"/y;

export class Tokens {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
    this.#skipSpace();
  }

  get position(): number {
    return this.#at;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#text.length;
  }

  fail(expected: string): never {
    const found = this.isAtEnd
      ? "the end"
      : JSON.stringify(this.#text.slice(this.#at, this.#at + 12));
    throw new PredicateError(this.#at, `expected ${expected}, got ${found}`);
  }

  /** Passes over a symbol if it stands here. */
  take(symbol: string): boolean {
    if (!this.#text.startsWith(symbol, this.#at)) return false;
    this.#at += symbol.length;
    this.#skipSpace();
    return true;
  }

  expect(symbol: string): void {
    if (!this.take(symbol)) this.fail(symbol);
  }

  /** The text of a number; undefined if none stands here. */
  number(): string | undefined {
    const text = this.#match(numberPattern)?.[0].toLowerCase();
    return text?.replace(/inf$/, "Infinity").replace(/-?nan$/, "NaN");
  }

  /** A whole number from 0 on, below a bound. */
  index(what: string, bound: number): number {
    const at = this.#at;
    const text = this.number();
    const value = Number(text);
    if (text === undefined || !Number.isSafeInteger(value) || value < 0) {
      this.#at = at;
      this.fail(what);
    }
    if (value >= bound) throw new PredicateError(at, `there is no ${what} ${text}`);
    return value;
  }

  word(): string | undefined {
    return this.#match(wordPattern)?.[0];
  }

  /** A name in double quotes, as JSON has it. */
  quoted(): string | undefined {
    const at = this.#at;
    const found = this.#match(stringPattern)?.[0];
    if (found === undefined) return undefined;
    try {
      return JSON.parse(found) as string;
    } catch {
      throw new PredicateError(at, "it has a name that is no JSON string");
    }
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text);
    if (found !== null) {
      this.#at += found[0].length;
      this.#skipSpace();
    }
    return found;
  }

  #skipSpace(): void {
    while (/\s/.test(this.#text[this.#at] ?? "")) this.#at++;
  }
}
