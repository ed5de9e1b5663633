/**
 * Markdown with one sentence a line, so that a change of a sentence is a change of a line.
 * `npm run format:markdown` writes all documents so; the tidy test compares.
 *
 * Invariant: only line breaks within paragraphs and list items change; code, tables, headings and comments stay.
 */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Words that end in a full stop and no sentence. */
const abbreviations: readonly string[] = ["e.g.", "i.e.", "cf.", "vs.", "etc.", "No.", "resp."];

/** The text with inline code and link targets blanked, so that their punctuation ends no sentence. */
function masked(text: string): string {
  return text
    .replaceAll(/(`+)[^`]+\1/g, (span) => "`".padEnd(span.length - 1, "x").concat("`"))
    .replaceAll(/\]\([^)]*\)/g, (target) => "](".padEnd(target.length - 1, "x").concat(")"));
}

const isBold = (text: string): boolean => /^\*\*[^*]+\*\*$/.test(text);

/** The sentences of a paragraph. */
export function sentencesOf(paragraph: string): string[] {
  const mask = masked(paragraph);
  const sentences: string[] = [];
  let start = 0;
  for (const { index, 0: gap } of mask.matchAll(/(?<=[.!?][)"'”*_]*) (?=[A-Z`[("'“*_§0-9ΨφH])/g)) {
    const word = mask.slice(mask.lastIndexOf(" ", index - 1) + 1, index);
    if (abbreviations.includes(word.replace(/^\(/, ""))) continue;
    // A heading in bold stays with what it heads.
    if (isBold(mask.slice(start, index))) continue;
    sentences.push(paragraph.slice(start, index));
    start = index + gap.length;
  }
  sentences.push(paragraph.slice(start));
  return sentences;
}

/** Lines joined where a sentence goes on; one that ends a sentence stays an end, whatever the next begins with. */
function parts(lines: readonly string[]): string[] {
  const joined: string[] = [];
  for (const line of lines) {
    const last = joined[joined.length - 1];
    const word = last?.slice(last.lastIndexOf(" ") + 1) ?? "";
    const isEnd = /[.!?][)"'”*_]*$/.test(word) && !abbreviations.includes(word);
    if (last === undefined || (isEnd && !isBold(last))) joined.push(line);
    else joined[joined.length - 1] = `${last} ${line}`;
  }
  return joined;
}

const listItem = /^(\s*)([-*]|\d+\.)\s+/;
/** Lines that are no prose: headings, tables, comments, quotations, rules, HTML. */
const special = /^\s*(#{1,6} |\||<|>|-{3,}$)/;
const fence = /^\s*(```|~~~)/;

/** The document with one sentence a line. */
export function reflowed(text: string): string {
  const out: string[] = [];
  let paragraph: string[] = [];
  let prefix = "";
  const flush = (): void => {
    if (paragraph.length === 0) return;
    const indent = " ".repeat(prefix.length);
    parts(paragraph)
      .flatMap(sentencesOf)
      .forEach((sentence, index) => {
        out.push((index === 0 ? prefix : indent) + sentence);
      });
    paragraph = [];
    prefix = "";
  };
  let isCode = false;
  for (const line of text.split("\n")) {
    if (isCode || fence.test(line)) {
      flush();
      if (fence.test(line)) isCode = !isCode;
      out.push(line);
      continue;
    }
    const item = listItem.exec(line);
    // An indented block after a blank line is code, unless it goes on with a list item.
    const isIndented = /^ {4}/.test(line) && paragraph.length === 0 && item === null;
    if (line.trim() === "" || special.test(line) || isIndented || line.endsWith("  ")) {
      flush();
      out.push(line);
    } else if (item !== null) {
      flush();
      prefix = item[0];
      paragraph = [line.slice(item[0].length).trim()];
    } else if (paragraph.length === 0) {
      prefix = /^\s*/.exec(line)?.[0] ?? "";
      paragraph = [line.trim()];
    } else {
      paragraph.push(line.trim());
    }
  }
  flush();
  return out.join("\n");
}

/** Documents that people write: tracked, and not generated. */
export function documents(root: string): string[] {
  return execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", "*.md"], {
    cwd: root,
    encoding: "utf8",
  })
    .split("\n")
    .filter(
      (file) => file !== "" && !["docs/instructions.md", "docs/first-hour.md"].includes(file),
    );
}

if (import.meta.main) {
  const root = new URL("../", import.meta.url);
  for (const file of documents(fileURLToPath(root))) {
    const url = new URL(file, root);
    const text = readFileSync(url, "utf8");
    const flowed = reflowed(text);
    if (flowed === text) continue;
    writeFileSync(url, flowed);
    console.error(`wrote ${file}`);
  }
}
