/**
 * A notation for binaries in tests: bytes in hex, `( … )` for a group with its length before it, `"…"` for a
 * name, `^` before the byte that an error must blame.
 *
 * Invariant: nothing else is computed, so what a case means can be read off its text with the specification at hand.
 */
export interface Marked {
  readonly bytes: Uint8Array;
  /** Where the mark stood; −1 without one. */
  readonly offset: number;
}

const header = "00 61 73 6d 01 00 00 00";

interface Group {
  bytes: number[];
  mark: number;
}

function lengthOf(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...lengthOf(value >>> 7)];
}

function append(target: Group, inner: Group): void {
  const length = lengthOf(inner.bytes.length);
  if (inner.mark >= 0) target.mark = target.bytes.length + length.length + inner.mark;
  target.bytes.push(...length, ...inner.bytes);
}

/** Bytes as written. */
export function raw(text: string): Marked {
  const open: Group[] = [{ bytes: [], mark: -1 }];
  for (const token of text.match(/"[^"]*"|[0-9a-f]{2}|[()^]|\S/g) ?? []) {
    const group = open[open.length - 1];
    if (token === "(") open.push({ bytes: [], mark: -1 });
    else if (token === "^") group.mark = group.bytes.length;
    else if (token === ")") {
      const inner = open.pop();
      if (inner === undefined || open.length === 0) throw new Error(`unbalanced: ${text}`);
      append(open[open.length - 1], inner);
    } else if (token.startsWith('"')) {
      append(group, { bytes: [...new TextEncoder().encode(token.slice(1, -1))], mark: -1 });
    } else if (/^[0-9a-f]{2}$/.test(token)) group.bytes.push(Number.parseInt(token, 16));
    else throw new Error(`expected hex, a name, ( ) or ^, got ${token}`);
  }
  if (open.length !== 1) throw new Error(`unbalanced: ${text}`);
  return { bytes: Uint8Array.from(open[0].bytes), offset: open[0].mark };
}

/** A module: the header, then the sections as written. */
export function binary(sections: string): Marked {
  return raw(`${header} ${sections}`);
}

/** A module with the type [] → [] and one function of that type. */
export function body(instructions: string, locals = "00"): Marked {
  return binary(`01 (01 60 00 00) 03 (01 00) 0a (01 (${locals} ${instructions}))`);
}
