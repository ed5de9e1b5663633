/**
 * The documents: every relative link leads somewhere, also its anchor; every command of the tutorial runs and prints
 * what the tutorial says. (The README's example runs in test/package/.)
 */
import { execFile } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, describe, expect, test } from "vitest";
import { temporaryFolder } from "./cli/commandLine.ts";

const run = promisify(execFile);
const root = fileURLToPath(new URL("../", import.meta.url));
const folder = temporaryFolder();
afterAll(() => folder.end());

const documents = [
  ...["README.md", "CONTRIBUTING.md", "examples/README.md"],
  ...readdirSync(`${root}docs`, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".md") && !file.startsWith("api"))
    .map((file) => `docs/${file}`),
];

/** Anchors of the headings, as GitHub makes them. */
function anchorsOf(file: string): Set<string> {
  const headings = readFileSync(join(root, file), "utf8").matchAll(/^#+ (.*)$/gm);
  return new Set(
    [...headings].map(([, text]) =>
      text
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
        .replaceAll(" ", "-"),
    ),
  );
}

describe("documents", () => {
  for (const file of documents) {
    test(`${file} › every link leads somewhere`, () => {
      const text = readFileSync(join(root, file), "utf8").replaceAll(/```[\s\S]*?```/g, "");
      const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1]);
      const broken = links.filter((link) => {
        if (/^(https?|mailto):/.test(link)) return false;
        const [path, anchor] = link.split("#");
        const target = path === "" ? file : normalize(join(dirname(file), path));
        if (!existsSync(join(root, target))) return true;
        return anchor !== undefined && !anchorsOf(target).has(anchor);
      });
      expect(broken).toEqual([]);
    });
  }

  test("the documents › are those that a reader needs", () => {
    const needed = ["architecture", "tutorial", "machine", "proof-format", "game", "errors"];
    expect(documents).toEqual(expect.arrayContaining(needed.map((name) => `docs/${name}.md`)));
  });
});

describe("docs/contract-errors.md", () => {
  test("lists every error of the contracts, and no other", () => {
    const sources = readdirSync(`${root}contracts/src`, { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".sol"))
      .map((file) => readFileSync(`${root}contracts/src/${file}`, "utf8"));
    const declared = sources.flatMap((text) =>
      [...text.matchAll(/^\s*error (\w+)\(/gm)].map((match) => match[1]),
    );
    const text = readFileSync(`${root}docs/contract-errors.md`, "utf8");
    const listed = [...text.matchAll(/^\| `(\w+)` \|/gm)].map((match) => match[1]);
    expect(listed.length).toBeGreaterThan(30);
    expect([...listed].sort()).toEqual([...new Set(declared)].sort());
  });
});

describe("tutorial", () => {
  const text = readFileSync(`${root}docs/tutorial.md`, "utf8");
  const blocks = [...text.matchAll(/```sh\n([\s\S]*?)```\s*(?:```text\n([\s\S]*?)```)?/g)];

  test("has commands", () => expect(blocks.length).toBeGreaterThan(6));

  for (const [, commands, expected = ""] of blocks) {
    test(commands.split("\n")[0], async () => {
      const { stdout } = await run("bash", ["-euc", here(commands)], { cwd: root });
      const lines = stdout.split("\n").map(plain);
      let from = 0;
      for (const line of expected.trim().split("\n").filter(Boolean)) {
        const pattern = new RegExp(plain(here(line)).split("…").map(literally).join(".*"));
        const found = lines.findIndex((candidate, i) => i >= from && pattern.test(candidate));
        expect(found, `${line}\nin\n${stdout}`).toBeGreaterThanOrEqual(from);
        from = found + 1;
      }
    });
  }
});

/** Commands and output with a folder of their own in place of the tutorial's, and without npm's start-up time. */
function here(text: string): string {
  return text
    .replaceAll("tutorial-output", folder.file("out"))
    .replaceAll("npm run -s cli --", "node src/cli/main.ts")
    .replaceAll("npm run -s dispute --", "node src/cli/main.ts dispute");
}

/** A text as a pattern that matches it and nothing else. */
function literally(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\/-]/g, "\\$&");
}

/** Columns are as wide as their longest entry, which may be a path. */
function plain(line: string): string {
  return line.trim().replaceAll(/\s+/g, " ");
}
