/**
 * `serve` before it plays, and what is read from a chain: a program that the Arbiter does not know is refused at start,
 * `disputes` lists what there is, `transcript` exports what `dispute` has written.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { FaultyExecution, flipMemory } from "../../src/cli/game/faultyExecution.ts";
import type { ArbiterClient } from "../../src/game/chain/arbiterClient.ts";
import { deployArbiter, deployJudge } from "../../src/game/chain/deploy.ts";
import { transitionOf } from "../../src/game/claim/claim.ts";
import { registerProgram } from "../../src/game/claim/registerProgram.ts";
import { evidenceDomain, signTransition } from "../../src/game/claim/signedTransition.ts";
import { Player } from "../../src/game/player/player.ts";
import { MachineExecution } from "../../src/game/trace/machineExecution.ts";
import { Machine } from "../../src/interpreter/index.ts";
import { load } from "../../src/verbs.ts";
import { examplePath, runCommandLine, runJson, temporaryFolder } from "./commandLine.ts";
import { startHttpChain } from "./httpChain.ts";

const folder = temporaryFolder();
const home = process.cwd();
const tally = examplePath("../tutorial/tally.c");
const program = load([{ name: "tally.c", bytes: readFileSync(tally) }]);
const votes = [folder.file("monday"), folder.file("tuesday")];
const chain = await startHttpChain();
const { url } = chain;
const stake = 3n * 10n ** 17n;
let client: ArbiterClient;
let on: readonly string[];

beforeAll(async () => {
  for (const path of votes) writeFileSync(path, Uint8Array.of(1, 2, 2, 3));
  const signer = await chain.provider.getSigner(0);
  const judge = await deployJudge(signer);
  client = await deployArbiter(signer, judge.address, {
    k: 4,
    graceBlocks: 60,
    bankBlocks: 500,
    stake,
  });
  on = ["--rpc", url, "--arbiter", client.address, "--from-block", String(client.fromBlock)];
});
afterEach(() => process.chdir(home));
afterAll(async () => {
  folder.end();
  await chain.close();
});

const isKnown = async () => (await runCommandLine("serve", tally, ...on)).exitCode !== 2;

/** Runs `serve` until it follows the chain, then stops it as a terminal would. */
async function served(...args: string[]) {
  const run = runCommandLine("serve", ...args, "--poll", "20");
  const stop = setInterval(() => process.emit("SIGTERM"), 300);
  const result = await run;
  clearInterval(stop);
  return result;
}

describe("serve", () => {
  test("a program that the Arbiter does not know › is refused, and not registered", async () => {
    const { stderr, exitCode } = await runCommandLine("serve", tally, ...on);
    expect(stderr).toMatch(
      /does not know program 0x[\da-f]{64}; name the modules .* --register\n$/,
    );
    expect(exitCode).toBe(2);
    expect(await isKnown()).toBe(false);
  });

  test("another root than the expected › is refused before any chain is asked", async () => {
    const nowhere = ["--rpc", "http://127.0.0.1:1", "--arbiter", client.address];
    const { programRoot } = (await runJson("inspect", tally, "--no-listing")).value;
    const other = await runCommandLine(
      "serve",
      tally,
      ...nowhere,
      "--program-root",
      `0x${"11".repeat(32)}`,
    );
    expect(other.stderr).toMatch(new RegExp(`make program ${programRoot}, not 0x1111`));
    process.chdir(folder.file("."));
    const project = {
      modules: [tally],
      programRoot,
      chain: { rpc: nowhere[1], arbiter: client.address },
    };
    writeFileSync("wasm-arbiter.json", JSON.stringify(project));
    // The command line wins everywhere but here: a player must be the registered program's.
    const options = await runCommandLine("serve", "--growth", "fixed");
    expect(options.stderr).toMatch(new RegExp(`make program 0x.*, not ${programRoot}`));
    expect((await runCommandLine("serve")).stderr).toMatch(
      /no chain answers at http:..127.0.0.1:1/,
    );
  });

  test("--register › registers; the same program is then taken, other options are not", async () => {
    const inputs = votes.flatMap((path) => ["--input", path]);
    const first = await served(tally, ...on, ...inputs, "--register", "--deposit", "0.3");
    expect(first.stderr).toMatch(
      /^program 0x[\da-f]{64} is registered now\nplayer 0x\w+ knows 2 calls/,
    );
    const second = await served(tally, ...on);
    expect(second.stderr).toMatch(
      /^program 0x[\da-f]{64}\nplayer 0x\w+ knows 0 calls and follows 0x/,
    );
    expect(second.exitCode).toBe(0);
    const other = await runCommandLine("serve", tally, ...on, "--growth", "fixed");
    expect(other.stderr).toMatch(/does not know program/);
    const root = (await runJson("inspect", tally, "--no-listing", "--fuel", "5555")).value
      .programRoot;
    const meant = await served(tally, ...on, "--fuel", "5555", "--program-root", root);
    expect(meant.stderr).toContain(`program ${root} is registered now`);
  }, 30_000);

  test("a deposit below nothing, looks without a pause › refused", async () => {
    const lineOf = async (...args: string[]) =>
      (await runCommandLine("serve", tally, ...on, ...args)).stderr;
    expect(await lineOf("--deposit", "-1")).toMatch(/expected an amount of ether, got -1; write/);
    expect(await lineOf("--poll", "0")).toMatch(/--poll is 0; choose 1 or more/);
  });

  test("an input that is not there › is told before anything is run", async () => {
    const { stderr } = await runCommandLine("serve", tally, ...on, "--input", folder.file("none"));
    expect(stderr).toMatch(/cannot read .*none; no such file/);
  });
});

describe("disputes", () => {
  /** Opens a dispute between the chain's accounts 2 and 3, and lets nobody move. */
  async function openDispute(): Promise<void> {
    const [liar, honest] = [await chain.provider.getSigner(2), await chain.provider.getSigner(3)];
    await registerProgram(client, program);
    const previous = new Machine(program).snapshot();
    const input = Uint8Array.of(3, 3);
    const fault = {
      step: 40,
      alter: (state: Parameters<typeof flipMemory>[0]) => flipMemory(state),
    };
    const faulty = new FaultyExecution(program, previous, input, fault);
    const truth = new MachineExecution(program, previous, input);
    const player = (signer: typeof liar, execution: MachineExecution) =>
      new Player({
        arbiter: client.address,
        fromBlock: client.fromBlock,
        signer,
        execution: async () => execution,
      });
    await player(liar, faulty).deposit(stake);
    await player(honest, truth).deposit(stake);
    const { chainId } = await chain.provider.getNetwork();
    const transition = transitionOf(faulty.call, await faulty.claim());
    const signed = await signTransition(transition, evidenceDomain(chainId, client.address), liar);
    await player(honest, truth).challenge(signed);
  }

  test("a chain without disputes › says so", async () => {
    const { stdout } = await runCommandLine("disputes", ...on);
    expect(stdout).toMatch(
      /stake +0.3 ether a party\nclock +60 blocks a move, 500 in all besides\n\nno disputes\n$/,
    );
  });

  test("each › its parties, phase, turn and deadline, or its end; in JSON whole", async () => {
    const fault = ["--fault", "flip-memory@50", "--out", folder.file("out"), "--input", votes[0]];
    const played = await runJson("dispute", tally, ...on.slice(0, 4), ...fault);
    expect(played.value.loser).toBe("faulty");
    await openDispute();
    const { value } = await runJson("disputes", ...on);
    expect(value).toMatchObject({
      arbiter: client.address,
      stakeEther: "0.3",
      stakeWei: String(stake),
    });
    const accounts = await Promise.all([1, 0, 2, 3].map((i) => chain.provider.getSigner(i)));
    const [first, second] = value.disputes;
    expect(first).toMatchObject({
      id: "1",
      accused: accounts[0].address,
      challenger: accounts[1].address,
      phase: null,
      deadlineBlock: null,
      settled: { losers: "accused", reason: "step", rewardEther: "0.15" },
    });
    expect(second).toMatchObject({
      id: "2",
      accused: accounts[2].address,
      challenger: accounts[3].address,
      phase: "claims",
      onTurn: "accused",
      deadlineBlock: second.openedBlock + 560,
      settled: null,
    });
    const { stdout } = await runCommandLine("disputes", ...on);
    expect(stdout).toMatch(
      /^ 1 +0x\w{6}…\w{4} +0x\w{6}…\w{4} +accused lost \(step\), reward 0.15 ether$/m,
    );
    expect(stdout).toMatch(/^ 2 .* claims +accused +block \d+, 560 left$/m);
    const open = await runJson("disputes", ...on, "--open");
    expect(open.value.disputes.map(({ id }: { id: string }) => id)).toEqual(["2"]);
    const named = await runJson("disputes", ...on, "--party", accounts[1].address);
    expect(named.value.disputes.map(({ id }: { id: string }) => id)).toEqual(["1"]);
    expect((await runCommandLine("disputes", ...on, "--party", "me")).stderr).toMatch(
      /give --party 0x/,
    );
    expect((await runCommandLine("disputes")).stderr).toMatch(/no chain is named; give --rpc and/);
  }, 60_000);
});

describe("--from-block", () => {
  const from = (block: number) => [...on.slice(0, 4), "--from-block", String(block)];

  test("after the Arbiter's creation › what may be missed is said", async () => {
    const later = from((await chain.provider.getBlockNumber()) - 1);
    expect((await runCommandLine("disputes", ...on)).stderr).toBe("");
    const text =
      /^the Arbiter was there before block \d+: .* not seen; give --from-block the block/;
    const listed = await runCommandLine("disputes", ...later);
    expect([listed.exitCode, listed.stderr]).toEqual([0, expect.stringMatching(text)]);
    const exported = await runCommandLine("transcript", "1", ...later);
    expect([exported.exitCode, exported.stdout]).toEqual([2, ""]);
    expect(exported.stderr).toMatch(/\nwasm-arbiter: no dispute 1 was opened from block \d+ on/);
  });

  test("beyond the chain's end › refused", async () => {
    for (const command of [["disputes"], ["serve", tally], ["transcript", "1"]]) {
      const { stderr, exitCode } = await runCommandLine(...command, ...from(999_999));
      expect(stderr).toMatch(/--from-block is 999999, and the chain is at block \d+; give the/);
      expect(exitCode).toBe(2);
    }
  });
});

describe("transcript", () => {
  test("a settled one › is what dispute wrote; with the modules, their names and options too", async () => {
    const written = JSON.parse(readFileSync(folder.file("out/transcript.json"), "utf8"));
    const { stdout, exitCode } = await runCommandLine("transcript", "1", tally, ...on);
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toEqual(written);
    const out = folder.file("exported.json");
    const { value } = await runJson("transcript", "1", ...on, "--out", out);
    expect(value).toMatchObject({ out, dispute: "1", settled: { losers: 1, reason: "step" } });
    const { program: recorded, ...bare } = written;
    expect(JSON.parse(readFileSync(out, "utf8"))).toEqual(bare);
    expect(recorded.modules[0].name).toBe("tally.c");
    const replayed = await runJson("replay", out, tally, "--input", votes[0]);
    expect(replayed.value).toMatchObject({ verdict: "agrees", verdictHolds: true });
  });

  test("an open one › is replayed as open", async () => {
    const out = folder.file("open.json");
    const { stdout } = await runCommandLine("transcript", "2", ...on, "--out", out);
    expect(stdout).toMatch(/on chain +open\nprogram +not recorded/);
    writeFileSync(folder.file("threes"), Uint8Array.of(3, 3));
    const replayed = await runJson("replay", out, tally, "--input", folder.file("threes"));
    expect(replayed.value).toMatchObject({ verdict: "none", claimsRight: [false, true] });
  });

  test("no such dispute, another program › refused", async () => {
    const lineOf = async (...args: string[]) =>
      (await runCommandLine("transcript", ...args)).stderr;
    expect(await lineOf("3", ...on)).toMatch(
      /there is no dispute 3 at 0x.*; choose one from 1 to 2/,
    );
    expect(await lineOf("0", ...on)).toMatch(/no dispute 0/);
    expect(await lineOf("first", ...on)).toMatch(/expected a dispute's number, got first/);
    expect(await lineOf("1", tally, ...on, "--fuel", "77")).toMatch(
      /dispute 1 is about program 0x/,
    );
  });
});
