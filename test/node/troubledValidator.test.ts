/**
 * A validator whose transactions, clusters or clock are in trouble: a proof that it has made is not lost, one cluster's
 * trouble costs no other one's turns, and a clock that is set back delays nothing.
 */
import type { Signer, TransactionRequest } from "ethers";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { fragmentStatus, type Manifest, validationInterface } from "../../src/history/index.ts";
import type { FragmentSource } from "../../src/node/validation/fragmentData.ts";
import { type ValidatedNetwork, validatedNetworks } from "../network/fragments.ts";
import { counters } from "./counters.ts";
import { type TestValidator, until, validatedCluster, validatorOf } from "./validatedCluster.ts";

let network: ValidatedNetwork;
const begin = validatedNetworks("real", { leastValidations: 1, turnBlocks: 2000, windowBlocks: 3 });

beforeEach(async () => {
  network = await begin();
});
afterEach(() => vi.restoreAllMocks());

const selectorOf = (method: string) => validationInterface.getFunction(method)?.selector ?? "";

/** The account, whose node refuses so many sendings of a method in words that are no revert. */
function refusing(signer: Signer, method: string, times: number): Signer {
  let left = times;
  return new Proxy(signer, {
    get(target, name) {
      if (name === "sendTransaction") {
        return async (transaction: TransactionRequest) => {
          const isMeant = transaction.data?.startsWith(selectorOf(method));
          if (isMeant && left-- > 0) throw new Error("insufficient funds for gas");
          return target.sendTransaction(transaction);
        };
      }
      const value = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

const hasConfirmed = ({ events }: TestValidator) => events.some(({ kind }) => kind === "confirmed");
const shortly = () => new Promise((done) => setTimeout(done, 50));

test("a confirmation that could not be sent is sent again, without another replay", async () => {
  const made = await validatedCluster(network);
  const signer = refusing(network.signers[9], "confirm", 1);
  const validator = await validatorOf(network, made, 0, { signer });
  await made.advance(6n);
  await until(network, [validator], async () => {
    await shortly();
    return hasConfirmed(validator);
  });
  const kinds = validator.events.map(({ kind }) => kind);
  expect(kinds.filter((kind) => kind === "failed").length).toBe(1);
  expect(kinds.filter((kind) => kind === "chosen").length).toBe(1);
  expect(kinds.filter((kind) => kind === "confirmed").length).toBe(1);
}, 120_000);

test("a confirmation that a reorganisation has undone is sent again", async () => {
  const made = await validatedCluster(network);
  const validator = await validatorOf(network, made, 0);
  await made.advance(6n);
  const { node } = validator;
  const status = async () => {
    const [id] = await network.validations.begun();
    return id === undefined ? undefined : (await network.validations.fragment(id))?.status;
  };
  while ((await status()) !== fragmentStatus.turn) {
    await node.tick();
    await network.mine(2);
  }
  const snapshot = await network.provider.send("evm_snapshot", []);
  await node.tick();
  await node.settle();
  expect(await status()).not.toBe(fragmentStatus.turn);
  await network.provider.send("evm_revert", [snapshot]);
  expect(await status()).toBe(fragmentStatus.turn);
  const manifest = vi.spyOn(made.source, "manifest");
  const [id] = await network.validations.begun();
  await until(network, [validator], async () => {
    await shortly();
    return (await network.validations.confirmations(id)).length > 0;
  });
  const replays = manifest.mock.calls.filter(([height]) => height === 1n).length;
  expect(replays).toBe(0);
}, 120_000);

test("a cluster whose node shows what is no manifest keeps no other one from being validated", async () => {
  const [bad, good] = [await validatedCluster(network), await validatedCluster(network)];
  const source: FragmentSource = { ...bad.source, manifest: async () => ({}) as Manifest };
  const clusters = [
    { id: bad.cluster, program: counters, source, memoryBytes: 2 ** 20 },
    { id: good.cluster, program: counters, source: good.source, memoryBytes: 2 ** 20 },
  ];
  const validator = await validatorOf(network, good, 0, { clusters });
  await bad.advance(6n);
  await good.advance(6n);
  await until(network, [validator], async () => hasConfirmed(validator));
  expect(validator.events.some(({ kind }) => kind === "failed")).toBe(true);
});

test("a clock that is set back delays no turn", async () => {
  const made = await validatedCluster(network);
  const signer = refusing(network.signers[9], "confirm", 1);
  const validator = await validatorOf(network, made, 0, { signer });
  await made.advance(6n);
  const now = Date.now();
  let behindMs = 0;
  vi.spyOn(Date, "now").mockImplementation(() => now - behindMs);
  await until(network, [validator], async () => {
    behindMs += 60_000;
    await shortly();
    return hasConfirmed(validator);
  });
}, 120_000);
