/**
 * Reader of the s-expressions of test scripts (core specification §6.3, lexical format).
 * It knows parentheses, strings, comments, annotations and atoms, nothing of WebAssembly; every node keeps its source span,
 * so that the text of a module can be handed over verbatim.
 *
 * Invariant: `source.slice(node.start, node.end)` is the text of the node; nothing but white space,
 * comments and annotations lies between neighbours.
 */
export interface Atom {
  readonly kind: "atom";
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

export interface Text {
  readonly kind: "string";
  readonly start: number;
  readonly end: number;
  /** The string's source between the quotes, escapes not yet resolved. */
  readonly raw: string;
}

export interface List {
  readonly kind: "list";
  readonly start: number;
  readonly end: number;
  readonly items: readonly Node[];
}

export type Node = Atom | Text | List;

/** A script that breaks the rules of its own format: a defect of the suite or of this reader. */
export class ScriptError extends Error {
  constructor(offset: number, message: string) {
    super(`${message} (character ${offset})`);
    this.name = "ScriptError";
  }
}

const code = (character: string) => character.charCodeAt(0);
const [open, close, quote, semicolon, backslash, newline] = ["(", ")", '"', ";", "\\", "\n"].map(
  code,
);
const isSpace = (c: number) => c === 32 || (c >= 9 && c <= 13);

/** End of the block comment that begins at `start`; block comments nest. */
function endOfBlockComment(source: string, start: number): number {
  let depth = 0;
  for (let at = start; at < source.length; at += 1) {
    if (source.startsWith("(;", at)) depth += 1;
    else if (source.startsWith(";)", at)) depth -= 1;
    else continue;
    at += 1;
    if (depth === 0) return at + 1;
  }
  throw new ScriptError(start, "expected the end of a block comment");
}

/** Position of the first character at or after `start` that is neither space nor comment. */
function skipBlank(source: string, start: number): number {
  let at = start;
  for (;;) {
    const c = source.charCodeAt(at);
    if (isSpace(c)) at += 1;
    else if (c === semicolon && source.charCodeAt(at + 1) === semicolon) {
      while (at < source.length && source.charCodeAt(at) !== newline && source[at] !== "\r")
        at += 1;
    } else if (c === open && source.charCodeAt(at + 1) === semicolon) {
      at = endOfBlockComment(source, at);
    } else return at;
  }
}

function readString(source: string, start: number): Text {
  let at = start + 1;
  while (source.charCodeAt(at) !== quote) {
    if (at >= source.length) throw new ScriptError(start, "expected the end of a string");
    at += source.charCodeAt(at) === backslash ? 2 : 1;
  }
  return { kind: "string", start, end: at + 1, raw: source.slice(start + 1, at) };
}

function readAtom(source: string, start: number): Atom {
  let at = start;
  for (; at < source.length; at += 1) {
    const c = source.charCodeAt(at);
    if (isSpace(c) || c === open || c === close || c === quote) break;
    if (c === semicolon && source.charCodeAt(at + 1) === semicolon) break;
  }
  return { kind: "atom", start, end: at, text: source.slice(start, at) };
}

/** An annotation `(@id …)` counts as white space (specification §6.3, lexical format, annotations). */
const isAnnotation = (start: number, [first]: readonly Node[]) =>
  first?.kind === "atom" && first.start === start + 1 && first.text.startsWith("@");

/** All top-level nodes of a script. */
export function readScript(source: string): readonly Node[] {
  const top: Node[] = [];
  const outer: { readonly start: number; readonly items: Node[] }[] = [];
  let items = top;
  for (let at = skipBlank(source, 0); at < source.length; at = skipBlank(source, at)) {
    const c = source.charCodeAt(at);
    if (c === open) {
      outer.push({ start: at, items });
      items = [];
      at += 1;
    } else if (c === close) {
      const list = outer.pop();
      if (list === undefined) throw new ScriptError(at, "expected no closing parenthesis");
      if (!isAnnotation(list.start, items)) {
        list.items.push({ kind: "list", start: list.start, end: at + 1, items });
      }
      items = list.items;
      at += 1;
    } else {
      const node = c === quote ? readString(source, at) : readAtom(source, at);
      items.push(node);
      at = node.end;
    }
  }
  const unclosed = outer.pop();
  if (unclosed !== undefined)
    throw new ScriptError(unclosed.start, "expected a closing parenthesis");
  return top;
}

const simpleEscapes: Readonly<Record<string, number>> = {
  t: 9,
  n: 10,
  r: 13,
  '"': 34,
  "'": 39,
  "\\": 92,
};
const encoder = new TextEncoder();

/** The bytes that a string stands for, escapes resolved (specification §6.3.3). */
export function bytesOf(node: Text): Uint8Array {
  const bytes: number[] = [];
  const pattern = /\\u\{([0-9a-fA-F_]+)\}|\\([tnr"'\\])|\\([0-9a-fA-F]{2})|([^\\]+)/gy;
  let end = 0;
  for (const match of node.raw.matchAll(pattern)) {
    const [whole, unicode, simple, hex, plain] = match;
    end = match.index + whole.length;
    if (unicode !== undefined) {
      const point = Number.parseInt(unicode.replaceAll("_", ""), 16);
      bytes.push(...encoder.encode(String.fromCodePoint(point)));
    } else if (simple !== undefined) bytes.push(simpleEscapes[simple]);
    else if (hex !== undefined) bytes.push(Number.parseInt(hex, 16));
    else for (const byte of encoder.encode(plain)) bytes.push(byte);
  }
  if (end !== node.raw.length) throw new ScriptError(node.start, "expected a valid escape");
  return Uint8Array.from(bytes);
}
