/**
 * Advice that fits what is wrong: by error code, by fault, by option; and verifications that fail, as JSON.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { makeError } from "ethers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { arbiterErrors } from "../../src/cli/game/contractErrors.ts";
import { narrator } from "../../src/cli/game/narration.ts";
import { failureOf } from "../../src/cli/terminal/failureLine.ts";
import { RefusedError } from "../../src/game/chain/sender.ts";
import { binaryOf } from "../merkle/program.ts";
import { captured, runCommandLine, runJson, temporaryFolder } from "./commandLine.ts";

const folder = temporaryFolder();
afterAll(() => folder.end());

const texts = {
  /** Writes the same address again and again: a bit that flips there does not last. */
  size: `(module (memory 1) (func (export "gateway") (result i32) (local $i i32)
    (local.set $i (i32.const 20))
    (loop (i32.store (i32.const 0) (local.get $i))
      (br_if 0 (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))
    (i32.const 1)) (func (export "add") (param i32)))`,
  importing: `(module (import "a" "b" (func)) (func (export "gateway")))`,
  overflowing: `(module (memory 1) (data (i32.const 65530) "0123456789") (func (export "gateway")))`,
  references: `(module (func (export "gateway")) (func (param externref)))`,
  table: `(module (table 1000 funcref) (func (export "gateway")))`,
  enormous: `(module (table 20000000 funcref) (func (export "gateway")))`,
};
const path = (name: keyof typeof texts | "cut") => folder.file(`${name}.wasm`);
const witness = folder.file("witness.json");

beforeAll(async () => {
  for (const name of Object.keys(texts) as (keyof typeof texts)[]) {
    writeFileSync(path(name), binaryOf(texts[name]));
  }
  await runCommandLine("prove", path("size"), "--at", "3", "--out", witness);
});

/** The one line with which a command line ends early. */
async function lineOf(...args: string[]): Promise<string> {
  const { stderr, stdout, exitCode } = await runCommandLine(...args);
  expect(exitCode, args.join(" ")).toBe(2);
  expect(stdout, args.join(" ")).toBe("");
  return stderr;
}

describe("modules", () => {
  test("each code of LinkError › advice of its own", async () => {
    const size = path("size");
    expect(await lineOf("run", size, "--gateway", "nix")).toMatch(/unknown-gateway\]; name an exp/);
    expect(await lineOf("run", size, "--gateway", "add")).toMatch(/gateway-type\]; name an exp/);
    expect(await lineOf("run", size, size)).toMatch(/duplicate-module\]; .*NAME=FILE/);
    expect(await lineOf("run", size, "--stack-slots", "1")).toMatch(
      /limit-exceeded\]; raise it with --stack-slots/,
    );
    expect(await lineOf("run", path("table"), "--table-entries", "999")).toMatch(
      /limit-exceeded\]; raise it with --table-entries/,
    );
    // 2^24 is as far as the option goes.
    expect(await lineOf("run", path("enormous"))).toMatch(
      /16777216 .*\]; make the program smaller/,
    );
    expect(await lineOf("run", path("importing"))).toMatch(/unknown-import\]; list a module/);
    expect(await lineOf("run", path("overflowing"))).toMatch(/data-out-of-bounds\]; give the mem/);
  });

  test("bytes that an earlier version does not know › another --level", async () => {
    const line = await lineOf("run", path("references"), "--level", "1.0");
    expect(line).toMatch(/no WebAssembly binary: .*\[malformed-.*\]; --level 2\.0 accepts it/);
    expect((await runCommandLine("run", path("references"))).exitCode).toBe(0);
    // Where no level helps, none is recommended.
    writeFileSync(path("cut"), binaryOf(texts.references).slice(0, -4));
    const cut = await lineOf("run", path("cut"), "--level", "1.0");
    expect(cut).toMatch(/\]; give a complete \.wasm file/);
  });

  test("a memory that the program does not have › is not an empty one", async () => {
    const range = ["--address", "0", "--length", "4"];
    const line = await lineOf("prove-memory", path("size"), "--memory", "2", ...range);
    expect(line).toMatch(/there is no memory 2; choose --memory from 0 to 0/);
  });
});

describe("faults", () => {
  const dispute = ["dispute", path("size"), "--out", folder.file("out")];

  test("one that changes nothing that lasts › is refused before the chain refuses it", async () => {
    for (const fault of ["flip-memory", "flip-stack@3"]) {
      const line = await lineOf(...dispute, "--fault", fault);
      expect(line).toMatch(/changes nothing that lasts: .*; choose another N in --fault flip-/);
    }
  });

  test("those that have no N › take none", async () => {
    for (const kind of ["wrong-result", "wrong-length+", "wrong-step-counter"]) {
      const line = await lineOf(...dispute, "--fault", `${kind}@5`);
      expect(line).toContain(`${kind} takes no number, got ${kind}@5; write --fault ${kind}`);
    }
    const accusing = await lineOf(
      ...dispute,
      "--fault",
      "wrong-step-counter",
      "--accuse",
      "honest",
    );
    expect(accusing).toContain("wrong-step-counter cannot accuse");
    expect(await lineOf(...dispute, "--fault", "flip-stack@999")).toMatch(/choose N from 1 to \d+/);
    const { stdout } = await runCommandLine("dispute", "--help");
    expect(stdout).toContain("flips after N steps");
    expect(stdout).not.toContain("step N");
  });

  test("record › a fault that never happens is no recording", async () => {
    const out = folder.file("recording.json");
    for (const at of [0, 99_999]) {
      const args = ["record", path("size"), "--out", out, "--fault", `flip-memory@${at}`];
      expect(await lineOf(...args)).toMatch(/never happened: the recorded steps are 0 to 164/);
    }
    expect(() => readFileSync(out)).toThrow("ENOENT");
  });
});

describe("dispute", () => {
  test("--out that is a file › told before anything is played", async () => {
    const fault = ["--fault", "wrong-result"];
    for (const out of [path("size"), `${path("size")}/below`]) {
      const line = await lineOf("dispute", path("size"), ...fault, "--out", out);
      expect(line).toMatch(/^wasm-arbiter: cannot write to .*is a file; check the path\n$/);
    }
  });

  test("--k with an Arbiter that has its own › is refused, not ignored", async () => {
    const arbiter = ["--rpc", "http://127.0.0.1:1", "--arbiter", `0x${"12".repeat(20)}`];
    expect(await lineOf("dispute", ...arbiter, "--k", "4")).toMatch(/--k is for a new Arbiter/);
    expect(await lineOf("dispute", ...arbiter)).toMatch(/no chain answers/);
  });
});

describe("what chains say", () => {
  test("ethers' message › the node's word, not the transaction", () => {
    const payload = { method: "eth_sendRawTransaction", params: [`0x${"ab".repeat(9000)}`] };
    const told = "Sender doesn't have enough funds to send tx.";
    const error = makeError("could not coalesce error", "UNKNOWN_ERROR", {
      error: { code: -32000, message: told },
      payload,
    } as object);
    expect(failureOf(error)).toEqual({
      code: 2,
      line: `${told}; send ether to the account that pays, or give the key of another`,
    });
    const long = failureOf(new Error("x".repeat(5000))).line;
    expect(long.length).toBeLessThan(310);
  });

  test("a refused transaction › what the contract's error means", () => {
    const lineFor = (reason: string) => failureOf(new RefusedError("open", reason, undefined)).line;
    expect(lineFor("AlreadyRefuted")).toBe(
      "open would revert: AlreadyRefuted: the party has lost a dispute about this very statement",
    );
    expect(lineFor("UnknownProgram")).toMatch(/: the program is not registered; register it first/);
    expect(lineFor("require(false)")).toBe("open would revert: require(false)");
  });

  test("the Arbiter's errors › are those of docs/contract-errors.md, word for word", () => {
    const text = readFileSync(new URL("../../docs/contract-errors.md", import.meta.url), "utf8");
    const section = text.split("## The Arbiter\n")[1]?.split("\n## ")[0] ?? "";
    const rows = section.matchAll(/^\| `(\w+)` \| (.*) \|$/gm);
    const documented = Object.fromEntries([...rows].map(([, name, rest]) => [name, rest]));
    const here = Object.entries(arbiterErrors).map(([name, row]) => [name, row.join(" | ")]);
    expect(Object.fromEntries(here)).toEqual(documented);
    expect(here.length).toBeGreaterThan(20);
  });
});

describe("a player's remarks", () => {
  test("a chain that is down › is no dispute, and is told ever more rarely, with its count", async () => {
    let time = 0;
    const tell = narrator("player", () => time);
    const down = Object.assign(new AggregateError([]), { code: "ECONNREFUSED" });
    const { stderr } = await captured(() => {
      for (; time < 200_000; time += 1000) tell({ kind: "failed", id: 0n, error: down });
      tell({ kind: "failed", id: 7n, error: new Error("odd") });
    });
    const line = "player   cannot look at the chain: ECONNREFUSED\n";
    const counts = ["", " (and 59 times before)", " (and 119 times before)"];
    const told = counts.map((text) => line.replace("\n", `${text}\n`)).join("");
    expect(stderr).toBe(`${told}player   dispute 7: odd\n`);
  });

  test("one complaint with ever other numbers › is one, in one line; disputes are told apart", async () => {
    const tell = narrator("player", () => 0);
    const { stderr } = await captured(() => {
      for (let block = 1; block < 50; block++) {
        const error = new Error(`query exceeds 1000 blocks:\n${block} to ${block + 5000}\u001b[2J`);
        tell({ kind: "failed", id: 0n, error });
      }
      for (const id of [1n, 2n, 1n]) {
        tell({ kind: "refused", id, method: "judgeStep", reason: `StaleState(id ${id})` });
      }
    });
    const lines = stderr.trimEnd().split("\n");
    expect(lines.length).toBe(3);
    expect(lines[0]).toMatch(/cannot look at the chain: query .*: 1 to 5001\\u\{1b\}\[2J$/);
    expect(lines[1]).toMatch(/judgeStep +would revert: StaleState\(id 1\): the move answers/);
  });
});

describe("verifications that fail, with --json", () => {
  test("verify › one object that says so, exit 1", async () => {
    const other = `0x${"11".repeat(32)}`;
    const asked = await runJson("verify", witness, "--state", other);
    expect(asked.exitCode).toBe(1);
    expect(asked.value).toMatchObject({ verified: false, code: "pre-state" });
    expect(asked.stderr).toBe(`wasm-arbiter: ${asked.value.reason}\n`);
    const rooted = await runJson("verify", witness, "--program-root", other);
    expect(rooted.value).toMatchObject({ verified: false, code: "program-root" });
    const file = JSON.parse(readFileSync(witness, "utf8"));
    const cut = folder.file("cut.json");
    writeFileSync(cut, JSON.stringify({ ...file, witness: file.witness.slice(0, -2) }));
    const truncated = await runJson("verify", cut);
    expect(truncated.value).toMatchObject({ verified: false, code: "witness-truncated" });
    const unfit = await runJson("verify", path("size"));
    expect(unfit.exitCode).toBe(2);
    expect(unfit.value.error.message).toMatch(/is no JSON; give the file/);
  });

  test("verify-memory › likewise", async () => {
    const proof = folder.file("proof.json");
    const range = ["--address", "0", "--length", "4", "--out", proof];
    await runCommandLine("prove-memory", path("size"), ...range);
    const { value, exitCode } = await runJson(
      "verify-memory",
      proof,
      "--state",
      `0x${"11".repeat(32)}`,
    );
    expect(exitCode).toBe(1);
    expect(value).toMatchObject({ verified: false, code: "state" });
  });

  test("the step › is a number, as prove gives it", async () => {
    const { value } = await runJson("verify", witness);
    expect(value).toMatchObject({ verified: true, step: 3 });
  });
});
