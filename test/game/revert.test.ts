/**
 * Reverts told in a word and its arguments: every custom error of every contract, wherever a node puts the bytes; and a
 * race that is lost between the simulation and the sending.
 */
import type { TransactionRequest, Wallet } from "ethers";
import { Interface, type ParamType } from "ethers";
import { beforeAll, describe, expect, it } from "vitest";
import { FaultyExecution, flipMemory } from "../../src/cli/game/faultyExecution.ts";
import { narrator } from "../../src/cli/game/narration.ts";
import { arbiterInterface, contractInterfaces } from "../../src/game/chain/contracts.ts";
import { decodeData, decodeRevert } from "../../src/game/chain/revert.ts";
import { registerProgram } from "../../src/game/claim/registerProgram.ts";
import type { PlayerEvent } from "../../src/game/player/player.ts";
import { honestMove } from "../../src/game/search/strategy.ts";
import { captured } from "../cli/commandLine.ts";
import { type Chain, freshWallet, stake, startChain } from "./chain.ts";
import { playerOn, playOut, signedBy } from "./play.ts";
import { executionOf, knownCall } from "./programs.ts";

function sampleOf({ type }: ParamType): unknown {
  if (type === "string") return "a string";
  if (type === "bool") return true;
  if (type === "address") return `0x${"11".repeat(20)}`;
  return type.startsWith("bytes") ? `0x${"12".repeat(32)}` : 7n;
}

describe("decodeData", () => {
  it("knows every custom error of every contract, with its arguments", () => {
    let count = 0;
    for (const contract of contractInterfaces()) {
      contract.forEachError((fragment) => {
        const values = fragment.inputs.map(sampleOf);
        const decoded = decodeData(contract.encodeErrorResult(fragment, values));
        const args = fragment.inputs.map(({ name }, i) => `${name} ${values[i]}`);
        expect(decoded?.name).toBe(fragment.name);
        const text = args.length === 0 ? fragment.name : `${fragment.name}(${args.join(", ")})`;
        expect(decoded?.text.toLowerCase()).toBe(text.toLowerCase());
        expect(decoded?.text.length).toBeLessThan(220);
        count++;
      });
    }
    expect(count).toBeGreaterThan(40);
  });

  it("knows Solidity's own, cut; and no other", () => {
    const own = new Interface([
      "error Error(string)",
      "error Panic(uint256)",
      "error Odd(uint256)",
    ]);
    const long = "x".repeat(5000);
    expect(decodeData(own.encodeErrorResult("Error", [long]))?.text.length).toBe(201);
    expect(decodeData(own.encodeErrorResult("Panic", [0x11]))?.text).toBe("Panic(0x11)");
    expect(decodeData(own.encodeErrorResult("Odd", [1]))).toBeUndefined();
    const cut = arbiterInterface.encodeErrorResult("StaleState", [7n]).slice(0, 40);
    for (const bytes of ["0x", "0x12", cut]) expect(decodeData(bytes)).toBeUndefined();
  });
});

describe("decodeRevert", () => {
  const data = arbiterInterface.encodeErrorResult("StaleState", [7n]);

  it("finds the bytes wherever nodes and libraries put them", () => {
    const shapes = [
      { data },
      { info: { error: { code: 3, message: "execution reverted", data } } },
      { error: { data: { data, message: "reverted" } } },
      { error: { data: { result: data } } },
      { cause: { error: { error: { data } } } },
    ];
    for (const shape of shapes) {
      const error = Object.assign(new Error("y".repeat(4000)), shape);
      expect(decodeRevert(error)).toEqual({ name: "StaleState", text: "StaleState(id 7)" });
    }
  });

  it("takes what was sent for nothing that came back; a long text is cut", () => {
    const sent = Object.assign(new Error("z".repeat(4000)), { transaction: { data }, data: null });
    const { text } = decodeRevert(sent);
    expect(text).toMatch(/^Error: zzz/);
    expect(text.length).toBe(201);
    const circular: Record<string, unknown> = {};
    circular.error = circular;
    expect(decodeRevert(circular).text).toBe("[object Object]");
  });
});

/** A wallet before whose estimates of gas something else happens. */
function overtaken(wallet: Wallet, race: (transaction: TransactionRequest) => Promise<void>) {
  const withProperty = <T extends object>(object: T, property: string, replaced: unknown): T =>
    new Proxy(object, {
      get(target, name) {
        if (name === property) return replaced;
        const value = Reflect.get(target, name);
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
  const { provider } = wallet;
  if (provider === null) throw new TypeError("expected a wallet with a provider");
  const estimateGas = async (transaction: TransactionRequest) => {
    await race(transaction);
    return provider.estimateGas(transaction);
  };
  return withProperty(wallet, "provider", withProperty(provider, "estimateGas", estimateGas));
}

describe("a race that is lost at judgeStep", () => {
  const call = knownCall("ledger");
  const alter = (state: Parameters<typeof flipMemory>[0]) => flipMemory(state);
  let chain: Chain;
  beforeAll(async () => {
    chain = await startChain({ k: 16 }, "real");
    await registerProgram(chain.client, call.program);
  });

  it("is told in one line with the error's name, argument and meaning", async () => {
    const [honest, liar, bystander] = [
      await freshWallet(chain),
      await freshWallet(chain),
      await freshWallet(chain),
    ];
    const selector = arbiterInterface.getFunction("judgeStep")?.selector ?? "none";
    const racing = overtaken(honest, async ({ to, data }) => {
      if (!String(data).startsWith(selector)) return;
      const same = { to: String(to), data: String(data), gasLimit: 5_000_000 };
      const first = await bystander.sendTransaction(same);
      await first.wait();
    });
    const events: PlayerEvent[] = [];
    const player = playerOn(chain, racing, executionOf(call), undefined, (event) => {
      events.push(event);
    });
    const faulty = new FaultyExecution(call.program, call.previous, call.input, {
      step: 1000,
      alter,
    });
    await player.deposit(stake);
    await playerOn(chain, liar, faulty).deposit(stake);
    const receipt = await player.challenge(await signedBy(chain, liar, faulty));
    const id = (await chain.client.disputesOf(honest.address, receipt.blockNumber))[0].id;
    // Whoever comes first has the step judged; here it is left to the player.
    const others = playerOn(chain, liar, faulty, async (...args) => {
      const move = await honestMove(...args);
      return move?.method === "judgeStep" ? undefined : move;
    });
    const { losers } = await playOut(chain, [player, others], id);
    expect(losers).toBe(1);
    const refused = events.filter(({ kind }) => kind === "refused");
    expect(refused).toMatchObject([{ method: "judgeStep", reason: `StaleState(id ${id})` }]);
    const { stderr } = await captured(() => {
      const tell = narrator("player");
      for (const event of [...refused, ...refused]) tell(event);
    });
    expect(stderr).toMatch(
      /^player {3}judgeStep {4}would revert: StaleState\(id \d+\): the move answers .*\n$/,
    );
    expect(stderr.length).toBeLessThan(250);
  }, 60_000);
});
