/**
 * `replay` and the report: what is said of a transcript is what the machine and the chain have said, and no more;
 * what is no transcript is refused before anything is said.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { renderReport } from "../../src/game/report/renderReport.ts";
import { readTranscript, type Transcript } from "../../src/game/transcript/disputeTranscript.ts";
import type { Replay } from "../../src/game/transcript/replayTranscript.ts";
import { runCommandLine, runJson, temporaryFolder } from "../cli/commandLine.ts";

const folder = temporaryFolder();
afterAll(() => folder.end());

const tally = fileURLToPath(new URL("../../examples/tutorial/tally.c.wasm", import.meta.url));
const votes = folder.file("votes");
const of = ["--module", tally, "--input", votes];
const transcriptOf = (name: string) => `${folder.file(name)}/transcript.json`;
const parsed = (path: string) => JSON.parse(readFileSync(path, "utf8"));

async function dispute(name: string, ...args: string[]): Promise<void> {
  const input = args.includes("--input") ? [] : ["--input", votes];
  const out = ["--out", folder.file(name)];
  const { exitCode, stderr } = await runCommandLine("dispute", tally, ...input, ...args, ...out);
  expect(exitCode, stderr).toBe(0);
}

/** A transcript of the played dispute with something changed in it. */
function edited(name: string, edit: (transcript: Editable) => void): string {
  const transcript = parsed(transcriptOf("played"));
  edit(transcript);
  const path = folder.file(`${name}.json`);
  writeFileSync(path, JSON.stringify(transcript));
  return path;
}
// biome-ignore lint/suspicious/noExplicitAny: edits break the type on purpose
type Editable = any;

beforeAll(async () => {
  writeFileSync(votes, Uint8Array.of(1, 2, 2, 3, 2));
  await dispute("played", "--fault", "flip-memory@100");
  await dispute("silent", "--fault", "silence");
}, 120_000);

describe("the verdict", () => {
  test("of the judge › agrees with the machine, operands included", async () => {
    const { value, exitCode } = await runJson("replay", transcriptOf("played"), ...of);
    expect(exitCode).toBe(0);
    expect(value).toMatchObject({ verdict: "agrees", verdictHolds: true, lostThoughRight: 0 });
    expect(value.judged).toMatchObject({
      step: 99,
      text: "br_if 0",
      operands: [`0x${"1".padStart(16, "0")}`],
    });
  });

  test("rounds › count from 1 in text and JSON; other moves have none", async () => {
    const { value } = await runJson("replay", transcriptOf("played"), ...of);
    const { stdout } = await runCommandLine("replay", transcriptOf("played"), ...of);
    const isSearch = ({ move }: { move: string }) => move === "vector" || move === "part";
    const searched = value.moves.filter(isSearch);
    const shown = [...stdout.matchAll(/^round (\d+)/gm)].map((match) => Number(match[1]));
    expect(searched.map((m: { round: number }) => m.round)).toEqual(shown);
    expect(shown[0]).toBe(1);
    const others = value.moves.filter((m: { move: string }) => !isSearch(m));
    expect(others.map((m: { round: unknown }) => m.round)).toEqual(others.map(() => null));
    expect(others.length).toBeGreaterThan(0);
  });

  const timeout = (losers: number) => (t: Editable) =>
    Object.assign(t.settled, { reason: "timeout", losers });
  const cases: readonly (readonly [string, (t: Editable) => void, string, number])[] = [
    ["none yet", (t) => Object.assign(t, { settled: null }), "none, the dispute is open", 0],
    ["against nobody", (t) => Object.assign(t.settled, { losers: 0 }), "is against the truth", 1],
    [
      "against the right side",
      (t) => Object.assign(t.settled, { losers: 2 }),
      "is against the truth",
      1,
    ],
    ["against both", (t) => Object.assign(t.settled, { losers: 3 }), "is against the truth", 1],
    ["by the clock", timeout(1), "by the clock: the machine was not asked", 0],
    [
      "by the clock, against the right side",
      timeout(2),
      "by the clock: the machine was not asked, the challenger was right",
      1,
    ],
  ];
  for (const [name, edit, text, code] of cases) {
    test(`${name} › is called what it is`, async () => {
      const { stdout, exitCode } = await runCommandLine("replay", edited("verdict", edit), ...of);
      expect(
        stdout
          .trim()
          .split("\n")
          .at(-1)
          ?.replace(/^verdict +/, ""),
      ).toBe(text);
      expect(exitCode).toBe(code);
    });
  }

  test("a call's last step › ends at pc -1", async () => {
    await dispute("end", "--fault", "wrong-result");
    const { stdout } = await runCommandLine("replay", transcriptOf("end"), ...of);
    expect(stdout).toMatch(/changes .*pc: \d+ → -1;/);
  });
});

describe("a step that is judged for its fuel", () => {
  test("is held against the declared total, not against states that nobody claimed", async () => {
    await dispute("fuel", "--fault", "understated-fuel@342");
    const html = folder.file("fuel.html");
    const path = transcriptOf("fuel");
    const { value } = await runJson("replay", path, ...of, "--html", html);
    expect(value).toMatchObject({ verdict: "agrees", settled: { reason: "fuel", losers: 1 } });
    expect(value.judged.claimed).toBeNull();
    const declared = Number(parsed(path).claims[0].fuel);
    expect(value.judged.fuel).toBeGreaterThan(declared);
    const { stdout } = await runCommandLine("replay", path, ...of);
    expect(stdout).not.toMatch(/challenger's +wrong/);
    expect(stdout).toContain(`declared for the call ${declared.toLocaleString("en-US")}`);
    expect(readFileSync(html, "utf8")).toContain("<th>fuel after it</th>");

    const transcript = parsed(path);
    transcript.settled.losers = 2;
    const forged = folder.file("fuelForged.json");
    writeFileSync(forged, JSON.stringify(transcript));
    expect((await runJson("replay", forged, ...of)).value.verdict).toBe("contradicts");
  });
});

describe("an input", () => {
  test("with zeros at its end › is not the one without them", async () => {
    const [long, short] = [folder.file("abc00"), folder.file("abc")];
    writeFileSync(long, Uint8Array.of(1, 2, 3, 0, 0));
    writeFileSync(short, Uint8Array.of(1, 2, 3));
    await dispute("zeros", "--input", long, "--fault", "flip-memory@100");
    const replay = (input: string) =>
      runCommandLine("replay", transcriptOf("zeros"), "--module", tally, "--input", input);
    expect((await replay(long)).exitCode).toBe(0);
    const other = await replay(short);
    expect(other).toMatchObject({ exitCode: 2, stdout: "" });
    expect(other.stderr).toContain("this is not the input of the disputed call");
  });
});

describe("readTranscript", () => {
  const cases: readonly (readonly [string, (t: Editable) => void])[] = [
    ["format", (t) => Object.assign(t, { format: "other" })],
    ["arbiter", (t) => Object.assign(t, { arbiter: "<script>alert(1)</script>" })],
    ["parameters.k", (t) => Object.assign(t.parameters, { k: 0 })],
    ["parameters.k", (t) => Object.assign(t.parameters, { k: 257 })],
    ["parties", (t) => t.parties.pop()],
    ["call.inputLength", (t) => Object.assign(t.call, { inputLength: "5" })],
    ["claims[0].steps", (t) => Object.assign(t.claims[0], { steps: "-5" })],
    ["claims[1].fuel", (t) => Object.assign(t.claims[1], { fuel: 5 })],
    ["opened.state.phase", (t) => Object.assign(t.opened.state, { phase: "tea" })],
    ["moves[1].hashes[0]", (t) => Object.assign(t.moves[1], { hashes: ["x"] })],
    ["moves[1].hashes", (t) => t.moves[1].hashes.pop()],
    ["moves[0].hashes", (t) => t.moves[0].hashes.push(t.call.program)],
    ["moves[1].side", (t) => Object.assign(t.moves[1], { side: 7 })],
    ["moves[1].move", (t) => Object.assign(t.moves[1], { move: "toString" })],
    ["moves[1].before.endStep", (t) => Object.assign(t.moves[1].before, { endStep: "0" })],
    ["judged", (t) => Object.assign(t, { judged: null })],
    ["judged.step", (t) => Object.assign(t.judged, { step: "7" })],
    ["settled", (t) => delete t.settled],
    ["settled.losers", (t) => Object.assign(t.settled, { losers: 4 })],
    ["settled.reason", (t) => Object.assign(t.settled, { reason: "whim" })],
    ["gas", (t) => Object.assign(t, { gas: "x" })],
    ["gas.0x", (t) => Object.assign(t.gas, { [t.parties[0]]: "x" })],
  ];
  for (const [field, edit] of cases) {
    test(`refuses a wrong ${field}, and says so in one line`, async () => {
      const path = edited("broken", edit);
      const { stdout, stderr, exitCode } = await runCommandLine("replay", path, ...of);
      expect({ stdout, exitCode }).toEqual({ stdout: "", exitCode: 2 });
      expect(stderr).toMatch(/^wasm-arbiter: .*; give the transcript\.json that dispute wrote\n$/);
      expect(stderr).toContain(field);
    });
  }

  test("takes what dispute wrote, with unknown fields", () => {
    const transcript = { ...parsed(transcriptOf("silent")), remark: "of a later version" };
    expect(readTranscript(transcript)).toBe(transcript);
  });
});

describe("the report", () => {
  const cells = (html: string, row: string) => {
    const found = new RegExp(`<tr>(?:<td[^>]*>[^<]*</td>)*?<td[^>]*>${row}</td>.*?</tr>`).exec(
      html,
    );
    return [...(found?.[0] ?? "").matchAll(/<td[^>]*>(.*?)<\/td>/g)].map((match) => match[1]);
  };
  const page = async (path: string) => {
    const html = folder.file("page.html");
    await runCommandLine("replay", path, ...of, "--html", html);
    return readFileSync(html, "utf8");
  };

  test("of a timeout › the silent side's clock ran out, nobody took the blocks", async () => {
    const html = await page(transcriptOf("silent"));
    expect(html).toContain("Accused loses: let its time pass");
    const clocks = html.slice(html.indexOf("clock used"));
    expect(cells(clocks, "accused").at(-1)).toBe("100 of 100");
    expect(cells(clocks, "challenger").at(-1)).toBe("0 of 100");
    expect(cells(html, "claims the timeout").at(-1)).toBe("");
    expect(html).toContain("<b>1</b><span>round of 16 parts</span>");
    expect(html).toContain('<th class="n">steps</th><th class="n">fuel</th>');
  });

  test("of an open dispute › says nothing of an end", async () => {
    const searching = edited("searching", (t) => {
      const moves = t.moves.slice(0, 3);
      Object.assign(t, { moves, judged: null, settled: null });
    });
    const html = await page(searching);
    expect(html).toContain("The dispute is still open");
    expect(html).toContain("this is as far as the search went");
    expect(html).not.toMatch(/settled|broken off/);
  });

  test("of a verdict that is not the machine's › says so", async () => {
    const clock = edited("clock", (t) =>
      Object.assign(t.settled, { reason: "timeout", losers: 2 }),
    );
    expect(await page(clock)).toContain(
      "The challenger, whose every word is true, lost by the clock: the machine was not asked.",
    );
    const nobody = edited("nobody", (t) => Object.assign(t.settled, { losers: 0 }));
    expect(await page(nobody)).toContain(
      "The verdict on chain is not the one that the machine gives.",
    );
  });

  test("escapes what strangers wrote, should a caller let it through", async () => {
    const { value } = await runJson("replay", transcriptOf("played"), ...of);
    const transcript = { ...parsed(transcriptOf("played")), arbiter: "<script>alert(1)</script>" };
    const html = renderReport(transcript as Transcript, value as Replay);
    expect(html).toContain("&lt;script&gt;");
    expect(html).not.toContain("<script");
  });
});
