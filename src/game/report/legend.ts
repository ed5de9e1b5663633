/**
 * What the counters, registers and components are that a report names (docs/machine.md §4), for readers who have never
 * seen the machine.
 *
 * Invariant: every `where` of a state difference has its row.
 */
import type { Difference } from "../transcript/stateDifference.ts";
import { html, type Markup } from "./html.ts";

interface Term {
  readonly term: string;
  readonly meaning: string;
  /** Matches the `where` of differences that the row explains; without one it stands in every report. */
  readonly where?: RegExp;
}

const terms: readonly Term[] = [
  {
    term: "step",
    meaning:
      "one executed instruction, or one piece of a long one; counted from the program's beginning, so that step N leads from the state at N to that at N + 1",
  },
  {
    term: "state hash",
    meaning: "32 bytes that commit to the whole machine: two states with one hash are equal",
  },
  {
    term: "fuel",
    meaning:
      "what the instructions cost, counted from the program's beginning; a call that passes its limit traps",
  },
  {
    term: "pc",
    meaning: "number of the next instruction in the program; −1 once the machine has halted",
    where: /^pc$/,
  },
  { term: "sp", meaning: "height of the stack, in slots", where: /^sp$/ },
  { term: "fp", meaning: "stack slot at which the running function's locals begin", where: /^fp$/ },
  { term: "depth", meaning: "calls that have not returned", where: /^depth$/ },
  {
    term: "era",
    meaning: "how often the counters of steps and fuel have started again",
    where: /^era$/,
  },
  { term: "stepCounter", meaning: "steps executed since the era began", where: /^stepCounter$/ },
  { term: "fuelCounter", meaning: "fuel used since the era began", where: /^fuelCounter$/ },
  {
    term: "fuelLimit",
    meaning: "what fuelCounter must not pass in this call",
    where: /^fuelLimit$/,
  },
  { term: "status", meaning: "0 running, 1 returned, 2 trapped, 3 exited", where: /^status$/ },
  { term: "trap", meaning: "code of the trap (docs/machine.md §6); 0 for none", where: /^trap$/ },
  {
    term: "stack slot",
    meaning: "8 bytes of the stack: a local or an operand, as bits; – lies above sp",
    where: /^stack slot/,
  },
  { term: "frame", meaning: "where a call returns to, and its caller's fp", where: /^frame/ },
  { term: "global", meaning: "a global variable, as bits", where: /^global/ },
  { term: "memory … at", meaning: "8 bytes of memory from that address on", where: /^memory/ },
  { term: "pages", meaning: "size of a memory, in units of 64 KiB", where: /^pages/ },
  {
    term: "dirty chunks",
    meaning: "units of 4 KiB that the call has written; the first write to each costs fuel",
    where: /^dirty chunks/,
  },
  { term: "table", meaning: "references to functions", where: /^(size of )?table/ },
  { term: "dropped segment", meaning: "1 for a segment that was given up", where: /^dropped/ },
  { term: "input", meaning: "what the call was made on", where: /^input/ },
  { term: "output", meaning: "what the call has written for its reader", where: /^output/ },
];

/** Rows for the terms that these differences use, and for those that every report does. */
export function legendRows(differences: readonly Difference[]): readonly Term[] {
  return terms.filter(
    ({ where }) => where === undefined || differences.some((each) => where.test(each.where)),
  );
}

/** Whether a difference's place is explained. */
export function isExplained(place: string): boolean {
  return terms.some(({ where }) => where?.test(place) === true);
}

export function legend(differences: readonly Difference[]): Markup {
  return html`<dl>${legendRows(differences).map(
    ({ term, meaning }) => html`<dt>${term}</dt><dd>${meaning}</dd>`,
  )}</dl>`;
}
