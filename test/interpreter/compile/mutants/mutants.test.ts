import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { mutants } from "./list.ts";

it("mutants › every one still applies, to one place", () => {
  const places = mutants.map(({ name, file, from }) => {
    const source = new URL(`../../../../src/interpreter/compile/${file}`, import.meta.url);
    return [name, readFileSync(source, "utf8").split(from).length - 1];
  });
  expect(places).toEqual(mutants.map(({ name }) => [name, 1]));
  expect(new Set(mutants.map(({ name }) => name)).size).toBe(mutants.length);
});
