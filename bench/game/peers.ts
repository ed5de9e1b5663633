/**
 * The same disputed call in our own game and in other people's (docs/adapters.md section 5): rounds and gas of the honest
 * party against a liar whose states are wrong from the middle of the call on.
 *
 * Invariant: gas is all that the honest party pays from its first move to the last thing that it has to do for the
 * verdict; bonds and stakes come back and are not counted. Every game ends in a verdict, or the bench fails.
 */
import type { TransactionReceipt } from "ethers";
import hre from "hardhat";
import { FaultyExecution, flipMemory } from "../../src/cli/game/faultyExecution.ts";
import type { BoldPlayer } from "../../src/game/adapters/bold/boldPlayer.ts";
import { callChain, stepsOf } from "../../src/game/adapters/callChain.ts";
import { DavePlayer } from "../../src/game/adapters/dave/davePlayer.ts";
import { DaveTrace } from "../../src/game/adapters/dave/daveTrace.ts";
import { OpStackPlayer } from "../../src/game/adapters/opStack/opStackPlayer.ts";
import { deployContract, deployJudge } from "../../src/game/chain/deploy.ts";
import { registerProgram } from "../../src/game/claim/registerProgram.ts";
import { phases } from "../../src/game/search/disputeState.ts";
import { honestMove, type Strategy } from "../../src/game/search/strategy.ts";
import type { MachineState } from "../../src/interpreter/index.ts";
import { boldChain, challengeBlocks } from "../../test/game/adapters/boldChain.ts";
import { lieOf, lying } from "../../test/game/adapters/lying.ts";
import {
  clockSeconds,
  deployPeer,
  opStackChain,
  peerChain,
} from "../../test/game/adapters/opStackChain.ts";
import { peerArtifacts } from "../../test/game/adapters/peers.ts";
import { stake, startChain } from "../../test/game/chain.ts";
import { playerOn, playOut, signedBy } from "../../test/game/play.ts";
import { executionOf, knownCall } from "../../test/game/programs.ts";

/** One game. */
export interface PeerRow {
  readonly game: string;
  /** Whose contracts: "own", "real" (the peer's, as its package has them compiled) or "model". */
  readonly contracts: "own" | "real" | "model";
  /** Moves of the honest party that follow one another up to the judged step, that included. */
  readonly rounds: number;
  readonly gasPerParty: number;
  /** Gas of the transaction that holds the judged step. */
  readonly gasOfStep: number;
  readonly verdict: "honest" | "liar";
}

/** Adds up one party's transactions. */
class Bill {
  gas = 0;
  rounds = 0;
  gasOfStep = 0;
  readonly #judging: string;

  /** @param judging Name of the transaction that holds the judged step. */
  constructor(judging: string) {
    this.#judging = judging;
  }

  readonly add = (method: string, { gasUsed }: Pick<TransactionReceipt, "gasUsed">): void => {
    this.gas += Number(gasUsed);
    if (this.gasOfStep === 0) this.rounds++;
    if (method === this.#judging) this.gasOfStep = Number(gasUsed);
  };

  row(game: string, contracts: PeerRow["contracts"], isHonest: boolean): PeerRow {
    if (this.gasOfStep === 0) throw new Error(`${game}: expected a judged step`);
    const { rounds, gas: gasPerParty, gasOfStep } = this;
    const verdict = isHonest ? "honest" : "liar";
    return { game, contracts, rounds, gasPerParty, gasOfStep, verdict };
  }
}

const call = knownCall("ledger");

async function parties() {
  const honest = executionOf(call);
  const steps = await stepsOf(honest);
  return { honest, steps, liar: lying(honest, steps >> 1) };
}

/** Ticks all players until nobody moves. */
async function exhaust(players: readonly { tick(): Promise<boolean> }[]): Promise<void> {
  for (let isMoving = true; isMoving; ) {
    isMoving = false;
    for (const player of players) isMoving = (await player.tick()) || isMoving;
  }
}

async function ownGame(): Promise<PeerRow> {
  const { honest, steps } = await parties();
  const alter = (state: MachineState) => flipMemory(state, 1);
  const fault = { step: honest.startStep + (steps >> 1), alter };
  const liar = new FaultyExecution(call.program, call.previous, call.input, fault);
  const chain = await startChain({ k: 32 }, "real");
  await registerProgram(chain.client, call.program);
  const bill = new Bill("judgeStep");
  const [a, b] = chain.signers;
  // The accused leaves the judgement to the challenger, so that one party pays for all that can be paid for.
  const reticent: Strategy = async (situation, ...rest) =>
    situation.dispute.phase === phases.step ? undefined : honestMove(situation, ...rest);
  const accused = playerOn(chain, a, liar, reticent);
  const party = playerOn(chain, b, honest, undefined, (event) => {
    if (event.kind === "moved") bill.add(event.method, { gasUsed: event.gas });
  });
  await accused.deposit(stake);
  await party.deposit(stake);
  bill.add("open", await party.challenge(await signedBy(chain, a, liar)));
  const id: bigint = await chain.client.contract.disputeCount();
  const { losers } = await playOut(chain, [party, accused], id);
  await chain.connection.close();
  return bill.row("wasm-arbiter, k = 32", "own", losers === 1);
}

/** The side that the honest party takes is that which has to step, by the parity of the depth. */
async function opStackGame(splitDepth: number, maxDepth: number): Promise<PeerRow | undefined> {
  const artifacts = await peerArtifacts("opStack");
  if (artifacts === undefined) return undefined;
  const { honest, liar } = await parties();
  const { previousState } = honest.call;
  const depths = { splitDepth, maxDepth };
  const chain = await opStackChain(artifacts, previousState, [call.input], depths);
  const [, mine, theirs] = chain.signers;
  const { state } = await honest.claim();
  const isDefender = maxDepth % 2 === 1;
  const root = isDefender ? state : lieOf(state);
  const game = await chain.propose(root, 1, isDefender ? mine : theirs);
  const bill = new Bill("step");
  const sender = { pollMs: 2 };
  const options = { game, sender };
  const party = new OpStackPlayer({
    ...options,
    signer: mine,
    chain: callChain([honest]),
    onMoved: bill.add,
  });
  const opponent = new OpStackPlayer({ ...options, signer: theirs, chain: callChain([liar]) });
  await exhaust([party, opponent]);
  await chain.pass(clockSeconds + 1);
  const status = await party.settle();
  await chain.connection.close();
  const name = `OP Stack, depths ${splitDepth} and ${maxDepth}`;
  return bill.row(name, "real", status === (isDefender ? 2 : 1));
}

async function boldGame(): Promise<PeerRow | undefined> {
  const artifacts = await peerArtifacts("bold");
  if (artifacts === undefined) return undefined;
  const { honest, liar, steps } = await parties();
  const heights = { blocks: 2, steps: 2 ** Math.ceil(Math.log2(steps + 2)) };
  const chain = await boldChain(artifacts, honest.call, [call.input], heights);
  const [, mine, theirs] = chain.signers;
  const bill = new Bill("confirmEdgeByOneStepProof");
  const party = await chain.player(mine, callChain([honest]), bill.add);
  const opponent = await chain.player(theirs, callChain([liar]));
  const players: readonly BoldPlayer[] = [party, opponent];
  for (const player of players) await player.enter();
  await exhaust(players);
  await chain.provider.send("hardhat_mine", [`0x${(challengeBlocks + 1).toString(16)}`]);
  await party.confirm();
  const isConfirmed = await party.isConfirmed();
  await chain.connection.close();
  return bill.row(`Arbitrum BoLD, heights 2, 1, ${heights.steps}`, "real", isConfirmed);
}

async function daveGame(): Promise<PeerRow> {
  const { honest, liar, steps } = await parties();
  const spanBits = Math.ceil(Math.log2(steps + 2));
  const chain = await peerChain();
  const [admin, ...signers] = chain.signers;
  const judge = await deployJudge(admin);
  const adapterArguments = [judge.address, spanBits, 1000];
  const { address } = await deployContract(admin, "DaveTransition", adapterArguments);
  const { abi, bytecode } = await hre.artifacts.readArtifact("ModelTournament");
  const artifact = { abi: abi as unknown as never[], bytecode };
  const args = [spanBits, honest.call.previousState, address, [call.input]];
  const model = await deployPeer(admin, artifact, args);
  const tournament = String(model.target);
  const bill = new Bill("winLeafMatch");
  const player = async (view: typeof liar, i: number, onMoved?: Bill["add"]) => {
    const trace = await DaveTrace.of(callChain([view]), [call.input], spanBits);
    const options = { tournament, signer: signers[i], trace, sender: { pollMs: 2 } };
    return new DavePlayer(onMoved === undefined ? options : { ...options, onMoved });
  };
  const party = await player(honest, 0, bill.add);
  const opponent = await player(liar, 1);
  await party.join();
  await opponent.join();
  await exhaust([party, opponent]);
  const isHonest = (await model.dangling()) === (await party.commitment());
  await chain.connection.close();
  return bill.row(`Cartesi Dave, one level of height ${spanBits}`, "model", isHonest);
}

/** All games that can be played here; those whose package cannot be had are left out, loudly. */
export async function peerGames(): Promise<PeerRow[]> {
  const { steps } = await parties();
  const shallow = 2 + Math.ceil(Math.log2(steps + 2));
  const rows = [
    await ownGame(),
    await opStackGame(1, shallow),
    await opStackGame(30, 73),
    await boldGame(),
    await daveGame(),
  ];
  return rows.filter((row) => row !== undefined);
}
