/**
 * Parties that post claims on one chain, watch those of others and dispute what their own machine does not give
 * (docs/game.md §12).
 */
import { hexlify } from "ethers";
import type { Call } from "../../src/game/claim/claim.ts";
import { ClaimWatcher } from "../../src/game/player/claimWatcher.ts";
import { Player } from "../../src/game/player/player.ts";
import type { Strategy } from "../../src/game/search/strategy.ts";
import { inputRoot } from "../../src/merkle/index.ts";
import { type Chain, freshWallet, stake } from "./chain.ts";
import { playOut } from "./play.ts";
import { type Fault, Simulation, toyGenesis } from "./simulation.ts";

export const program = { steps: 1000, fuel: 3, name: 7 };
const genesis = toyGenesis(program);
let inputs = 0;
/** A fresh input for each test: each is a call of its own. */
export const freshInput = () => Uint8Array.from({ length: 32 }, (_, i) => (i === 0 ? ++inputs : i));

export const machine = (bytes: Uint8Array, fault?: Fault, previous = genesis) =>
  new Simulation(program, previous, hexlify(inputRoot(bytes)), fault);

/** What tests do with the chain at hand. */
export function claimants(at: () => Chain) {
  const contract = () => at().client.contract;
  const block = () => at().provider.getBlockNumber();
  const everyone: string[] = [];
  return {
    contract,
    block,
    /** Addresses of all parties so far. */
    everyone,
    until: async (target: number) => at().mine(Math.max(0, target - (await block()))),
    windowEndOf: async (key: string) =>
      Number((await contract().lines((await contract().claims(key)).line)).windowEnd),
    statusOf: async (key: string) => Number((await contract().claims(key)).status),
    verdictOf: async (players: readonly Player[]) =>
      playOut(at(), players, await contract().disputeCount()),

    /** An account with stakes whose machine is that of `execution`, and which watches claims. */
    async party(execution: Simulation, stakes = 2n, strategy?: Strategy) {
      const wallet = await freshWallet(at());
      everyone.push(wallet.address);
      const known = async (call: Call) =>
        call.previousState === execution.call.previousState &&
        call.inputRoot === execution.call.inputRoot
          ? execution
          : undefined;
      const player = new Player({
        arbiter: at().address,
        signer: wallet,
        execution: known,
        sender: { pollMs: 5 },
        ...(strategy ? { strategy } : {}),
      });
      await player.deposit(stakes * stake);
      return { wallet, player, execution, watcher: new ClaimWatcher(player, known) };
    },
  };
}
