/**
 * docs/first-hour.md: the messages that a new user meets, made for real, beside what was said before. A message that
 * changes fails here; `npx vitest run test/cli/firstHour.test.ts -u` writes the page anew.
 */
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runCommandLine, temporaryFolder } from "./commandLine.ts";
import { firstHourCases, firstHourFiles, libraryCases, librarySubject } from "./firstHourCases.ts";

const folder = temporaryFolder();
const server = createServer((_request, response) => response.end("<html>hello</html>"));
let url = "";

beforeAll(async () => {
  for (const [name, bytes] of Object.entries(firstHourFiles)) {
    writeFileSync(folder.file(name), bytes());
  }
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.close();
  folder.end();
});

const here = (argument: string) => {
  if (argument === "SERVER") return url;
  return argument in firstHourFiles ? folder.file(argument) : argument;
};

/** What is said: the line on stderr, JSON, or the first lines of a result. */
async function said(args: readonly string[]): Promise<string> {
  const { stdout, stderr, exitCode } = await runCommandLine(...args.map(here));
  const lines = (text: string) => text.trim().split("\n");
  // What other work changes on purpose, hashes and prices, is not what is told here.
  const hashless = lines(stdout).filter((line) => !/ 0x[\da-f]{64}$|^\w* ?fuel /.test(line));
  const shown = args.includes("--json") || stderr === "" ? hashless.slice(0, 12) : lines(stderr);
  const text = shown
    .map((line) => line.replace(/^wasm-arbiter: /, "").replaceAll(/ {2,}/g, " "))
    .join(" · ");
  return `${text.replaceAll(`${folder.file("")}/`, "").replaceAll(url, "http://127.0.0.1:8080")} (exit ${exitCode})`;
}

const cell = (text: string) => text.replaceAll("|", "\\|").replaceAll("<", "&lt;");

const section = (what: string, code: string, before: string, now: string) =>
  `### ${what}\n\n\`${code}\`\n\n| | |\n|---|---|\n| before | ${cell(before)} |\n| now | ${cell(now)} |\n`;

function thrown(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return String(error);
  }
  throw new Error("expected a refusal");
}

test("every message › is the page's", async () => {
  const rows: string[] = [];
  for (const { what, args, before } of firstHourCases) {
    const command = args.map((argument) => argument.replace("SERVER", "http://127.0.0.1:8080"));
    rows.push(section(what, `wasm-arbiter ${command.join(" ")}`, before, await said(args)));
  }
  expect(rows.length).toBeGreaterThan(35);
  const library = libraryCases.map(({ what, code, run, before }) =>
    section(
      what,
      code,
      before,
      thrown(() => run(librarySubject())),
    ),
  );
  const head = `# The first hour: messages before and now

What the command line says to a new user, tried on programs as compilers leave them.
The right column of each table is made for real by [a test](../test/cli/firstHour.test.ts), which fails where a message changes; *before* is what commit 01d3508 said about the same files.
Lines of a result are joined by ·, hashes and fuel are left out.
`;
  const page = `${head}\n## Command line\n\n${rows.join("\n")}\n## Library\n\n${library.join("\n")}`;
  await expect(page).toMatchFileSnapshot("../../docs/first-hour.md");
});
