/**
 * docs/first-hour.md: what a new user does and meets, every answer made for real. An answer that changes fails here;
 * `npx vitest run test/cli/firstHour.test.ts -u` writes the page anew.
 */
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runCommandLine, temporaryFolder } from "./commandLine.ts";
import { firstHourFiles, firstHourParts, libraryCases, librarySubject } from "./firstHourCases.ts";

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
  return /\.(wasm|witness)$/.test(argument) ? folder.file(argument) : argument;
};

/** More of a result is left out. */
const mostLines = 14;

/** What is said: the line on stderr, JSON, or the first lines of a result. */
async function said(args: readonly string[]): Promise<string> {
  const { stdout, stderr, exitCode } = await runCommandLine(...args.map(here));
  const isResult = args.includes("--json") || stderr === "";
  // What other work changes on purpose is not what is told here.
  const hashless = stdout.split("\n").filter((line) => !/ 0x[\da-f]{64}$|^\w* ?fuel /.test(line));
  const lines = (isResult ? hashless.join("\n") : stderr).trimEnd().split("\n");
  const shown = lines.length > mostLines ? [...lines.slice(0, mostLines), "…"] : lines;
  const text = shown.map((line) => line.replace(/^wasm-arbiter: /, "").trimEnd()).join("\n");
  const exit = exitCode === 0 ? "" : `\n(exit ${exitCode})`;
  return `${text.replaceAll(`${folder.file("")}/`, "").replaceAll(url, "http://127.0.0.1:8080")}${exit}`;
}

const section = (what: string, code: string, answer: string) =>
  `### ${what[0].toUpperCase()}${what.slice(1)}\n\n\`${code}\`\n\n\`\`\`text\n${answer}\n\`\`\`\n`;

function thrown(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return String(error);
  }
  throw new Error("expected a refusal");
}

const head = `# The first hour with a program of your own

What to try, in which order, on a WebAssembly file that you have; and what stands in the way of most, with the answers that the command line gives.
Where there is no file yet: [the tutorial](tutorial.md) begins at the source code; for a program with files, arguments or a standard library: [wasi.md](wasi.md); in JavaScript: [the guide](guide.md).
Every answer below is made for real by [a test](../test/cli/firstHour.test.ts), which fails where one changes; a result's hashes and fuel are left out, and … stands for more lines.
Exit codes: 0 done, 1 the program or a check said no, 2 the command was not understood or its files are not fit ([errors.md](errors.md)).
`;

test("every answer › is the page's", async () => {
  const parts: string[] = [];
  let answers = 0;
  for (const { heading, text, cases } of firstHourParts) {
    const sections: string[] = [];
    for (const { what, args } of cases) {
      const command = args.map((argument) => argument.replace("SERVER", "http://127.0.0.1:8080"));
      sections.push(section(what, `wasm-arbiter ${command.join(" ")}`, await said(args)));
      answers++;
    }
    parts.push(`## ${heading}\n\n${text === "" ? "" : `${text}\n\n`}${sections.join("\n")}`);
  }
  expect(answers).toBeGreaterThan(40);
  const library = libraryCases.map(({ what, code, run }) =>
    section(
      what,
      code,
      thrown(() => run(librarySubject())),
    ),
  );
  parts.push(`## What the library refuses\n\n${library.join("\n")}`);
  await expect(`${head}\n${parts.join("\n")}`).toMatchFileSnapshot("../../docs/first-hour.md");
}, 300_000);
