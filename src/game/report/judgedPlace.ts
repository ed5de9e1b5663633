/**
 * The judged instruction in its surroundings: listing, operands and results with their types, locals, who had called.
 *
 * Invariant: all of it comes from the replay; names are strangers' and are escaped.
 */
import { type ShownValue, shownValueText } from "../../interpreter/inspect/valueText.ts";
import type { JudgedStep } from "../transcript/judgedStep.ts";
import { html, type Markup } from "./html.ts";
import { grouped } from "./narrowing.ts";
import { type ReportedSource, sourceLines } from "./sourceLines.ts";
import { visibleInstruction, visibleName } from "./visibleText.ts";

type NameOf = (name: string) => string;

/** How the judged step's texts are to look. */
export interface JudgedPresentation {
  readonly nameOf: NameOf;
  readonly sourceOf?: ((pc: number) => ReportedSource | undefined) | undefined;
}

export function judgedPlace(judged: JudgedStep, { nameOf, sourceOf }: JudgedPresentation): Markup {
  const name = visibleName(nameOf(judged.function));
  return html`<p><span class="strong">${visibleInstruction(judged.text, nameOf)}</span> in function <span class="strong">${name}</span>${
    judged.module ? ` of module ${visibleName(judged.module)}` : ""
  }, step ${grouped(judged.step)}, pc ${judged.pc}${judged.offset >= 0 ? `, byte ${judged.offset}` : ""}</p>
${sourceLines(sourceOf?.(judged.pc))}<p class="soft">Operands: ${valuesText(judged.operandValues)}${
    judged.resultValues.length > 0 ? html`. Leaves: ${valuesText(judged.resultValues)}` : ""
  }</p>
<pre class="listing">${judged.listing.map(
    (line) =>
      html`<div${line.isJudged ? html` class="judged"` : ""}>${String(line.pc).padStart(6)}  ${visibleInstruction(line.text, nameOf)}</div>`,
  )}</pre>
${callStack(judged, name, { nameOf, sourceOf })}
${locals(judged.localValues)}`;
}

function valuesText(values: readonly ShownValue[]): string {
  return values.map(shownValueText).join(", ") || "none";
}

function callStack(
  { calledBy, depth }: JudgedStep,
  name: string,
  { nameOf, sourceOf }: JudgedPresentation,
): Markup {
  if (depth === 0)
    return html`<p class="soft">${name} is the call itself: nothing had called it.</p>`;
  const callers = calledBy.map(
    (place) =>
      html`<li>${visibleName(nameOf(place.function))}${
        place.module
          ? html` <span class="soft">${visibleName(place.module)}, pc ${place.pc}${callerSource(sourceOf?.(place.pc))}</span>`
          : ""
      }</li>`,
  );
  const more = depth - calledBy.length;
  return html`<p class="strong">Call stack</p><ol class="stack"><li>${name}</li>${callers}${
    more > 0 ? html`<li class="soft">and ${grouped(more)} more</li>` : ""
  }</ol>`;
}

function callerSource(source: ReportedSource | undefined): string {
  return source === undefined ? "" : `, ${source.place}`;
}

function locals(values: readonly ShownValue[]): Markup {
  if (values.length === 0) return html``;
  return html`<details><summary>${values.length === 1 ? "1 local" : `${values.length} locals`}</summary><table class="values">${values.map(
    (value, i) =>
      html`<tr><td class="n">${i}</td><td>${value.type}</td><td><code>${value.value}</code></td><td><code>${value.bits}</code></td></tr>`,
  )}</table></details>`;
}
