/** Accounts with a deposit, a trace and a player, and what they do to an Arbiter by hand: for the game's tests. */
import type { Signer, Wallet } from "ethers";
import { RefusedError, revertReason } from "../../src/game/chain/sender.ts";
import type { SignedTransition } from "../../src/game/claim/claim.ts";
import type { Player } from "../../src/game/player/player.ts";
import type { Dispute } from "../../src/game/search/disputeState.ts";
import type { Strategy } from "../../src/game/search/strategy.ts";
import { type Chain, freshWallet, stake } from "./chain.ts";
import { playerOn, signedBy } from "./play.ts";
import type { Simulation } from "./simulation.ts";

export interface Actor {
  readonly wallet: Wallet;
  readonly execution: Simulation;
  readonly player: Player;
}

/** A funded account with a deposit, a trace and a player. */
export async function newActor(
  chain: Chain,
  execution: Simulation,
  strategy?: Strategy,
  stakes = 1n,
): Promise<Actor> {
  const wallet = await freshWallet(chain);
  const player = playerOn(chain, wallet, execution, strategy);
  if (stakes > 0n) await player.deposit(stakes * stake);
  return { wallet, execution, player };
}

/** Name of a custom error, without its arguments. */
const nameOf = (reason: string): string => reason.split("(", 1)[0];

/** Why a promise fails; "done" if it does not. */
export async function failure(attempt: Promise<unknown>): Promise<string> {
  try {
    await attempt;
    return "done";
  } catch (error) {
    return nameOf(error instanceof RefusedError ? error.reason : revertReason(error));
  }
}

/** What tests ask of an Arbiter and tell it. */
export function handsOn(chain: () => Chain) {
  const contract = () => chain().client.contract;
  const accountOf = (wallet: Wallet) => contract().accounts(wallet.address);
  return {
    signed: ({ wallet, execution }: Actor) => signedBy(chain(), wallet, execution),
    lastId: async (): Promise<bigint> => contract().disputeCount(),
    accountOf,
    freeOf: async (wallet: Wallet): Promise<bigint> => (await accountOf(wallet)).free,
    /** Name of the error with which a call reverts; "accepted" if it does not. */
    reversal: async (signer: Signer, method: string, ...args: unknown[]): Promise<string> => {
      const call = contract()
        .connect(signer)
        .getFunction(method)
        .staticCall(...args);
      const reason = await failure(call);
      return reason === "done" ? "accepted" : reason;
    },
    send: async (signer: Signer, method: string, ...args: unknown[]) =>
      (await contract().connect(signer).getFunction(method)(...args)).wait(),
    present: async (id: bigint): Promise<Dispute> => {
      const { client } = chain();
      const situation = await client.situation(await client.opened(id));
      if (situation === undefined) throw new Error("expected an open dispute");
      return situation.dispute;
    },
  };
}

/** What `open` takes of a signed transition. */
export async function openingOf(claim: SignedTransition, execution: Simulation) {
  return {
    transition: claim.transition,
    signature: claim.signature,
    beginWitness: await execution.beginWitness(),
    originProof: await execution.registerProof(execution.startStep),
  };
}
