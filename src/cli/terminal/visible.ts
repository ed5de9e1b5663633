/**
 * What a command writes, made fit for a terminal as a whole: the last resort behind the names' own escapes
 * (game/report/visibleText.ts).
 *
 * Invariant: of what a terminal obeys only line feeds and our own colours come through.
 */
import { escaped, unseen } from "../../game/report/visibleText.ts";

export { visible, visibleName } from "../../game/report/visibleText.ts";

/** Colours as picocolors writes them are matched first, and so kept. */
const unseenBut = new RegExp(`\\u001b\\[\\d{1,2}m|(?!\\n)${unseen.source}`, "gu");

/** Lines that a command composed: its own line feeds and colours stay. */
export function guarded(lines: string): string {
  return lines.replace(unseenBut, (found) =>
    found.length > 1 && found.startsWith("\u001b") ? found : escaped(found),
  );
}

/** JSON in which every such character is an escape: the same value to whoever parses it. */
export function visibleJson(json: string): string {
  return json.replace(unseen, (character) =>
    Array.from({ length: character.length }, (_, i) => {
      return `\\u${character.charCodeAt(i).toString(16).padStart(4, "0")}`;
    }).join(""),
  );
}
