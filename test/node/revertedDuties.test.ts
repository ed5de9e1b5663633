/**
 * A validator on a chain that takes back what it has done, and behind a node that fails for a moment: duties that were done
 * are done again, and a proof that was made is not made again.
 */
import type { Signer, TransactionRequest } from "ethers";
import { beforeEach, expect, test, vi } from "vitest";
import { fragmentStatus, validationInterface } from "../../src/history/index.ts";
import { type ValidatedNetwork, validatedNetworks } from "../network/fragments.ts";
import { until, validatedCluster, validatorOf } from "./validatedCluster.ts";

let network: ValidatedNetwork;
const begin = validatedNetworks("real", { leastValidations: 1, turnBlocks: 2000, windowBlocks: 3 });
beforeEach(async () => {
  network = await begin();
});

const statusOf = async () => {
  const [id] = await network.validations.begun();
  return id === undefined ? undefined : (await network.validations.fragment(id))?.status;
};
const shortly = () => new Promise((done) => setTimeout(done, 20));

test("a fragment that was begun is begun again", async () => {
  const made = await validatedCluster(network);
  const { node } = await validatorOf(network, made, 0);
  await made.advance(6n);
  const snapshot = await network.provider.send("evm_snapshot", []);
  await node.tick();
  expect(await statusOf()).toBeDefined();
  await network.provider.send("evm_revert", [snapshot]);
  expect(await statusOf()).toBeUndefined();
  await node.tick();
  expect(await statusOf()).toBeDefined();
  // Deep enough nobody asks any more.
  await network.mine(70);
  await node.tick();
  const at = vi.spyOn(network.validations.contract, "fragmentAt" as never);
  await node.tick();
  expect(at).not.toHaveBeenCalled();
  vi.restoreAllMocks();
}, 120_000);

test("a fragment that was made final is made final again, and forgotten when that is deep", async () => {
  const made = await validatedCluster(network);
  const validators = [];
  for (const index of [0, 1, 2]) validators.push(await validatorOf(network, made, index));
  await made.advance(6n);
  const isFinal = async () => (await statusOf()) === fragmentStatus.final;
  let snapshot: unknown;
  for (let round = 0; round < 300 && !(await isFinal()); round++) {
    if (round % 3 === 0) await network.mine(2);
    snapshot = await network.provider.send("evm_snapshot", []);
    const { node } = validators[round % 3];
    await node.tick();
    await node.settle();
  }
  expect(await isFinal()).toBe(true);
  for (const { node } of validators) await node.tick();
  await network.provider.send("evm_revert", [snapshot]);
  expect(await isFinal()).toBe(false);
  await until(network, validators, isFinal);
  const [{ node }] = validators;
  await node.tick();
  await network.mine(70);
  await node.tick();
  const fragment = vi.spyOn(node.validations, "fragment");
  await node.tick();
  expect(fragment).not.toHaveBeenCalled();
  vi.restoreAllMocks();
}, 120_000);

test("a proof outlives a fragment that could not be looked at for a moment", async () => {
  const made = await validatedCluster(network);
  let left = 1;
  const selector = validationInterface.getFunction("confirm")?.selector ?? "";
  const account = network.signers[9];
  const signer: Signer = new Proxy(account, {
    get(target, name) {
      const value = Reflect.get(target, name, target);
      if (name !== "sendTransaction")
        return typeof value === "function" ? value.bind(target) : value;
      return async (transaction: TransactionRequest) => {
        if (transaction.data?.startsWith(selector) && left-- > 0) throw new Error("no funds");
        return target.sendTransaction(transaction);
      };
    },
  });
  const validator = await validatorOf(network, made, 0, { signer });
  const { node, events } = validator;
  await made.advance(6n);
  await until(network, [validator], async () => {
    await shortly();
    return events.some(({ kind }) => kind === "failed");
  });
  vi.spyOn(node.validations, "fragment").mockRejectedValueOnce(new Error("no answer"));
  await node.tick();
  await node.settle();
  await new Promise((done) => setTimeout(done, 3100));
  await until(network, [validator], async () => {
    await shortly();
    return events.some(({ kind }) => kind === "confirmed");
  });
  expect(events.filter(({ kind }) => kind === "failed").length).toBe(2);
  expect(events.filter(({ kind }) => kind === "chosen").length).toBe(1);
  vi.restoreAllMocks();
}, 120_000);
