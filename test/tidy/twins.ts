/**
 * Reads the outline of a file of handlers: its section banners and the functions under each, in order. Twins are written
 * so that their outlines are the same, and can be read side by side.
 */

/** A banner and the names under it; a name without its language's decoration. */
export interface Section {
  readonly title: string;
  readonly functions: readonly string[];
}

/** Names that TypeScript does not allow, or has taken, and what the judge calls the function. */
const renamed: Readonly<Record<string, string>> = {
  ifThen: "if",
  elseJump: "else",
  returnFrom: "return",
  tableSizeOf: "tableSize",
};

/** Sections that only one side has: how a place in an array is reached, and lists. */
const ownSections: readonly string[] = ["Primitives", "By mnemonic"];

function outline(
  lines: readonly (readonly [banner: string | undefined, name: string | undefined])[],
): Section[] {
  const sections: { title: string; functions: string[] }[] = [];
  for (const [banner, name] of lines) {
    if (banner !== undefined) sections.push({ title: banner, functions: [] });
    else if (name !== undefined) sections.at(-1)?.functions.push(renamed[name] ?? name);
  }
  return sections.filter(({ title }) => !ownSections.includes(title));
}

/** Outline of a file of reference/instructions: banners are comments that begin a line. */
export function typescriptOutline(text: string): Section[] {
  return outline(
    text
      .split("\n")
      .map((line) => [
        /^\/\/ (.+)$/.exec(line)?.[1],
        /^(?:export )?function (\w+)/.exec(line)?.[1],
      ]),
  );
}

/** Outline of a contract of contracts/src/judge/step: banners are comments at the level of functions. */
export function solidityOutline(text: string): Section[] {
  return outline(
    text
      .split("\n")
      .map((line) => [/^ {4}\/\/ (.+)$/.exec(line)?.[1], /^ {4}function _(\w+)/.exec(line)?.[1]]),
  );
}
