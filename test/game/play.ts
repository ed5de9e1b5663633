/** Lets two players play a dispute to its end on a test chain. */
import type { Signer } from "ethers";
import type { Call, SignedTransition } from "../../src/game/claim/claim.ts";
import { transitionOf } from "../../src/game/claim/claim.ts";
import { signTransition } from "../../src/game/claim/signedTransition.ts";
import { Player, type PlayerEvent } from "../../src/game/player/player.ts";
import type { Strategy } from "../../src/game/search/strategy.ts";
import type { Execution } from "../../src/game/trace/execution.ts";
import type { Chain } from "./chain.ts";

export function playerOn(
  chain: Chain,
  signer: Signer,
  execution: Execution,
  strategy?: Strategy,
  onEvent?: (event: PlayerEvent) => void,
): Player {
  const known = async (call: Call) =>
    call.previousState === execution.call.previousState ? execution : undefined;
  return new Player({
    arbiter: chain.address,
    signer,
    execution: known,
    sender: { pollMs: 5 },
    ...(strategy ? { strategy } : {}),
    ...(onEvent ? { onEvent } : {}),
  });
}

export async function signedBy(
  chain: Chain,
  signer: Signer,
  execution: Execution,
): Promise<SignedTransition> {
  const epoch = await chain.client.epochOf(await signer.getAddress());
  const transition = transitionOf(execution.call, await execution.claim(), epoch);
  return signTransition(transition, chain.domain, signer);
}

/** Verdict of a dispute: mask of losers and reason. */
export interface Verdict {
  readonly losers: number;
  readonly reason: number;
  readonly rounds: number;
}

/** Ticks the players in turn until dispute `id` is settled; a standing game lets time pass. */
export async function playOut(
  chain: Pick<Chain, "client" | "mine">,
  players: readonly Pick<Player, "tick">[],
  id: bigint,
): Promise<Verdict> {
  const opened = await chain.client.opened(id);
  for (let turn = 0; turn < 400; turn++) {
    const settled = await chain.client.settled(opened);
    if (settled !== undefined) {
      const moves = await chain.client.moves(opened);
      return {
        losers: Number(settled.args.losers),
        reason: Number(settled.args.reason),
        rounds: moves.at(-1)?.dispute.round ?? 0,
      };
    }
    let moved = false;
    for (const player of players) moved = (await player.tick()) || moved;
    if (!moved) await chain.mine(10);
  }
  throw new Error("expected the dispute to end within 400 turns");
}
