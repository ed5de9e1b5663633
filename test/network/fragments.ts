/**
 * Fragments of toy clusters, validators with deposits, and draws by real block headers: for the tests of Validation.
 */
import { id, type Signer } from "ethers";
import type { Hash } from "../../src/game/index.ts";
import {
  type ApplicationState,
  applicationCalldata,
  type ClusterGeneration,
  type Confirmation,
  commitCalldata,
  type Fragment,
  fragmentStatus,
  type Manifest,
  SampleWalk,
  seedHeader,
  ValidationReader,
} from "../../src/history/index.ts";
import type { BlockPlan } from "../history/chainMaker.ts";
import {
  createToyCluster,
  fromOneState,
  keysOf,
  networkParameters,
  runningGeneration,
  send,
  startNetwork,
  type TestNetwork,
} from "./network.ts";

/** Short waits, so that a whole life fits into a test. */
export const validationParameters = {
  ...networkParameters.validation,
  deposit: 10n ** 18n,
  missFee: 10n ** 16n,
  seedBlocks: 3,
  drawBlocks: 40,
  turnBlocks: 12,
  windowBlocks: 8,
  coolingOffBlocks: 50,
  longestBlocks: 400,
  // Out of the way of what is no test of it.
  mostUnconfirmed: 200,
};

export type ValidatedNetwork = Awaited<ReturnType<typeof startValidation>>;

/** A network whose Validation decides itself. Accounts 9 and up are for validators. */
export async function startValidation(
  judge: "simulated" | "real" = "simulated",
  validation: Partial<typeof validationParameters> = {},
) {
  const parameters = {
    ...networkParameters,
    validation: { ...validationParameters, ...validation },
  };
  return withValidations(await startNetwork(judge, parameters, null));
}

/** The network with a reader of its Validation that remembers nothing. */
export function withValidations(network: TestNetwork) {
  const { addresses, provider } = network;
  const { validation, fromBlock } = addresses;
  return { ...network, validations: new ValidationReader(validation, provider, fromBlock) };
}

/** Makes such a network once, and goes back to it whenever it is called again. */
export function validatedNetworks(
  ...options: Parameters<typeof startValidation>
): () => Promise<ValidatedNetwork> {
  const begin = fromOneState(async () => ({ network: await startValidation(...options) }));
  return async () => withValidations((await begin()).network);
}

/** Enters the pool. */
export async function registerValidators(network: ValidatedNetwork, signers: readonly Signer[]) {
  const { deposit } = network.parameters.validation;
  for (const signer of signers) await send(network.validation, signer, "register", [], deposit);
}

/** A cluster with one fragment that is checkpointed, funded and begun. */
export interface BegunFragment {
  readonly id: Hash;
  readonly cluster: Hash;
  readonly generation: bigint;
  readonly chain: readonly Manifest[];
  /** What its workers sign. */
  readonly blocks: Awaited<ReturnType<typeof runningGeneration>>["blocks"];
}

let made = 0;

/** What the blocks are, where that depends on the generation. */
export type Plans =
  | readonly BlockPlan[]
  | ((generation: ClusterGeneration) => Promise<readonly BlockPlan[]>);

/** Makes a cluster whose blocks are only named, and begins its first fragment: heights 1 to 4. */
export async function beginFragment(
  network: ValidatedNetwork,
  plansOf: Plans = [{}, {}, {}, {}],
): Promise<BegunFragment> {
  const cluster = (await createToyCluster(network)) as Hash;
  const keys = keysOf(`validated ${++made}`);
  const { generation, blocks } = await runningGeneration(network, cluster, keys);
  const plans = typeof plansOf === "function" ? await plansOf(generation) : plansOf;
  const chain = blocks.makeChain(plans);
  await checkpoint(network, generation.id, blocks, chain[3]);
  await send(network.rewards, network.signers[0], "fund", [cluster], 10n ** 18n);
  const id = await beginAt(network, cluster, 0, chain[0].application, chain[3].application);
  return { id, cluster, generation: generation.id, chain, blocks };
}

/** Accounts of the validators of `begunNetworks`. */
export const poolOfFour = [9, 10, 11, 12];

/** A network with four validators and a fragment that is begun, the same for each that asks; with other parameters if given. */
export function begunNetworks(validation: Partial<typeof validationParameters> = {}) {
  const begin = fromOneState(async () => {
    const network = await startValidation("simulated", validation);
    await registerValidators(
      network,
      poolOfFour.map((index) => network.signers[index]),
    );
    return { network, begun: await beginFragment(network) };
  });
  return async () => {
    const { network, begun } = await begin();
    return { network: withValidations(network), begun };
  };
}

/** Shows a header of the chain with everybody's votes. */
export async function checkpoint(
  network: ValidatedNetwork,
  generation: bigint,
  blocks: Awaited<ReturnType<typeof runningGeneration>>["blocks"],
  { header }: Manifest,
) {
  const commit = commitCalldata(
    header,
    blocks.votesFor(header, [0, 1, 2, 3]),
    blocks.generation.validators,
  );
  await send(network.checkpoints, network.signers[6], "submit", [generation, commit]);
}

/** Begins the fragment that ends with a checkpoint. */
export async function beginAt(
  network: ValidatedNetwork,
  cluster: Hash,
  position: number,
  before: ApplicationState,
  behind: ApplicationState,
): Promise<Hash> {
  const args = [cluster, position, applicationCalldata(before), applicationCalldata(behind)];
  await send(network.validation, network.signers[6], "begin", args);
  return network.validation.fragmentAt(cluster, position);
}

/** A fragment that must exist. */
export async function fragmentOf(network: ValidatedNetwork, id: Hash): Promise<Fragment> {
  const fragment = await network.validations.fragment(id);
  if (fragment === undefined) throw new Error("expected a fragment");
  return fragment;
}

/** Draws; the fragment after it. */
export async function drawOnce(network: ValidatedNetwork, id: Hash): Promise<Fragment> {
  const { requestBlock } = await fragmentOf(network, id);
  const seedBlock = requestBlock + network.parameters.validation.seedBlocks;
  const now = await network.provider.getBlockNumber();
  if (now <= seedBlock) await network.mine(seedBlock - now + 1);
  const header = await seedHeader(network.provider, seedBlock);
  await send(network.validation, network.signers[6], "draw", [id, header]);
  return fragmentOf(network, id);
}

/** A list that fits a turn, whatever was executed. */
export function listFor(
  { seed, period, steps }: Fragment,
  hash = (index: number) => id(`${index}`),
) {
  const walk = new SampleWalk({ seed, period });
  while (walk.next <= steps) walk.take(hash(walk.samples.length) as Hash);
  return walk.samples.map((sample) => sample.hash);
}

const nothing = { root: id("nothing"), length: 0 };

/** The chosen validator confirms. */
export async function confirmTurn(
  network: ValidatedNetwork,
  fragment: Fragment,
  samples: readonly Hash[] = listFor(fragment),
): Promise<Confirmation> {
  const signer = await signerOf(network, fragment.chosen);
  await send(network.validation, signer, "confirm", [fragment.id, samples, nothing]);
  const all = await network.validations.confirmations(fragment.id);
  return all[all.length - 1];
}

/** An account's signer. */
export async function signerOf(network: ValidatedNetwork, account: string): Promise<Signer> {
  const index = network.accounts.indexOf(account);
  const signer = network.signers[index];
  if (signer === undefined) throw new Error(`expected an account of the chain, got ${account}`);
  return signer;
}

/** Draws and confirms until no more validations are drawn. */
export async function validateAll(network: ValidatedNetwork, id: Hash): Promise<Confirmation[]> {
  for (;;) {
    const fragment = await drawOnce(network, id);
    if (fragment.status === fragmentStatus.decided) return network.validations.confirmations(id);
    if (fragment.status === fragmentStatus.turn) await confirmTurn(network, fragment);
  }
}

/** What the contracts hold beyond what they owe, to the wei: Validation and Rewards. */
export async function validationGaps(
  network: ValidatedNetwork,
  clusters: readonly string[],
  fragments: readonly Hash[],
): Promise<readonly [bigint, bigint]> {
  const { validation, rewards, provider, accounts } = network;
  let held: bigint = await validation.burned();
  let reserved = 0n;
  const known = await Promise.all(
    accounts
      .slice(0, 16)
      .map((account) =>
        Promise.all([
          validation.credits(account),
          validation.validatorOf(account),
          rewards.credits(account),
        ]),
      ),
  );
  for (const [credit, { deposit }, paid] of known) {
    held += credit + deposit;
    reserved += paid;
  }
  for (const cluster of clusters) reserved += await rewards.budgetOf(cluster);
  for (const fragment of fragments) {
    const { workers, validations, ofWorker, ofValidation }: Record<string, bigint> =
      await rewards.reservationOf(fragment);
    reserved += workers * ofWorker + validations * ofValidation;
  }
  return [
    (await provider.getBalance(await validation.getAddress())) - held,
    (await provider.getBalance(await rewards.getAddress())) - reserved,
  ];
}
