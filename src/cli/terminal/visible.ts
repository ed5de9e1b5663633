/**
 * Text of strangers (names in modules, paths, what nodes answer) made fit for a terminal and for XML.
 *
 * Invariant: what `visible` returns has no character that a terminal obeys, that reorders or hides others, or that ends a
 * line; each is written as WebAssembly's text format writes it. Data (JSON) keeps the names as they are.
 */

/** Controls (ESC, BEL, line feeds, C1), formats (bidi, zero width), separators, lone surrogates, private use. */
const unseen = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}\p{Noncharacter_Code_Point}]/gu;

const short: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/** Longer names are cut where people read them; JSON has them whole. */
const mostCharacters = 400;

function escaped(character: string): string {
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

/** The same for lines that a command composed: its own line feeds and colours stay. */
export function guarded(lines: string): string {
  return lines.replace(unseenBut, (found) =>
    found.length > 1 && found.startsWith("\u001b") ? found : escaped(found),
  );
}

/** Colours as picocolors writes them are matched first, and so kept. */
const unseenBut = new RegExp(`\\u001b\\[\\d{1,2}m|(?!\\n)${unseen.source}`, "gu");

/** JSON in which every such character is an escape: the same value to whoever parses it. */
export function visibleJson(json: string): string {
  return json.replace(unseen, (character) =>
    Array.from({ length: character.length }, (_, i) => {
      return `\\u${character.charCodeAt(i).toString(16).padStart(4, "0")}`;
    }).join(""),
  );
}
