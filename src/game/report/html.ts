/**
 * Building HTML and SVG text with everything escaped that is not markup written in this folder.
 *
 * Invariant: a value can become markup only as a `Markup` made by the `html` tag; so no text of a transcript or a module,
 * which strangers may have written, is ever interpreted, and none can hide or reorder what stands beside it.
 */
import { visible } from "./visibleText.ts";

export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Value = Markup | string | number | bigint | readonly Value[];

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function render(value: Value): string {
  if (value instanceof Markup) return value.text;
  if (Array.isArray(value)) return value.map(render).join("");
  return visible(String(value)).replace(/[&<>"']/g, (character) => entities[character]);
}

/** A template whose literal parts are markup and whose values are escaped. */
export function html(parts: TemplateStringsArray, ...values: readonly Value[]): Markup {
  const texts = parts.map((part, i) => part + (i < values.length ? render(values[i]) : ""));
  return new Markup(texts.join(""));
}
