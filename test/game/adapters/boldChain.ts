/**
 * A chain with Arbitrum BoLD's own compiled EdgeChallengeManager, unmodified, behind its proxy, over a model of the
 * rollup's assertions (contracts/test/adapters/AssertionChain.sol): the ground of the adapter's tests and of the bench.
 */
import { type Contract, Interface, type JsonRpcSigner, ZeroHash } from "ethers";
import hre from "hardhat";
import type { BoldAssertion, BoldConfig } from "../../../src/game/adapters/bold/boldAssertion.ts";
import { BoldPlayer, type BoldPlayerOptions } from "../../../src/game/adapters/bold/boldPlayer.ts";
import type { CallChain } from "../../../src/game/adapters/callChain.ts";
import { deployContract, deployJudge } from "../../../src/game/chain/deploy.ts";
import type { Call } from "../../../src/game/claim/claim.ts";
import { contractAt, deployPeer, mined, type PeerChain, peerChain } from "./opStackChain.ts";
import type { PeerArtifact } from "./peers.ts";

export const challengeBlocks = 200;
const responseSeconds = 20_000;
const ether = 10n ** 18n;

export type BoldChain = Awaited<ReturnType<typeof boldChain>>;

/** Deploys everything for challenges over blocks that go on from the state before `first`. */
export async function boldChain(
  artifacts: Record<string, PeerArtifact>,
  first: Call,
  inputs: readonly Uint8Array[],
  { blocks, steps, judge }: { blocks: number; steps: number; judge?: string },
  ground?: PeerChain,
) {
  const base = ground ?? (await peerChain());
  const { signers } = base;
  const admin = signers[0];
  const at = (name: string, args: readonly unknown[] = []) =>
    deployPeer(admin, artifacts[name], args);
  const inboxAt = (await deployContract(admin, "CallInbox", [2 ** 20])).address;
  const inbox = await contractAt("CallInbox", inboxAt, admin);
  for (const input of inputs) await mined(inbox.add(input));
  const judgeAt = judge ?? (await deployJudge(admin)).address;
  const proverArguments = [judgeAt, inboxAt, responseSeconds];
  const prover = await deployContract(admin, "BoldOneStepProver", proverArguments);
  const model = await hre.artifacts.readArtifact("AssertionChain");
  const rollup = await deployPeer(
    admin,
    { abi: model.abi as unknown as never[], bytecode: model.bytecode },
    [inboxAt],
  );
  const token = await at("TestWETH9", ["Wrapped Ether", "WETH"]);
  const implementation = await at("EdgeChallengeManager");
  const initial = new Interface(artifacts.EdgeChallengeManager.abi).encodeFunctionData(
    "initialize",
    [
      ...[rollup.target, challengeBlocks, prover.address, blocks, 1, steps],
      ...[token.target, signers[5].address, 1, [ether, 0n, ether / 100n]],
    ],
  );
  const proxy = await at("ERC1967Proxy", [implementation.target, initial]);
  const manager = String(proxy.target);
  for (const signer of signers) {
    const own = token.connect(signer) as Contract;
    await mined(own.deposit({ value: 100n * ether }));
    await mined(own.approve(manager, 1_000_000n * ether));
  }
  const config: BoldConfig = {
    wasmModuleRoot: first.program,
    requiredStake: 0n,
    challengeManager: manager,
    confirmPeriodBlocks: 1,
    nextInboxPosition: inputs.length,
  };
  const predecessor: BoldAssertion = {
    assertionState: {
      globalState: { bytes32Vals: [first.previousState, ZeroHash], u64Vals: [0, 0] },
      machineStatus: 1,
      endHistoryRoot: ZeroHash,
    },
    prevAssertionHash: ZeroHash,
    inboxAcc: ZeroHash,
  };
  const assert = async ({ assertionState, prevAssertionHash }: BoldAssertion) =>
    mined(rollup.add(assertionState, prevAssertionHash, config));
  await assert(predecessor);
  /** A player whose assertion the rollup knows. */
  const player = async (
    signer: JsonRpcSigner,
    chain: CallChain,
    onMoved?: BoldPlayerOptions["onMoved"],
  ): Promise<BoldPlayer> => {
    const sender = { pollMs: 2 };
    const options = { manager, signer, chain, predecessor, config, sender };
    const one = new BoldPlayer(onMoved ? { ...options, onMoved } : options);
    await assert(await one.assertion());
    return one;
  };
  const stakeOf = async (signer: JsonRpcSigner): Promise<bigint> =>
    100n * ether - (await token.balanceOf(signer.address));
  return { ...base, player, stakeOf };
}
