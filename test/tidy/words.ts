/** Words that this project once had beside the field's own (docs/glossary.md), so that none of them comes back. */

/** A word that is gone, and what the glossary says instead. */
export interface RetiredWord {
  readonly word: RegExp;
  readonly instead: string;
}

export const retiredWords: readonly RetiredWord[] = [
  { word: /\beic\b|\bEIC\b/, instead: "step counter, stepCounter" },
  { word: /\btf\b/, instead: "fuel counter, fuelCounter" },
  {
    word: /\b(?:exact |block )?steppers?\b|\bthe stepper\b/i,
    instead: "reference, block executor",
  },
  {
    word: /\b(?:instruction|program) records?\b|\b(?:Instruction|Function)Record\b/,
    instead: "instruction",
  },
  { word: /\bfunction records?\b(?!\()|\bfunctionRecords\b/i, instead: "function entry" },
  { word: /\brecordBytes\b|\breadRecord\b/, instead: "instructionBytes, readInstruction" },
  {
    word: /\bMerkle openings?\b|\bOpeningSource\b|\bmultiproof openings?\b/i,
    instead: "multiproof",
  },
  { word: /\bguard bytes?\b/i, instead: "card, card table" },
  { word: /\bhidden regions?\b/i, instead: "hidden pages" },
  { word: /\bwitness regions?\b/i, instead: "arrays that a step opens" },
  { word: /\bcheck-free\b/i, instead: "stretch" },
  {
    word: /\bassist(?:ed|ant|ants)\b|\bAssistedTables\b|\bExecutorServices\b/i,
    instead: "runtime call",
  },
  { word: /\b(?:isQuiet|quiet (?:function|callee|call|leaf))\b/i, instead: "safepoint-free" },
  { word: /\bnoteStepped\b|\bstepped (?:instruction|before)\b/i, instead: "left to the reference" },
];

/** Retired words in a text: each with what to say. */
export function retiredIn(text: string): string[] {
  return retiredWords.flatMap(({ word, instead }) => {
    const found = word.exec(text)?.[0];
    return found === undefined ? [] : [`${found} (say ${instead})`];
  });
}
