/**
 * The judged step's place in the source, with the lines around it, for the report.
 *
 * Invariant: paths, names and lines are strangers' and are escaped; nothing is read here, whoever renders the report brings
 * what is known.
 */
import { html, type Markup } from "./html.ts";
import { visible } from "./visibleText.ts";

/** A place in the source as a report shows it. */
export interface ReportedSource {
  /** File, line, column and function, with the calls through which it was inlined: one line of text. */
  readonly place: string;
  /** The lines around it, if the file was found. */
  readonly lines: readonly {
    readonly number: number;
    readonly text: string;
    readonly isCurrent: boolean;
  }[];
}

/** Longer lines are cut. */
const mostCharacters = 400;

export function sourceLines(source: ReportedSource | undefined): Markup {
  if (source === undefined) return html``;
  const width = String(source.lines.at(-1)?.number ?? 0).length;
  return html`<p class="strong">Source</p><p class="soft">${source.place}</p>${
    source.lines.length === 0
      ? ""
      : html`<pre class="listing source">${source.lines.map(
          ({ number, text, isCurrent }) =>
            html`<div${isCurrent ? html` class="judged"` : ""}>${String(number).padStart(width)}  ${visible(text.replaceAll("\t", "    ").slice(0, mostCharacters))}</div>`,
        )}</pre>`
  }`;
}
