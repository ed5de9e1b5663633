import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { decodeModule } from "../../../src/interpreter/binary/decode.ts";
import { featureLevels } from "../../../src/interpreter/isa/features.ts";
import { invalid } from "./invalid.ts";
import { malformed } from "./malformed.ts";
import { binary } from "./notation.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const read = (path: string) => readFileSync(`${root}${path}`, "utf8");

/** Codes of each section of docs/errors.md, by the section's first word. */
const documented = new Map(
  read("docs/errors.md")
    .split(/^## /m)
    .slice(1)
    .map((section) => [
      section.split(/\W/)[0],
      [...section.matchAll(/^\| `([a-z0-9-]+)` \|/gm)].map(([, code]) => code),
    ]),
);
const all = [...documented.values()].flat();
/** Sections about refused modules; the others belong to errors of other folders. */
const frontDoor = ["Malformed", "Invalid", "Unsupported", "Link"];
const ofModules = frontDoor.flatMap((name) => documented.get(name) ?? []);

/** First arguments of everything that makes an error: literals, both arms of a choice, templates as patterns. */
const makers =
  /(?:new (?:MalformedError|InvalidError|LinkError)|\.reject)\(\s*([^,]*(?:\([^)]*\)[^,]*)?),/g;
const sources = globSync("src/interpreter/**/*.ts", { cwd: root }).map((path) => ({
  path,
  first: [...read(path).matchAll(makers)].map(([, argument]) => argument),
}));
const used = sources.flatMap(({ path, first }) =>
  first.flatMap((argument) =>
    [...argument.matchAll(/"([a-z0-9-]{4,})"|`([^`]+)`/g)].map(([, literal, template]) => ({
      path,
      pattern: literal ?? template.replaceAll(/\$\{.*\}/g, "[a-z0-9-]+"),
    })),
  ),
);

describe("docs/errors.md", () => {
  it("names no code twice", () => {
    expect(new Set(all).size).toBe(all.length);
  });

  it("has every code that the sources throw", () => {
    expect(used.length).toBeGreaterThan(50);
    const missing = used.filter(
      ({ pattern }) => !all.some((code) => new RegExp(`^${pattern}$`).test(code)),
    );
    expect(missing).toEqual([]);
  });

  it("names only codes that the sources can throw", () => {
    const patterns = used.map(({ pattern }) => new RegExp(`^${pattern}$`));
    expect(ofModules.filter((code) => !patterns.some((pattern) => pattern.test(code)))).toEqual([]);
    const everything = globSync("src/**/*.ts", { cwd: root }).map(read).join("\n");
    const elsewhere = all.filter((code) => !ofModules.includes(code));
    expect(elsewhere.filter((code) => !everything.includes(`"${code}"`))).toEqual([]);
  });

  it("names only codes of the decoder that a test case provokes", () => {
    const provoked = new Set([...malformed, ...invalid].map(([code]) => code));
    provoked.add("mutable-global");
    const decoder = ["Malformed", "Invalid", "Unsupported"].flatMap((name) => documented.get(name));
    expect(decoder.length).toBeGreaterThan(50);
    expect(decoder.filter((code) => !provoked.has(code ?? ""))).toEqual([]);
    expect([...provoked].filter((code) => !decoder.includes(code))).toEqual([]);
  });
});

describe("decodeModule › InvalidError", () => {
  it("mutable-global › with the feature switched off", () => {
    const { bytes, offset } = binary('02 (01 "m" "n" 03 ^7f 01)');
    const features = { ...featureLevels["1.0"], mutableGlobalImports: false };
    expect(() => decodeModule(bytes, features)).toThrowError(
      expect.objectContaining({ code: "mutable-global", offset }),
    );
    expect(decodeModule(bytes, featureLevels["1.0"]).imports).toHaveLength(1);
  });
});
