/**
 * Names of functions, and texts that hold them, as people read them: demangled, and with nothing in them that a terminal
 * obeys.
 *
 * Invariant: for text alone; JSON and every comparison keep the names as the modules have them.
 */

import { visibleInstruction } from "../../game/report/visibleText.ts";
import { valueTypes } from "../../interpreter/binary/module.ts";
import type { CodePlace, TrapReport } from "../../interpreter/inspect/trapReport.ts";
import { valueText } from "../../interpreter/inspect/valueText.ts";
import { visible, visibleName } from "../terminal/visible.ts";
import { demangled } from "./demangle.ts";
import type { TracedStep } from "./stepTrace.ts";

/** A function's name. */
export function nameText(name: string): string {
  return visibleName(demangled(name));
}

/** An instruction's text; the name of a called function stands in a comment at its end. */
export function instructionLine(text: string): string {
  return visibleInstruction(text, demangled);
}

/** A slot's bits; of a float its number. */
export function slotText(bits: string, type: string | undefined): string {
  if ((type !== "f32" && type !== "f64") || !/^0x[\da-f]+$/.test(bits)) return bits;
  return valueText(valueTypes[type], BigInt(bits));
}

/** What a step did (stepTrace.ts): names demangled, floats as numbers. */
export function effectText(
  effect: string,
  { operandTypes, resultTypes }: Pick<TracedStep, "operandTypes" | "resultTypes">,
): string {
  const [, verb, told] =
    /^(enters|back in|pushes|returns|(?:local|global)\[\d+\] =) (.*)$/s.exec(effect) ?? [];
  if (verb === undefined) return visible(effect);
  if (verb === "enters" || verb === "back in") return `${verb} ${nameText(told)}`;
  const types = verb.endsWith("=") ? operandTypes : resultTypes;
  const slots = told.split(" ").map((bits, i) => slotText(bits, types[i]));
  return visible(`${verb} ${slots.join(" ")}`);
}

/** A place with names for people. */
export function readablePlace<P extends CodePlace>(place: P): P {
  return { ...place, function: nameText(place.function), module: visibleName(place.module) };
}

/** A trap's report with names for people. */
export function readableReport(report: TrapReport): TrapReport {
  const { instruction, calledBy, import: missing, refusedGrow: grow } = report;
  return {
    ...readablePlace(report),
    instruction: instructionLine(instruction),
    calledBy: calledBy.map(readablePlace),
    import: missing === undefined ? undefined : visible(missing),
    refusedGrow: grow === undefined ? undefined : readablePlace(grow),
  };
}
