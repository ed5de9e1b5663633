/**
 * Clusters of which all four decide a block that is not what its record says (paper 5.8): the first honest validator has
 * them convicted by the list alone, and every confirmation of the fragment with them; a recovery leaves the block out.
 */
import { MaxUint256 } from "ethers";
import { beforeEach, describe, expect, test } from "vitest";
import {
  clusterStatus,
  encodeBlockRecord,
  fragmentStatus,
  readBlockRecord,
  readFraming,
  validatorStatus,
  workerStatus,
} from "../../src/history/index.ts";
import { NodeError } from "../../src/node/nodeError.ts";
import type { FragmentSource } from "../../src/node/validation/fragmentData.ts";
import { Worker, type WorkerOptions } from "../../src/node/worker/blockWorker.ts";
import {
  checkpoint,
  startValidation,
  type ValidatedNetwork,
  validatedNetworks,
} from "../network/fragments.ts";
import { inOrder, joinAll, keysOf, send } from "../network/network.ts";
import { counterTransaction } from "./counters.ts";
import {
  joinedCluster,
  until,
  type ValidatedCluster,
  validatedCluster,
  validatorOf,
} from "./validatedCluster.ts";

const lie = 3n;

type Change = (honest: readonly Uint8Array[]) => Uint8Array[];

/** Executes what a true record says, and decides a block that carries something else. */
class DenyingWorker extends Worker {
  readonly #change: Change;
  /** What was executed instead, by the height; the workers of a cluster agree on it. */
  readonly #executed: Map<bigint, Uint8Array[]>;

  constructor(options: WorkerOptions, change: Change, executed: Map<bigint, Uint8Array[]>) {
    super(options);
    this.#change = change;
    this.#executed = executed;
  }

  override propose(height: bigint, waiting: readonly Uint8Array[], bytes: number): Uint8Array[] {
    const honest = super.propose(height, waiting, bytes);
    if (height !== lie || honest.length === 0) return honest;
    this.#executed.set(height, honest);
    return this.#change(honest);
  }

  override isValid(height: bigint, transactions: readonly Uint8Array[]): boolean {
    return this.#executed.has(height) || super.isValid(height, transactions);
  }

  override finalize(height: bigint, transactions: readonly Uint8Array[]) {
    return super.finalize(height, this.#executed.get(height) ?? transactions);
  }
}

let network: ValidatedNetwork;
const short = { leastValidations: 1, turnBlocks: 200, windowBlocks: 3 };

const begin = validatedNetworks("real", short);

beforeEach(async () => {
  network = await begin();
});

const isOfHeight = (input: Uint8Array, height: bigint) => readFraming(input).height === height;
const oneMore: Change = (honest) => [...honest, counterTransaction("add", 9, 1n, 1_000)];
const noRecord: Change = ([, ...honest]) => honest;
/** The record of an input that is longer than a call takes. */
const tooLong: Change = ([record, ...honest]) => {
  const said = { ...readBlockRecord(record), inputLength: 2 ** 32 - 1 };
  return [encodeBlockRecord(said), ...honest];
};

function denyingCluster(change: Change): Promise<ValidatedCluster> {
  const executed = new Map<bigint, Uint8Array[]>();
  return validatedCluster(network, (options) => new DenyingWorker(options, change, executed));
}

const workersOf = async ({ generation }: ValidatedCluster) =>
  (await network.reader.generation(generation.id))?.workers ?? [];

describe("a block of which all four say that its transactions are others", () => {
  test.each([
    ["shown by the list that its record names", oneMore, false],
    ["shown by its own list, where the one that its record names is withheld", oneMore, true],
    ["whose first transaction is no record", noRecord, false],
    ["whose record names an input that is longer than any call's", tooLong, false],
  ] as const)("%s", async (_, change, isWithheld) => {
    const made = await denyingCluster(change);
    await made.advance(10n);
    if (isWithheld) {
      const { source } = made;
      const content: typeof source.content = async (named, receipts) => {
        const bytes = await source.content(named, receipts);
        if (isOfHeight(bytes, lie)) throw new NodeError("content-missing", named.root);
        return bytes;
      };
      Object.assign(made, { source: { ...source, content } });
    }
    const validator = await validatorOf(network, made, 0);
    await until(network, [validator], async () =>
      (await workersOf(made)).every(({ status }) => status === workerStatus.slashed),
    );
    const found = validator.events.filter(({ kind }) => kind === "convicted");
    expect(found).toMatchObject([{ height: lie, workers: [0, 1, 2, 3], confirmations: [] }]);
    expect(await network.reader.cluster(made.cluster)).toMatchObject({
      status: clusterStatus.halted,
      finalHeight: 0n,
      refutedHeight: lie + 1n,
    });
    const credit = await network.clusters.credits(await validator.node.address());
    expect(credit).toBe(4n * (network.parameters.clusters.deposit / 2n));
    const [begun] = await network.validations.begun();
    expect(await network.validations.confirmations(begun)).toEqual([]);
  });

  test("by the true ones among votes that somebody has made up", async () => {
    const made = await denyingCluster(oneMore);
    await made.advance(10n);
    const { source } = made;
    const manifest: typeof source.manifest = async (height) => {
      const shown = await source.manifest(height);
      if (height !== lie + 1n) return shown;
      const { signatures } = shown.votes;
      const forged = signatures.map((vote) => ({ ...vote, signature: new Uint8Array(64) }));
      return { ...shown, votes: { ...shown.votes, signatures: [...forged, ...signatures] } };
    };
    Object.assign(made, { source: { ...source, manifest } });
    const validator = await validatorOf(network, made, 0);
    await until(network, [validator], async () =>
      (await workersOf(made)).every(({ status }) => status === workerStatus.slashed),
    );
    const found = validator.events.filter(({ kind }) => kind === "convicted");
    expect(found).toMatchObject([{ height: lie, workers: [0, 1, 2, 3] }]);
  });

  test("costs whoever has confirmed it the deposit", async () => {
    network = await startValidation("real", { ...short, leastValidations: 2 });
    const made = await denyingCluster(oneMore);
    await made.advance(6n);
    const lazy = await validatorOf(network, made, 0, { laziness: "copies" });
    const [id] = await fragmentsAfter(lazy);
    await until(
      network,
      [lazy],
      async () => (await network.validations.confirmations(id)).length > 0,
    );
    const honest = await validatorOf(network, made, 1);
    await until(network, [honest], async () => {
      const { status } = await network.validations.validator(await lazy.node.address());
      return status === validatorStatus.slashed;
    });
    const found = honest.events.filter(({ kind }) => kind === "convicted");
    expect(found).toMatchObject([{ height: lie, confirmations: [1n] }]);
  });

  test("is left out by the recovery, and its fragment is void", async () => {
    const made = await denyingCluster(oneMore);
    await made.advance(10n);
    const validator = await validatorOf(network, made, 0);
    await until(
      network,
      [validator],
      async () => (await network.reader.cluster(made.cluster))?.status === clusterStatus.halted,
    );
    const keys = keysOf(`after ${made.cluster}`);
    await joinAll(network, made.cluster, keys);
    await send(network.clusters, network.signers[5], "seal", [made.cluster, inOrder(keys)]);
    await network.mine(network.parameters.clusters.recoveryBlocks);
    // No checkpoint lies below the block: the cluster begins with its genesis.
    await send(network.clusters, network.signers[5], "recover", [made.cluster, MaxUint256]);
    const statuses = async () => {
      const ids = await network.validations.begun();
      return Promise.all(ids.map(async (id) => (await network.validations.fragment(id))?.status));
    };
    await until(network, [validator], async () =>
      (await statuses()).every((status) => status === fragmentStatus.void),
    );
    expect(await statuses()).toEqual([fragmentStatus.void, fragmentStatus.void]);
  });
});

/** What is begun once a validator has looked. */
async function fragmentsAfter({ node }: Awaited<ReturnType<typeof validatorOf>>) {
  await node.tick();
  await node.settle();
  return network.validations.begun();
}

test("a block that its storage nodes have lost is replayed from the block itself", async () => {
  const made = await validatedCluster(network);
  await made.advance(6n);
  for (const [root, bytes] of made.contents) {
    if (isOfHeight(bytes, lie)) made.contents.delete(root);
  }
  const validators = await Promise.all([0, 1].map((index) => validatorOf(network, made, index)));
  const { reader } = network;
  await until(
    network,
    validators,
    async () => (await reader.cluster(made.cluster))?.finalHeight === 4n,
  );
});

test("a manifest that calls a block with transactions empty is refused", async () => {
  const made = await validatedCluster(network);
  await made.advance(6n);
  const manifest: typeof made.source.manifest = async (height) => {
    const honest = await made.source.manifest(height);
    if (height !== lie) return honest;
    return { ...honest, record: { transaction: new Uint8Array(), siblings: [] } };
  };
  const validator = await validatorOf(
    network,
    { ...made, source: { ...made.source, manifest } },
    0,
  );
  const failures = () =>
    validator.events.flatMap((event) => (event.kind === "failed" ? [event.error] : []));
  await until(network, [validator], async () => failures().length > 0);
  expect(failures()[0]).toMatchObject({ code: "manifest-refused" });
});

test("an empty block behind which all four say that the state is another one convicts them", async () => {
  const { cluster, generation, blocks } = await joinedCluster(network);
  const chain = blocks.makeChain([
    {},
    { after: (state) => ({ ...state, base: state.receiptsHash }) },
    {},
    {},
    {},
  ]);
  await checkpoint(network, generation.id, blocks, chain[3]);
  const missing = async () => {
    throw new NodeError("content-missing", "an empty chain has no contents");
  };
  const source: FragmentSource = {
    manifest: async (height) => chain[Number(height) - 1],
    content: missing,
    block: missing,
    keep: missing,
  };
  const validator = await validatorOf(network, { cluster, source }, 0);
  const { reader } = network;
  await until(
    network,
    [validator],
    async () => (await reader.cluster(cluster))?.refutedHeight === 3n,
  );
  await until(network, [validator], async () =>
    ((await reader.generation(generation.id))?.workers ?? []).every(
      ({ status }) => status === workerStatus.slashed,
    ),
  );
  const found = validator.events.filter(({ kind }) => kind === "convicted");
  expect(found).toMatchObject([{ height: 2n, workers: [0, 1, 2, 3] }]);
  expect((await reader.cluster(cluster))?.status).toBe(clusterStatus.halted);
});
