/**
 * Adversaries without a plan in games on the OP Stack's contracts: moves against any claim, true or false, to the left or to
 * the right, with values true, false or another's.
 *
 * Invariant that is tested: whatever they do, no claim of the honest party is countered and the root gets its due.
 */
import type { Contract } from "ethers";
import { expect } from "vitest";
import { callChain } from "../../../src/game/adapters/callChain.ts";
import {
  contextOf,
  contextOfClaim,
  type OpStackClaim,
  readClaims,
  readParameters,
} from "../../../src/game/adapters/opStack/opStackClaims.ts";
import { OpStackPlayer } from "../../../src/game/adapters/opStack/opStackPlayer.ts";
import { OpStackTruth } from "../../../src/game/adapters/opStack/opStackTrace.ts";
import { leafOf, moved } from "../../../src/game/adapters/opStack/position.ts";
import type { Execution } from "../../../src/game/trace/execution.ts";
import { seededPick } from "../random.ts";
import { lieOf } from "./lying.ts";
import { clockSeconds, type OpStackChain } from "./opStackChain.ts";

/** Plays one game of `turns` random moves; how many of them the game took. */
export async function chaoticGame(
  chain: OpStackChain,
  calls: readonly Execution[],
  { seed, turns, isRootTrue }: { seed: number; turns: number; isRootTrue: boolean },
): Promise<number> {
  const pick = seededPick(seed);
  const below = (n: number) => pick(0, n - 1);
  const [, mine, ...theirs] = chain.signers;
  const { state } = await calls[calls.length - 1].claim();
  const root = isRootTrue ? state : lieOf(state);
  const address = await chain.propose(root, calls.length, isRootTrue ? mine : theirs[0]);
  const sender = { pollMs: 2 };
  const options = { game: address, signer: mine, chain: callChain(calls), sender };
  const party = new OpStackPlayer(options);
  const parameters = await readParameters(party.game);
  const truth = new OpStackTruth(parameters, callChain(calls), calls.length);
  const claims: OpStackClaim[] = [];
  let taken = 0;
  for (let turn = 0; turn < turns; turn++) {
    await readClaims(party.game, claims);
    // New claims rather than old ones, so that games get deep.
    const target = claims[Math.max(0, claims.length - 1 - below(1 + below(claims.length)))];
    if (target.depth === parameters.maxDepth) continue;
    const isAttack = target.parent === undefined || below(2) === 0;
    const position = moved(target.position, isAttack);
    const value = await valueAt(target, isAttack, position);
    const own = party.game.connect(theirs[below(theirs.length)]) as Contract;
    const bond = await party.game.getRequiredBond(position);
    const move = [target.claim, target.index, value, isAttack, { value: bond }] as const;
    const isTaken = await own.move
      .staticCall(...move)
      .then(() => true)
      .catch(() => false);
    if (!isTaken) continue;
    await (await own.move(...move)).wait();
    taken++;
    while (await party.tick());
  }
  await chain.pass(clockSeconds + 1);
  expect(await party.settle()).toBe(isRootTrue ? 2 : 1);
  await readClaims(party.game, claims);
  for (const { index, claimant } of claims) {
    if (claimant !== mine.address) continue;
    const { counteredBy } = await party.game.claimData(index);
    expect(BigInt(counteredBy), `claim ${index} of seed ${seed}`).toBe(0n);
  }
  return taken;

  /** Something to say at a position: the truth, a lie about it, or another claim's words. */
  async function valueAt(target: OpStackClaim, isAttack: boolean, position: bigint) {
    const { splitDepth, maxDepth } = parameters;
    const kind = below(3);
    if (kind === 0) return claims[below(claims.length)].claim;
    if (target.depth < splitDepth) {
      const output = await truth.output(Number(leafOf(position, splitDepth)));
      return kind === 1 ? output : lieOf(output);
    }
    const context =
      target.depth === splitDepth
        ? contextOf(target, isAttack, parameters)
        : contextOfClaim(target, parameters);
    const trace = await truth.trace(context);
    const index = leafOf(position, maxDepth) % (1n << BigInt(maxDepth - splitDepth - 1));
    const claim = trace === undefined ? lieOf(target.claim) : await trace.claim(index);
    // The root of a trace must say how it ended.
    const status = target.depth === splitDepth ? `0x0${below(3)}` : claim.slice(0, 4);
    return kind === 1 ? claim : `${status}${lieOf(claim).slice(4)}`;
  }
}
