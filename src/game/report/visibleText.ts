/**
 * Text of strangers (names in modules, what nodes answer) made fit for readers, terminals and XML.
 *
 * Invariant: what `visible` returns has no character that a terminal obeys, that reorders or hides others, or that ends a
 * line; each is written as WebAssembly's text format writes it. Data (JSON) keeps the names as they are.
 */

/** Controls (ESC, BEL, line feeds, C1), formats (bidi, zero width), separators, lone surrogates, private use. */
export const unseen = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}\p{Noncharacter_Code_Point}]/gu;

const short: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/** Longer names are cut where people read them; JSON has them whole. */
const mostCharacters = 400;

/** One character as an escape. */
export function escaped(character: string): string {
  return short[character] ?? `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}

/** A text as one line of characters that can be seen. */
export function visible(text: string): string {
  return text.replace(unseen, escaped);
}

/** A name as one line of characters that can be seen, cut if it is very long. */
export function visibleName(name: string): string {
  const cut = name.length > mostCharacters ? `${name.slice(0, mostCharacters)}…` : name;
  return visible(cut);
}

/** An instruction's text, with the name of a called function, which stands in a comment at its end, as `nameOf` has it. */
export function visibleInstruction(text: string, nameOf: (name: string) => string): string {
  const [, before, name] = /^(.*)\(;(.*);\)$/s.exec(text) ?? [];
  return before === undefined
    ? visible(text)
    : `${visible(before)}(;${visibleName(nameOf(name))};)`;
}
