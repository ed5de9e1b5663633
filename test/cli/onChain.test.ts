/**
 * Commands on a chain behind a URL: contracts that are others than named, accounts without funds, and what a new
 * Arbiter's address is.
 */
import { Wallet } from "ethers";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { deployArbiter, deployJudge } from "../../src/game/chain/deploy.ts";
import { examplePath, runCommandLine, runJson, temporaryFolder } from "./commandLine.ts";
import { startHttpChain } from "./httpChain.ts";

const folder = temporaryFolder();
const tally = examplePath("../tutorial/tally.c");
const witness = folder.file("witness.json");

const chain = await startHttpChain();
const { provider, url } = chain;

let judge: string;
let arbiter: string;

beforeAll(async () => {
  const signer = await provider.getSigner(0);
  judge = (await deployJudge(signer)).address;
  arbiter = (await deployArbiter(signer, judge)).address;
  await runCommandLine("prove", tally, "--at", "3", "--out", witness);
});

afterAll(async () => {
  folder.end();
  await chain.close();
});

const dispute = (...args: string[]) => [
  "dispute",
  tally,
  "--fault",
  "wrong-result",
  "--out",
  folder.file("out"),
  ...args,
];

describe("verify --judge", () => {
  test("a judge › judges", async () => {
    const { value } = await runJson("verify", witness, "--rpc", url, "--judge", judge);
    expect(value).toMatchObject({ verified: true, step: 3 });
    expect(Number(value.gas)).toBeGreaterThan(21_000);
  });

  test("another contract › is no StepJudge, exit 2", async () => {
    const run = await runCommandLine("verify", witness, "--rpc", url, "--judge", arbiter, "--json");
    expect(run.stderr).toBe(
      `wasm-arbiter: no StepJudge at ${arbiter}, but another contract; correct --judge\n`,
    );
    expect(run.exitCode).toBe(2);
    expect(JSON.parse(run.stdout).error.message).toMatch(/^no StepJudge at /);
  });
});

describe("serve --arbiter", () => {
  test("another contract › is no Arbiter, exit 2", async () => {
    const args = ["serve", tally, "--rpc", url, "--arbiter", judge];
    const { stderr, exitCode } = await runCommandLine(...args);
    expect(stderr).toBe(
      `wasm-arbiter: no Arbiter at ${judge}, but another contract; correct --arbiter or --rpc\n`,
    );
    expect(exitCode).toBe(2);
  });
});

describe("dispute --rpc", () => {
  afterEach(() => {
    delete process.env.HONEST_KEY;
    delete process.env.FAULTY_KEY;
  });

  test("another contract › is no Arbiter, exit 2", async () => {
    const run = await runCommandLine(...dispute("--rpc", url, "--arbiter", judge));
    expect(run.stderr).toContain(`no Arbiter at ${judge}, but another contract; correct --arbiter`);
    expect(run).toMatchObject({ exitCode: 2, stdout: "" });
  });

  test("one key for both parties › is told before anything is paid", async () => {
    process.env.HONEST_KEY = process.env.FAULTY_KEY = Wallet.createRandom().privateKey;
    const { stderr, exitCode } = await runCommandLine(...dispute("--rpc", url));
    expect(stderr).toMatch(
      /^wasm-arbiter: both parties have the account 0x\w{40}; give HONEST_KEY and/,
    );
    expect(exitCode).toBe(2);
  });

  test("an account without funds › the node's word for it and what to do, in a line", async () => {
    for (const name of ["HONEST_KEY", "FAULTY_KEY"]) {
      process.env[name] = Wallet.createRandom().privateKey;
      const { stderr, exitCode } = await runCommandLine(...dispute("--rpc", url));
      const last = stderr.trim().split("\n").at(-1) ?? "";
      expect(last, name).toMatch(/^wasm-arbiter: .*enough funds.*; send ether to/);
      expect(last.length, name).toBeLessThan(350);
      expect(exitCode, name).toBe(2);
      delete process.env[name];
    }
  });

  test("a new Arbiter › its address is told before the play and after", async () => {
    const { value, stderr } = await runJson(...dispute("--rpc", url));
    expect(value).toMatchObject({ verdict: "step", loser: "faulty" });
    expect(value.arbiter).toMatch(/^0x[\da-fA-F]{40}$/);
    expect(stderr).toMatch(new RegExp(`^arbiter {2}${value.arbiter} created in block \\d+\n`));
    const again = await runCommandLine(...dispute("--rpc", url, "--arbiter", value.arbiter));
    expect(again.exitCode).toBe(2);
    expect(again.stderr).toMatch(/: AlreadyRefuted\(\w+ 0x\w+, \w+ 0x\w+\): \w.*\n$/);
  }, 60_000);
});
