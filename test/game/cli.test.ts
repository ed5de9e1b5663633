import { readFileSync, writeFileSync } from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import { faultKinds } from "../../src/cli/game/faultOption.ts";
import { runCommandLine, temporaryFolder } from "../cli/commandLine.ts";

const files = temporaryFolder();
afterAll(() => files.end());
const folder = files.file("dispute");

/** In this process: test/cli/start.test.ts starts the command line as its reader does. */
async function cli(...args: string[]) {
  const { exitCode, stdout, stderr } = await runCommandLine(...args);
  return { code: exitCode, out: stdout, err: stderr };
}

describe("dispute", () => {
  it("plays the ledger to its verdict and writes transcript and report", async () => {
    const { code, out } = await cli(
      "dispute",
      "--json",
      "--fault",
      "flip-memory@1000",
      "--out",
      folder,
    );
    expect(code).toBe(0);
    const result = JSON.parse(out);
    expect(result).toMatchObject({ verdict: "step", loser: "faulty", judgedStep: 999 });
    expect(Object.keys(result.gas).sort()).toEqual(["faulty", "honest"]);
    expect(result.deposits).toEqual({
      honest: "15000000000000000",
      faulty: "0",
      burned: "5000000000000000",
    });
    const report = readFileSync(result.report, "utf8");
    expect(report).toContain("Accused loses: posted a wrong state");
    expect(report).not.toMatch(/<script|https?:\/\//);
  });

  const few = ["understated-fuel", "wrong-length-", "silence"];
  for (const fault of process.env.DEEP === "true" ? Object.keys(faultKinds) : few) {
    it(`ends against the faulty party: ${fault}`, async () => {
      const { code, out, err } = await cli("dispute", "--json", "--fault", fault, "--out", folder);
      expect(code, err).toBe(0);
      expect(JSON.parse(out).loser).toBe("faulty");
    });
  }

  it("lets the faulty party accuse the honest one in vain", async () => {
    const { out } = await cli("dispute", "--json", "--accuse", "honest", "--out", folder);
    expect(JSON.parse(out).loser).toBe("faulty");
  });

  it("says in one line what is wrong with its arguments", async () => {
    const wrong = [
      ["--fault", "sneeze"],
      ["--fault", "flip-memory@now"],
      ["--fault", "flip-memory@99999999999"],
      ["--k", "1"],
      ["--accuse", "nobody"],
      ["--arbiter", "0x00"],
      ["--input", "/nowhere"],
      ["--rpc", "http://127.0.0.1:1"],
    ];
    for (const args of wrong) {
      const { code, out, err } = await cli("dispute", ...args);
      expect(code, args.join(" ")).toBe(2);
      expect(out).toBe("");
      expect(err.trim().split("\n").length, err).toBe(1);
    }
  });
});

describe("replay", () => {
  const transcript = `${folder}/transcript.json`;

  it("confirms the verdict and marks the wrong hashes", async () => {
    await cli("dispute", "--json", "--fault", "flip-stack@5000", "--out", folder);
    const html = files.file("replay.html");
    const { code, out } = await cli("replay", transcript, "--json", "--html", html);
    expect(code).toBe(0);
    const result = JSON.parse(out);
    expect(result).toMatchObject({ matches: true, verdictHolds: true, wrongSides: 1 });
    expect(result.judged.step).toBe(4999);
    expect(readFileSync(html, "utf8")).toContain("The judged instruction");
  });

  it("finds a forged verdict", async () => {
    const forged = JSON.parse(readFileSync(transcript, "utf8"));
    forged.settled.losers = 2;
    const path = files.file("forged.json");
    writeFileSync(path, JSON.stringify(forged));
    const { code, out } = await cli("replay", path, "--json");
    expect(code).toBe(1);
    expect(JSON.parse(out).verdictHolds).toBe(false);
  });

  it("refuses another program, another input, and what is no transcript", async () => {
    for (const args of [
      [transcript, "--module", "examples/wasm/sha256.wasm"],
      [transcript, "--input", "package.json"],
      ["package.json"],
      ["/nowhere.json"],
    ]) {
      const { code, err } = await cli("replay", ...args);
      expect(code, args.join(" ")).toBe(2);
      expect(err.trim().split("\n").length, err).toBe(1);
    }
  });
});
