/**
 * A block that its cluster shows nobody: it never becomes final, and costs no honest validator its deposit or its place.
 */
import { describe, expect, test } from "vitest";
import type { Hash } from "../../src/game/index.ts";
import {
  clusterStatus,
  fragmentStatus,
  validatorStatus,
  workerStatus,
} from "../../src/history/index.ts";
import { NodeError } from "../../src/node/nodeError.ts";
import type { FragmentSource } from "../../src/node/validation/fragmentData.ts";
import { startValidation, type ValidatedNetwork } from "../network/fragments.ts";
import {
  shortTurns,
  type TestValidator,
  until,
  validatedCluster,
  validatorOf,
  workerStatuses,
} from "./validatedCluster.ts";

let network: ValidatedNetwork;

describe("a block of which neither the record's list nor its own is shown", () => {
  /** A cluster of which nobody is given block 3, and three validators of it. */
  async function withheldBlock(mostMisses: number) {
    const changes = { turnBlocks: 4, leastValidations: 1, mostMisses };
    network = await startValidation("real", { ...shortTurns, ...changes });
    const made = await validatedCluster(network);
    await made.advance(6n);
    const withheld = async () => {
      throw new NodeError("content-missing", "block 3");
    };
    const { source } = made;
    const hiding: FragmentSource = {
      ...source,
      block: (height) => (height === 3n ? withheld() : source.block(height)),
      content: withheld,
    };
    const validators = await Promise.all(
      [0, 1, 2].map((index) => validatorOf(network, { ...made, source: hiding }, index)),
    );
    return { made, validators };
  }

  const isGivenUp = async (cluster: Hash) =>
    (await network.reader.cluster(cluster))?.status === clusterStatus.halted;
  /** Fees of what is void have all come back. */
  const isPaidBack = async () => (await network.validation.burned()) === 0n;

  test("is never final: its fragment is given up, and the validators have their fees back", async () => {
    const { made, validators } = await withheldBlock(3);
    await until(network, validators, () => isGivenUp(made.cluster));
    const [id] = await network.validations.begun();
    expect(await network.validations.fragment(id)).toMatchObject({
      status: fragmentStatus.void,
      misses: 2,
    });
    expect(await network.reader.cluster(made.cluster)).toMatchObject({
      refutedHeight: 2n,
      finalHeight: 0n,
    });
    const { deposit } = network.parameters.validation;
    await until(network, validators, isPaidBack);
    for (const { node } of validators) {
      const account = await node.address();
      const credit: bigint = await network.validation.credits(account);
      expect((await network.validations.validator(account)).deposit + credit).toBe(deposit);
    }
    expect(await workerStatuses(network, made.generation.id)).toEqual(
      Array(4).fill(workerStatus.bonded),
    );
  });

  test("costs nobody its place for long: who was put out is back with its fees, who has left is not", async () => {
    const { made, validators } = await withheldBlock(1);
    await until(network, validators, () => isGivenUp(made.cluster));
    const kindsOf = ({ events }: TestValidator) =>
      events.map(({ kind }) => kind).filter((kind) => kind === "registered" || kind === "inactive");
    const accounts = await Promise.all(validators.map(({ node }) => node.address()));
    const statuses = () =>
      Promise.all(accounts.map(async (each) => (await network.validations.validator(each)).status));
    // Who is active may have been put out and be back already; one of three has missed no turn, and two where a turn was drawn
    // for somebody who was out.
    const { active, inactive } = validatorStatus;
    const places = await statuses();
    const hasMissed = validators.map(
      (each, index) => places[index] === inactive || kindsOf(each).includes("inactive"),
    );
    expect(hasMissed).toContain(true);
    const leaver = hasMissed.indexOf(false);
    expect(leaver).toBeGreaterThanOrEqual(0);
    const signer = await network.provider.getSigner(accounts[leaver]);
    const own = network.validation.connect(signer) as typeof network.validation;
    await (await own.deregister()).wait();
    await until(network, validators, isPaidBack);
    for (const { node } of validators) await node.tick();
    const isLeaver = validators.map((_, index) => index === leaver);
    expect(await statuses()).toEqual(isLeaver.map((isOut) => (isOut ? inactive : active)));
    const told = ["registered", "inactive", "registered"];
    const length = (index: number) => (index === leaver ? 2 : hasMissed[index] ? 3 : 1);
    expect(validators.map(kindsOf)).toEqual(
      validators.map((_, index) => told.slice(0, length(index))),
    );
  });

  test("is confirmed where one of them is shown in time", async () => {
    network = await startValidation("real", {
      ...shortTurns,
      turnBlocks: 390,
      leastValidations: 1,
    });
    const made = await validatedCluster(network);
    await made.advance(6n);
    /** Times that somebody has asked in vain. */
    let tries = 0;
    const { source } = made;
    const content: FragmentSource["content"] = async (named, receipts) => {
      if (++tries < 2) throw new NodeError("content-missing", named.root);
      return source.content(named, receipts);
    };
    const block: FragmentSource["block"] = async (height) => {
      if (tries < 2) throw new NodeError("content-missing", `block ${height}`);
      return source.block(height);
    };
    const late = { ...made, source: { ...source, content, block } };
    const validators = [await validatorOf(network, late, 0), await validatorOf(network, late, 1)];
    await until(network, validators, async () => {
      const cluster = await network.reader.cluster(made.cluster);
      return cluster?.finalHeight === 4n;
    });
  });
});
