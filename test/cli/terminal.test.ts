/**
 * Tables on terminals: aligned whatever the characters, and never wider than the terminal.
 */
import { describe, expect, test } from "vitest";
import { fields, table } from "../../src/cli/terminal/output.ts";

const head = ["function", "steps", "fuel"];
const rows = [
  ["std::__1::vector<int, std::__1::allocator<int> >::push_back(int&&)", "12", "345"],
  ["漢字の関数", "1,234,567", "8"],
  ["main", "1", "2"],
];
const right = ["steps", "fuel"];
/** What the reference says: one column a character, two for the wide ones of this test. */
const columnsOf = (line: string) => line.replaceAll(/[\u3000-\u9fff]/gu, "xx").length;

describe("table", () => {
  test("a pipe › gets every name whole", () => {
    const lines = table(head, rows, right, undefined).split("\n");
    for (const [i, row] of rows.entries()) expect(lines[i + 1]).toContain(row[0]);
    expect(new Set(lines.map(columnsOf)).size).toBe(1);
  });

  test("a terminal › cuts the widest name, and lines fit", () => {
    for (const columns of [30, 40, 60, 80]) {
      const lines = table(head, rows, right, columns).split("\n");
      expect(lines[1]).toMatch(/^std::.*… +12 +345$/);
      expect(new Set(lines.map(columnsOf))).toEqual(
        new Set([Math.max(columns, columnsOf(lines[0]))]),
      );
      for (const line of lines) expect(columnsOf(line)).toBeLessThanOrEqual(Math.max(columns, 33));
      expect(lines[2]).toContain("1,234,567");
    }
    expect(table(head, rows, right, 200)).toBe(table(head, rows, right, undefined));
  });

  test("numbers › are never cut, even where they alone do not fit", () => {
    expect(table(head, rows, right, 5)).toMatch(/1,234,567 +8$/m);
  });

  test("no rows › the head alone", () => {
    expect(table(head, [], right, 80)).toBe("function  steps  fuel");
  });
});

describe("fields", () => {
  test("coloured values and wide names › stand in one column", () => {
    const lines = fields([
      ["漢", "a"],
      ["name", "\u001b[1mb\u001b[22m"],
    ]).split("\n");
    expect(lines).toEqual(["漢    a", "name  \u001b[1mb\u001b[22m"]);
  });
});
