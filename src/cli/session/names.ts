/**
 * Names of functions, and texts that hold them, as people read them: demangled, and with nothing in them that a terminal
 * obeys.
 *
 * Invariant: for text alone; JSON and every comparison keep the names as the modules have them.
 */

import { visibleInstruction } from "../../game/report/visibleText.ts";
import type { CodePlace, TrapReport } from "../../interpreter/trapReport.ts";
import { visible, visibleName } from "../terminal/visible.ts";
import { demangled } from "./demangle.ts";

/** A function's name. */
export function nameText(name: string): string {
  return visibleName(demangled(name));
}

/** An instruction's text; the name of a called function stands in a comment at its end. */
export function instructionLine(text: string): string {
  return visibleInstruction(text, demangled);
}

/** What a step did: one that enters or leaves a function names it (stepTrace.ts). */
export function effectText(effect: string): string {
  const [, verb, name] = /^(enters|back in) (.*)$/s.exec(effect) ?? [];
  return verb === undefined ? visible(effect) : `${verb} ${nameText(name)}`;
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
