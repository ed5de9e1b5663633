import { type ChildProcess, spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { JsonRpcProvider, type Signer, Wallet } from "ethers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { FaultyExecution, flipMemory } from "../../src/cli/game/faultyExecution.ts";
import { ArbiterClient } from "../../src/game/chain/arbiterClient.ts";
import { deployArbiter, deployJudge } from "../../src/game/chain/deploy.ts";
import { pause } from "../../src/game/chain/sender.ts";
import { transitionOf } from "../../src/game/claim/claim.ts";
import { evidenceDomain, signTransition } from "../../src/game/claim/signedTransition.ts";
import { Player } from "../../src/game/player/player.ts";
import { type ChainProcess, startChain } from "../chainProcess.ts";
import { temporaryFolder } from "../cli/commandLine.ts";
import { executionOf, knownCall } from "./programs.ts";
import { seededPick } from "./random.ts";

/**
 * A dispute against a chain in a process of its own, over JSON-RPC. The honest party is `wasm-arbiter serve`, also a
 * process of its own, which is killed with SIGKILL again and again.
 */
const root = new URL("../..", import.meta.url).pathname;
const stake = 10n ** 17n;

const folder = temporaryFolder();
let chain: ChainProcess | undefined;
let provider: JsonRpcProvider;
const children: ChildProcess[] = [];
/** What the served players said, for a failure's message. */
const said: string[] = [];

beforeAll(async () => {
  chain = await startChain();
  provider = new JsonRpcProvider(chain.url, 31337, { staticNetwork: true, cacheTimeout: -1 });
  provider.pollingInterval = 50;
});

afterAll(() => {
  provider?.destroy();
  for (const child of [...children, chain?.process]) child?.kill("SIGKILL");
  folder.end();
});

function serve(arbiter: ArbiterClient, key: string, claims: string, input: string): ChildProcess {
  const args = ["src/cli/start.js", "serve", "examples/wasm/ledger.wasm", "--rpc", `${chain?.url}`];
  args.push("--arbiter", arbiter.address, "--from-block", `${arbiter.fromBlock}`);
  args.push(
    "--growth",
    "fixed",
    "--register",
    "--input",
    input,
    "--claims",
    claims,
    "--deposit",
    "0.1",
    "--poll",
    "50",
  );
  const child = spawn(process.execPath, args, {
    cwd: root,
    stdio: ["ignore", "ignore", "pipe"],
    env: { ...process.env, PLAYER_KEY: key },
  });
  child.stderr?.on("data", (text) => said.push(String(text)));
  children.push(child);
  return child;
}

describe("serve, over JSON-RPC to a chain of its own", () => {
  it("is killed again and again, and wins", async () => {
    const [deployer, bad]: Signer[] = await Promise.all([0, 1].map((i) => provider.getSigner(i)));
    const judge = await deployJudge(deployer);
    const arbiter = await deployArbiter(deployer, judge.address, {
      k: 8,
      graceBlocks: 50,
      bankBlocks: 500,
      stake,
    });
    const call = knownCall("ledger");
    const honest = Wallet.createRandom();
    await (await deployer.sendTransaction({ to: honest.address, value: 10n ** 18n })).wait();

    const fault = {
      step: 1234,
      alter: (state: Parameters<typeof flipMemory>[0]) => flipMemory(state),
    };
    const faulty = new FaultyExecution(call.program, call.previous, call.input, fault);
    const liar = new Player({
      arbiter: arbiter.address,
      fromBlock: arbiter.fromBlock,
      signer: bad,
      execution: async () => faulty,
      sender: { pollMs: 20 },
    });
    await liar.deposit(stake);
    const transition = transitionOf(faulty.call, await faulty.claim());
    const domain = evidenceDomain(31337n, arbiter.address);
    const claim = await signTransition(transition, domain, bad);
    const [claims, input] = [folder.file("claims.json"), folder.file("block.bin")];
    const plain = (_: string, value: unknown) => (typeof value === "bigint" ? `${value}` : value);
    // What the counterpart writes may be anything; it must not keep the player from its disputes.
    const upper = `0x${"11".repeat(32)}${"ff".repeat(32)}1b`;
    const broken = [
      null,
      {},
      { ...claim, signature: upper },
      { ...claim, transition: { steps: 1 } },
    ];
    writeFileSync(claims, JSON.stringify({ claims: [...broken, claim] }, plain));
    writeFileSync(input, call.input);

    const pick = seededPick(31);
    let child = serve(arbiter, honest.privateKey, claims, input);
    let killed = 0;
    const end = Date.now() + 300_000;
    const view = new ArbiterClient(arbiter.address, deployer, arbiter.fromBlock);
    for (;;) {
      if (Date.now() > end)
        throw new Error(`expected the dispute to end within 300 s\n${said.join("")}`);
      const opened = (await view.disputesOf(honest.address)).at(0);
      const settled = opened && (await view.settled(opened));
      if (settled) {
        expect(Number(settled.args.losers)).toBe(1);
        break;
      }
      await liar.tick();
      await pause(150);
      if (killed < 4 && opened !== undefined && (killed === 0 || pick(0, 3) === 0)) {
        child.kill("SIGKILL");
        killed++;
        child = serve(arbiter, honest.privateKey, claims, input);
      }
    }
    child.kill("SIGTERM");
    expect(killed).toBeGreaterThan(0);
    expect(said.join("").match(/is registered now/g)).toHaveLength(1);
    expect(await view.contract.disputeCount()).toBe(1n);
    const account = await view.contract.accounts(honest.address);
    expect(account.free).toBe((3n * stake) / 2n);
    expect(executionOf(call).call.program).toBe(transition.program);
  }, 400_000);
});
