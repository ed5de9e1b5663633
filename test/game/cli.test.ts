import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { faultKinds } from "../../src/cli/game/faultOption.ts";

const root = new URL("../..", import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), "arbiter-cli-"));

function cli(...args: string[]) {
  const run = spawnSync(process.execPath, ["src/cli/start.js", ...args], {
    cwd: root,
    encoding: "utf8",
    env: { ...process.env, HARDHAT_DISABLE_TELEMETRY: "true" },
  });
  return { code: run.status, out: run.stdout, err: run.stderr };
}

describe("dispute", () => {
  it("plays the ledger to its verdict and writes transcript and report", () => {
    const { code, out } = cli("dispute", "--json", "--fault", "flip-memory@1000", "--out", folder);
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
    it(`ends against the faulty party: ${fault}`, () => {
      const { code, out, err } = cli("dispute", "--json", "--fault", fault, "--out", folder);
      expect(code, err).toBe(0);
      expect(JSON.parse(out).loser).toBe("faulty");
    });
  }

  it("lets the faulty party accuse the honest one in vain", () => {
    const { out } = cli("dispute", "--json", "--accuse", "honest", "--out", folder);
    expect(JSON.parse(out).loser).toBe("faulty");
  });

  it("says in one line what is wrong with its arguments", () => {
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
      const { code, out, err } = cli("dispute", ...args);
      expect(code, args.join(" ")).toBe(2);
      expect(out).toBe("");
      expect(err.trim().split("\n").length, err).toBe(1);
    }
  });
});

describe("replay", () => {
  const transcript = join(folder, "transcript.json");

  it("confirms the verdict and marks the wrong hashes", () => {
    cli("dispute", "--json", "--fault", "flip-stack@5000", "--out", folder);
    const html = join(folder, "replay.html");
    const { code, out } = cli("replay", transcript, "--json", "--html", html);
    expect(code).toBe(0);
    const result = JSON.parse(out);
    expect(result).toMatchObject({ matches: true, verdictHolds: true, wrongSides: 1 });
    expect(result.judged.step).toBe(4999);
    expect(readFileSync(html, "utf8")).toContain("The judged instruction");
  });

  it("finds a forged verdict", () => {
    const forged = JSON.parse(readFileSync(transcript, "utf8"));
    forged.settled.losers = 2;
    const path = join(folder, "forged.json");
    writeFileSync(path, JSON.stringify(forged));
    const { code, out } = cli("replay", path, "--json");
    expect(code).toBe(1);
    expect(JSON.parse(out).verdictHolds).toBe(false);
  });

  it("refuses another program, another input, and what is no transcript", () => {
    for (const args of [
      [transcript, "--module", "examples/wasm/sha256.wasm"],
      [transcript, "--input", "package.json"],
      ["package.json"],
      ["/nowhere.json"],
    ]) {
      const { code, err } = cli("replay", ...args);
      expect(code, args.join(" ")).toBe(2);
      expect(err.trim().split("\n").length, err).toBe(1);
    }
  });
});
