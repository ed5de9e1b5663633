/**
 * Disputes from headers and votes to the verdict before the real judge: a worker with a fault in its machine, a block that
 * traps and is rolled back, and what all of it costs.
 */
import { hexlify, id, ZeroHash } from "ethers";
import { beforeAll, describe, expect, test } from "vitest";
import { FaultyExecution, flipMemory } from "../../src/cli/game/faultyExecution.ts";
import { type Execution, MachineExecution } from "../../src/game/index.ts";
import {
  type ApplicationState,
  applicationStateAfter,
  type ClusterGeneration,
  clusterStatus,
  frameTransactions,
  initialApplicationState,
  refusalArguments,
  voterArguments,
  workerStatus,
} from "../../src/history/index.ts";
import { Machine } from "../../src/interpreter/index.ts";
import type { ProgramLimits } from "../../src/interpreter/program/program.ts";
import { genesisWitness, StateTree } from "../../src/merkle/index.ts";
import { transactions } from "../history/chainMaker.ts";
import { programOf } from "../merkle/program.ts";
import { accusationsOf, blockPlayer, gaps, verdictOf } from "./disputes.ts";
import {
  accountOfKey,
  blocksOf,
  failure,
  keysOf,
  order,
  runningGeneration,
  send,
  startNetwork,
  type TestNetwork,
} from "./network.ts";

/** Writes a thousand words and traps where it is told to. */
const counting = `(module (memory 1)
  (func (export "gateway") (result i32) (local $i i32)
    (loop $again
      (i32.store (i32.mul (local.get $i) (i32.const 4)) (i32.mul (local.get $i) (local.get $i)))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $again (i32.lt_u (local.get $i) (i32.const 1000))))
    LAST))`;
const programs: Readonly<Record<string, string>> = {
  returns: counting.replace("LAST", "(local.get $i)"),
  traps: counting.replace("LAST", "(unreachable)"),
};

/** Every cluster has keys of its own. */
let clusters = 0;
let network: TestNetwork;
beforeAll(async () => {
  network = await startNetwork("real");
});

/** A cluster of a program, its first block's call, and the application before and after it. */
async function clusterOf(name: string, limits: Partial<ProgramLimits> = {}) {
  const program = programOf(programs[name], { gateway: "gateway", limits });
  const genesis = new StateTree(new Machine(program).state);
  const args = [order, hexlify(genesisWitness(program)), hexlify(genesis.registerProof())];
  const connected = network.clusters.connect(network.signers[0]) as typeof network.clusters;
  const cluster: string = await connected.create.staticCall(...args);
  await send(network.clusters, network.signers[0], "create", args);
  const before = initialApplicationState(hexlify(genesis.stateHash()));
  const own = keysOf(`cluster ${++clusters}`);
  const { generation } = await runningGeneration(network, cluster, own, before);
  const input = frameTransactions({ chainId: generation.chainId, height: 1n }, transactions);
  const previous = new Machine(program).snapshot();
  const truth = () => new MachineExecution(program, previous, input);
  const wrong = (step: number) =>
    new FaultyExecution(program, previous, input, { step, alter: (state) => flipMemory(state) });
  const beginWitness = () => new StateTree(new Machine(program).state).beginWitness();
  return { cluster, generation, keys: own, before, truth, wrong, beginWitness };
}

/** The application after a call. */
async function behind(
  before: ApplicationState,
  execution: MachineExecution,
  isReturned: boolean,
): Promise<ApplicationState> {
  const { state, steps, fuel } = await execution.claim();
  const outcome = { result: state, isReturned, fuel, steps };
  return applicationStateAfter(before, outcome, before.receiptsHash);
}

const statusOf = async (generation: ClusterGeneration, index: number) =>
  (await network.reader.worker(generation.workers[index].account))?.status;

describe.each([
  ["returns", true],
  ["traps", false],
])("a block whose call %s", (name, isReturned) => {
  test("a fault in one worker's machine › convicted by headers and its vote alone", async () => {
    const { generation, keys: own, before, truth, wrong } = await clusterOf(name);
    const lie = await behind(before, wrong(5000), isReturned);
    const accusation = accusationsOf({ generation, keys: own, before, after: lie })[0];
    const player = await blockPlayer(network, { signer: 6, execution: truth(), stakes: 1n });
    const liar = await blockPlayer(network, { signer: 1, execution: wrong(5000), results: [lie] });
    const dispute = await player.accuse(accusation, generation, truth());
    const verdict = await verdictOf(network, [player, liar], dispute);
    expect(verdict).toMatchObject({ losers: 1, reason: 3 });
    expect(await statusOf(generation, accusation.worker)).toBe(workerStatus.slashed);
    expect(await gaps(network)).toEqual([0n, 0n]);
  });

  test("a true result accused › the challenger loses", async () => {
    const { generation, keys: own, before, truth, wrong } = await clusterOf(name);
    const after = await behind(before, truth(), isReturned);
    expect(after.base === before.base).toBe(!isReturned);
    const accusation = accusationsOf({ generation, keys: own, before, after })[1];
    const player = await blockPlayer(network, { signer: 5, execution: wrong(70), stakes: 1n });
    const honest = await blockPlayer(network, { signer: 2, execution: truth(), results: [after] });
    const dispute = await player.accuse(accusation, generation, wrong(70));
    const verdict = await verdictOf(network, [player, honest], dispute);
    expect(verdict).toMatchObject({ losers: 2, reason: 3 });
    const account = accountOfKey(own[1]);
    expect((await network.reader.worker(account))?.status).toBe(workerStatus.bonded);
    expect(await gaps(network)).toEqual([0n, 0n]);
  });
});

describe("a block with whose input no call begins", () => {
  const lie = { result: id("anything"), base: id("anything"), fuel: 1n, steps: 1n };

  test("nobody can dispute its result, and every vote for the block convicts", async () => {
    const {
      cluster,
      generation,
      keys: own,
      before,
      beginWitness,
    } = await clusterOf("returns", {
      inputBytes: 50,
    });
    const after = { ...lie, receiptsHash: before.receiptsHash };
    const accusation = accusationsOf({ generation, keys: own, before, after })[0];
    // Whatever the challenger says of the call.
    const execution = {
      startStep: 0,
      beginWitness: async () => beginWitness(),
      registerProof: async () => new Uint8Array(128),
      claim: async () => ({ state: ZeroHash, steps: 1n, fuel: 1n }),
    } as unknown as Execution;
    const player = await blockPlayer(network, { signer: 6, execution, stakes: 1n });
    expect(await failure(player.accuse(accusation, generation, execution))).toBe("InputTooLong");

    const { parent: header, record } = accusation;
    const block = { generation: generation.id, header, record };
    const report = (witness: Uint8Array, state = before) =>
      failure(
        send(network.lists, network.signers[6], "reportRefusal", [
          ...refusalArguments(block, state, witness),
        ]),
      );
    expect(await report(beginWitness().with(40, 1))).toBe("BeginMismatch");
    expect(await report(beginWitness(), after)).toBe("WrongApplication");
    expect(await report(beginWitness())).toBe("done");
    const blocks = blocksOf(generation, own, before);
    const votes = voterArguments(generation, header, blocks.votesFor(header, [0, 1], 1));
    expect(await failure(send(network.lists, network.signers[5], "slash", votes))).toBe("done");
    expect(await statusOf(generation, 0)).toBe(workerStatus.slashed);
    expect(await network.reader.cluster(cluster)).toMatchObject({
      status: clusterStatus.halted,
      refutedHeight: 2n,
    });
    expect(await gaps(network)).toEqual([0n, 0n]);
  });

  test("one with which a call begins convicts nobody", async () => {
    const { generation, keys: own, before, beginWitness } = await clusterOf("returns");
    const after = { ...lie, receiptsHash: before.receiptsHash };
    const { parent: header, record } = accusationsOf({ generation, keys: own, before, after })[0];
    const block = { generation: generation.id, header, record };
    const args = refusalArguments(block, before, beginWitness());
    const sent = send(network.lists, network.signers[6], "reportRefusal", args);
    expect(await failure(sent)).toBe("CallBegins");
  });
});
