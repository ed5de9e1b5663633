/**
 * The ground of a staged dispute: a chain with a judge and an Arbiter, and two parties with deposits. Embedded by
 * default; with --rpc a real chain.
 */
import {
  BrowserProvider,
  getAddress,
  isAddress,
  JsonRpcProvider,
  type Signer,
  Wallet,
} from "ethers";
import { ArbiterClient, type Parameters } from "../../game/chain/arbiterClient.ts";
import {
  checkArbiter,
  deployArbiter,
  deployJudge,
  NotAnArbiterError,
} from "../../game/chain/deploy.ts";
import { embeddedChain, remoteChain } from "../session/chain.ts";
import { UsageError } from "../terminal/failure.ts";

export interface StageOptions {
  readonly rpc?: string;
  readonly arbiter?: string;
  /** Of an Arbiter that is deployed; one that is there has its own. */
  readonly k: number;
}

export interface Stage {
  readonly client: ArbiterClient;
  /** Honest and faulty party. */
  readonly signers: readonly [Signer, Signer];
  /** Lets blocks pass where the chain is ours; false where it is not. */
  mine(blocks: number): Promise<boolean>;
  close(): Promise<void>;
}

/** Variables that hold the private keys of the honest and the faulty party on a real chain. */
export const keyVariables = ["HONEST_KEY", "FAULTY_KEY"] as const;

/** Short clocks: a demonstration should not last a day. */
const stagedParameters: Partial<Parameters> = {
  graceBlocks: 20,
  bankBlocks: 100,
  coolingOffBlocks: 100,
  stake: 10n ** 16n,
};

export async function openStage(options: StageOptions): Promise<Stage> {
  const chain = options.rpc === undefined ? await embeddedChain() : await remoteChain(options.rpc);
  // An embedded chain mines at once: there is nothing to be gained by waiting for blocks.
  if (chain.provider instanceof BrowserProvider) chain.provider.pollingInterval = 20;
  try {
    const signers = [await signerOf(chain.provider, 0), await signerOf(chain.provider, 1)] as const;
    await expectTwo(signers);
    const client = options.arbiter
      ? await existingArbiter(options.arbiter, signers[0])
      : await deployed(signers[0], options.k);
    return {
      client,
      signers,
      async mine(blocks) {
        if (!(chain.provider instanceof BrowserProvider)) return false;
        await chain.provider.send("hardhat_mine", [`0x${blocks.toString(16)}`]);
        return true;
      },
      close: () => chain.close(),
    };
  } catch (error) {
    await chain.close();
    throw error;
  }
}

/** A party cannot dispute itself: the contract would say so, after both deposits. */
async function expectTwo([honest, faulty]: Stage["signers"]): Promise<void> {
  const address = await honest.getAddress();
  if (address !== (await faulty.getAddress())) return;
  throw new UsageError(
    `both parties have the account ${address}`,
    `give ${keyVariables.join(" and ")} different keys`,
  );
}

async function deployed(signer: Signer, k: number): Promise<ArbiterClient> {
  const judge = await deployJudge(signer);
  return deployArbiter(signer, judge.address, { ...stagedParameters, k });
}

async function existingArbiter(text: string, signer: Signer): Promise<ArbiterClient> {
  if (!isAddress(text)) {
    throw new UsageError(`expected an address, got ${text}`, "give --arbiter 0x… with 40 digits");
  }
  const address = getAddress(text);
  if ((await signer.provider?.getCode(address)) === "0x") {
    throw new UsageError(`no contract at ${text} on that chain`, "correct --arbiter or --rpc");
  }
  const client = new ArbiterClient(address, signer);
  await expectArbiter(client);
  return client;
}

/** Any contract could be at an address, and answer what it likes: the code decides. */
export async function expectArbiter(client: ArbiterClient): Promise<void> {
  try {
    await checkArbiter(client);
  } catch (error) {
    if (!(error instanceof NotAnArbiterError)) throw error;
    throw new UsageError(
      `no Arbiter at ${client.address}, but another contract`,
      "correct --arbiter or --rpc",
    );
  }
}

/** A key from the environment, else the node's own account. */
async function signerOf(provider: unknown, index: 0 | 1): Promise<Signer> {
  const chain = provider as BrowserProvider | JsonRpcProvider;
  const key = process.env[keyVariables[index]];
  if (
    key !== undefined &&
    chain instanceof JsonRpcProvider &&
    !(chain instanceof BrowserProvider)
  ) {
    try {
      return new Wallet(key, chain);
    } catch {
      throw new UsageError(`${keyVariables[index]} holds no private key`, "write 0x and 64 digits");
    }
  }
  try {
    return await chain.getSigner(index);
  } catch {
    const names = keyVariables.join(" and ");
    throw new UsageError("the node has no accounts of its own", `set ${names} to private keys`);
  }
}

/** Tops a party's deposit up to one stake. */
export async function ensureDeposit(client: ArbiterClient, signer: Signer): Promise<void> {
  const { stake } = await client.parameters();
  const { free } = await client.contract.accounts(await signer.getAddress());
  if (free >= stake) return;
  const contract = client.contract.connect(signer);
  const sent = await contract.getFunction("deposit")({ value: stake - free });
  await sent.wait();
}
