/**
 * The adapters step by step: every start has a step, what follows from a state does not depend on who proves it, and
 * nothing unproven gets into a hash (docs/adapters.md sections 1 to 4).
 */
import { type Contract, concat, getBytes, hexlify, keccak256, toBeHex, ZeroHash } from "ethers";
import hre from "hardhat";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { machineKind, machinePreimage } from "../../../src/game/adapters/bold/boldTrace.ts";
import { callChain, stateAfter, stepsOf } from "../../../src/game/adapters/callChain.ts";
import { DemandWatch } from "../../../src/game/adapters/demands.ts";
import { contextWords } from "../../../src/game/adapters/opStack/opStackClaims.ts";
import { OpStackTruth } from "../../../src/game/adapters/opStack/opStackTrace.ts";
import { deployJudge } from "../../../src/game/chain/deploy.ts";
import { decodeRevert } from "../../../src/game/chain/revert.ts";
import type { Hash } from "../../../src/game/claim/claim.ts";
import { inputRoot, StateTree } from "../../../src/merkle/index.ts";
import { executionOf, knownCall } from "../programs.ts";
import { deployPeer, mined, type PeerChain, peerChain } from "./opStackChain.ts";

const response = 1000;
const nobodys = keccak256("0x00");
const call = knownCall("ledger");
const honest = executionOf(call);
const { previousState, program } = honest.call;
let chain: PeerChain;
let judge = "";
let result: Hash;
let begin = "";
let steps = 0;

/** Name of the error that a call reverts with. */
async function reverts(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => "no revert",
    (error: unknown) => decodeRevert(error).name,
  );
}

/** From Hardhat's own artifact, which a coverage run instruments; contracts.test.ts holds the shipped one to it. */
async function deployed(name: string, args: readonly unknown[]): Promise<Contract> {
  const { abi, bytecode } = await hre.artifacts.readArtifact(name);
  return deployPeer(chain.signers[0], { abi: abi as unknown as never[], bytecode }, args);
}

async function now(): Promise<number> {
  return (await chain.provider.getBlock("latest"))?.timestamp ?? 0;
}

beforeAll(async () => {
  chain = await peerChain();
  judge = (await deployJudge(chain.signers[0])).address;
  result = (await honest.claim()).state;
  begin = hexlify(await honest.beginWitness());
  steps = await stepsOf(honest);
});
afterAll(() => chain?.connection.close());

describe("OP Stack › the first step", () => {
  let inbox: Contract;
  let stepper: Contract;

  beforeAll(async () => {
    inbox = await deployed("CallInbox", [2 ** 20]);
    stepper = await deployed("OpStackStepper", [judge, inbox.target, response]);
    await mined(inbox.add(call.input));
    await chain.pass(10);
  });

  interface Place {
    readonly anchor?: Hash;
    readonly start?: number;
    readonly proposed?: number;
    readonly split?: number;
    /** Leaf of the disputed output; with `split` levels. */
    readonly leaf?: number;
    readonly createdAt?: number;
    readonly disputed?: Hash;
  }

  /** The first step between two outputs, of which the start is the game's own. */
  async function first(place: Place, witness = begin): Promise<string> {
    const { anchor = previousState, start = 0, proposed = 1, split = 1, leaf = 0 } = place;
    const createdAt = place.createdAt ?? (await now());
    const args = [stepper.target, anchor, start, proposed, split, createdAt];
    const stub = await deployed("GameStub", args);
    const position = (1n << BigInt(split)) + BigInt(leaf);
    const disputed = place.disputed ?? result;
    const isAnchored = leaf === 0;
    const context = {
      start: isAnchored ? ZeroHash : anchor,
      startPosition: isAnchored ? 0n : position - 1n,
      disputed,
      disputedPosition: position,
    };
    const words = contextWords(context);
    const hash = keccak256(isAnchored ? `0x${words.slice(2 + 128)}` : words);
    return stub.step.staticCall("0x00", concat([words, witness]), hash);
  }

  const status = (claim: string) => Number(claim.slice(0, 4));
  const [valid, invalid, panic, unfinished] = [0, 1, 2, 3];

  test("begins the call on the input of its number", async () => {
    const claim = await first({});
    expect(status(claim)).toBe(unfinished);
    expect(claim.slice(4)).toBe((await stateAfter(honest, 0)).slice(4));
  });

  test("takes no other witness, and no context but the game's", async () => {
    expect(await reverts(first({ anchor: result }))).toBe("BeginMismatch");
    const stub = await deployed("GameStub", [stepper.target, previousState, 0, 1, 1, await now()]);
    const words = contextWords({
      start: ZeroHash,
      startPosition: 0n,
      disputed: result,
      disputedPosition: 2n,
    });
    const other = stub.step.staticCall("0x00", concat([words, begin]), ZeroHash);
    expect(await reverts(other)).toBe("ContextMismatch");
    const preimage = stub.step.staticCall("0x01", "0x", ZeroHash);
    expect(await reverts(preimage)).toBe("UnknownPreimage");
  });

  test("leaves without a call repeat the output before them", async () => {
    const repeat = { leaf: 1, split: 2, disputed: previousState };
    expect(status(await first({ ...repeat }))).toBe(valid);
    expect(status(await first({ ...repeat, disputed: result }))).toBe(invalid);
    // No input, or one that came too late.
    expect(status(await first({ ...repeat, proposed: 4 }))).toBe(valid);
    expect(status(await first({ ...repeat, leaf: 0, proposed: 4, createdAt: 1 }))).toBe(valid);
  });

  test("a root claim that the bisection does not reach, or without inputs, is void", async () => {
    const root = { leaf: 1, disputed: previousState };
    expect(status(await first({ ...root, proposed: 1 }))).toBe(valid);
    expect(status(await first({ ...root, proposed: 2 }))).toBe(panic);
    await mined(inbox.add("0x"));
    await chain.pass(10);
    expect(status(await first({ ...root, proposed: 1, start: 0 }))).toBe(valid);
    expect(status(await first({ ...root, proposed: 2, createdAt: 1 }))).toBe(panic);
    expect(status(await first({ ...root, proposed: 3 }))).toBe(panic);
    expect(status(await first({ ...root, anchor: previousState, proposed: 2 }))).toBe(unfinished);
  });

  test("a start that nobody can open has a step once it was demanded in vain", async () => {
    const garbage = { anchor: nobodys, split: 2, proposed: 4 };
    expect(await reverts(first(garbage))).toBe("BeginMismatch");
    expect(await reverts(stepper.demand(nobodys, 3))).toBe("NotYetKnown");
    await mined(stepper.demand(nobodys, 0));
    expect(await reverts(stepper.demand(nobodys, 0))).toBe("AlreadyDemanded");
    expect(await reverts(first(garbage))).toBe("BeginMismatch");
    await chain.pass(response + 1);
    expect(status(await first({ ...garbage, disputed: nobodys }))).toBe(valid);
    expect(status(await first(garbage))).toBe(invalid);
    expect(status(await first({ anchor: nobodys, split: 0, proposed: 1 }))).toBe(panic);
  });

  test("a state that was shown in time never lapses; the watch shows it", async () => {
    const watch = new DemandWatch({
      adapter: String(stepper.target),
      signer: chain.signers[1],
      witnessOf: async (state) => (state === previousState ? honest.beginWitness() : undefined),
      sender: { pollMs: 2 },
    });
    expect(await watch.tick()).toBe(0);
    await mined(stepper.demand(previousState, 0));
    expect(await reverts(stepper.show(previousState, "0x00"))).not.toBe("no revert");
    expect(await watch.tick()).toBe(1);
    expect(await watch.tick()).toBe(0);
    await chain.pass(response + 1);
    expect(await stepper.hasLapsed(previousState, 0)).toBe(false);
    expect(status(await first({}))).toBe(unfinished);
    expect(await reverts(stepper.demand(previousState, 1))).toBe("AlreadyShown");
    expect(await reverts(stepper.show(previousState, begin))).toBe("AlreadyShown");
  });

  test("what a reorganisation has undone is shown again, whatever fails about another state", async () => {
    const known = executionOf(knownCall("mixed"));
    const state = known.call.previousState;
    const away = keccak256("0xaa");
    const watch = new DemandWatch({
      adapter: String(stepper.target),
      signer: chain.signers[1],
      witnessOf: async (demanded) => {
        if (demanded === away) throw new Error("a store that is away");
        return demanded === state ? known.beginWitness() : undefined;
      },
      sender: { pollMs: 2 },
    });
    await mined(stepper.demand(away, 0));
    await mined(stepper.demand(state, 0));
    const snapshot = await chain.provider.send("evm_snapshot", []);
    await expect(watch.tick()).rejects.toThrow("a store that is away");
    expect(await stepper.shownAt(state)).not.toBe(0n);
    await chain.provider.send("evm_revert", [snapshot]);
    expect(await stepper.shownAt(state)).toBe(0n);
    await expect(watch.tick()).rejects.toThrow("a store that is away");
    expect(await stepper.shownAt(state)).not.toBe(0n);
  });

  test("a state that was shown too late stays lapsed", async () => {
    const execution = executionOf(knownCall("sha256"));
    const state = execution.call.previousState;
    const witness = hexlify(await execution.beginWitness());
    await mined(stepper.demand(state, 0));
    await chain.pass(response + 1);
    await mined(stepper.show(state, witness));
    expect(await stepper.hasLapsed(state, 0)).toBe(true);
    expect(status(await first({ anchor: state, disputed: state }, witness))).toBe(valid);
    expect(await stepper.hasLapsed(state, 1)).toBe(false);
  });

  test("a call that is refused leaves the state as it is, if the state is shown", async () => {
    // A state in the middle of a call.
    const machine = await honest.stateAt(honest.startStep + 5);
    const tree = new StateTree(machine.state);
    const anchor = hexlify(tree.stateHash());
    const witness = hexlify(tree.beginWitness());
    expect(status(await first({ anchor, disputed: anchor }, witness))).toBe(valid);
    expect(status(await first({ anchor }, witness))).toBe(invalid);
    expect(await reverts(first({ anchor: result }, witness))).toBe("BeginMismatch");
  });
});

describe("OP Stack › the steps between two outputs", () => {
  test("give the true claims, and nothing else for any other proof", async () => {
    const inbox = await deployed("CallInbox", [2 ** 20]);
    const stepper = await deployed("OpStackStepper", [judge, inbox.target, response]);
    await mined(inbox.add(call.input));
    await chain.pass(10);
    const createdAt = BigInt(await now());
    const args = [stepper.target, previousState, 0, 1, 1, createdAt];
    const stub = await deployed("GameStub", args);
    const game = { splitDepth: 1, maxDepth: 15, anchor: previousState, anchorCalls: 0 };
    const truth = new OpStackTruth(
      { ...game, proposedCalls: 1, createdAt },
      callChain([honest]),
      1,
    );
    const place = { startPosition: 0n, disputedPosition: 2n, start: previousState };
    let refused = 0;
    for (const disputed of [result, nobodys]) {
      const context = { ...place, disputed };
      const localContext = keccak256(`0x${contextWords(context).slice(2 + 128)}`);
      const trace = await truth.trace(context);
      if (trace === undefined) throw new Error("expected a true start");
      for (const index of [0, 1, steps >> 1, steps, steps + 1, steps + 2]) {
        const { stateData, proof } = await trace.stepTo(BigInt(index));
        const claim = await trace.claim(BigInt(index));
        expect(await stub.step.staticCall(stateData, proof, localContext)).toBe(claim);
        const bytes = getBytes(proof);
        for (let at = 0; at < bytes.length; at += 37) {
          const altered = bytes.with(at, bytes[at] ^ (1 << (at % 8)));
          const other = stub.step.staticCall(stateData, altered, localContext);
          const answer = await other.catch(() => undefined);
          if (answer === undefined) refused++;
          else expect(answer).toBe(claim);
        }
      }
    }
    expect(refused).toBeGreaterThan(50);
  });
});

describe("BoLD", () => {
  let prover: Contract;
  let inbox: Contract;
  const context = (messages = 1, root = program) => ({
    maxInboxMessagesRead: messages,
    bridge: inbox.target,
    initialWasmModuleRoot: root,
  });
  const preimage = (kind: keyof typeof machineKind, state: Hash, calls: number) =>
    machinePreimage(machineKind[kind], state, calls);
  const hash = (...args: Parameters<typeof preimage>) => keccak256(preimage(...args));
  const prove = (of: string, witness = "0x", step = 0, messages = 1, root = program) =>
    prover.proveOneStep(context(messages, root), step, keccak256(of), concat([of, witness]));

  beforeAll(async () => {
    inbox = await deployed("CallInbox", [2 ** 20]);
    prover = await deployed("BoldOneStepProver", [judge, inbox.target, response]);
    await mined(inbox.add(call.input));
  });

  test("a block begins the call, steps, and ends after it", async () => {
    const start = preimage("finished", previousState, 0);
    expect(await prove(start, begin)).toBe(hash("running", await stateAfter(honest, 0), 0));
    const running = preimage("running", await stateAfter(honest, 0), 0);
    const witness = hexlify(await honest.witness(honest.startStep));
    expect(await prove(running, witness, 1)).toBe(hash("running", await stateAfter(honest, 1), 0));
    const halted = preimage("running", result, 0);
    const registers = hexlify(await honest.registerProof(honest.startStep + steps));
    expect(await prove(halted, registers, steps + 1)).toBe(hash("finished", result, 1));
    // A running state is not taken for a halted one, whatever the proof says.
    const forged = `0x01${registers.slice(4)}`;
    expect(await reverts(prove(running, forged, 1))).toBe("RegisterMismatch");
  });

  test("what follows a call, the last message or an error repeats it", async () => {
    const start = preimage("finished", previousState, 0);
    expect(await prove(start, "0x", 1)).toBe(keccak256(start));
    expect(await prove(start, "0x", 0, 0)).toBe(keccak256(start));
    const errored = preimage("errored", previousState, 0);
    expect(await prove(errored)).toBe(keccak256(errored));
  });

  test("another program, or a start that has lapsed, ends in error", async () => {
    const start = preimage("finished", previousState, 0);
    const errored = hash("errored", previousState, 0);
    expect(await prove(start, begin, 0, 1, nobodys)).toBe(errored);
    const garbage = preimage("finished", nobodys, 0);
    expect(await reverts(prove(garbage, begin))).toBe("BeginMismatch");
    await mined(prover.demand(nobodys, 0));
    await chain.pass(response + 1);
    expect(await prove(garbage, begin)).toBe(hash("errored", nobodys, 0));
  });

  test("a machine hash holds every word of the global state", async () => {
    const of = (words: [Hash, Hash], numbers: [number, number], status = 1): Promise<string> =>
      prover.getMachineHash([[words, numbers], status]);
    expect(await of([result, ZeroHash], [1, 0])).toBe(hash("finished", result, 1));
    expect(await of([result, ZeroHash], [1, 0], 2)).toBe(hash("errored", result, 1));
    const hashes = await Promise.all([
      of([result, ZeroHash], [1, 0]),
      of([result, nobodys], [1, 0]),
      of([result, ZeroHash], [1, 7]),
      of([result, ZeroHash], [2, 0]),
    ]);
    expect(new Set(hashes).size).toBe(4);
    expect(await reverts(of([result, ZeroHash], [1, 0], 0))).toBe("NotBetweenBlocks");
    expect(await reverts(prover.proveOneStep(context(), 0, nobodys, `0x${"00".repeat(81)}`))).toBe(
      "MachineHashMismatch",
    );
  });
});

describe("Dave", () => {
  let transition: Contract;
  let box: Contract;
  const spanBits = 13;
  const span = 2 ** spanBits;
  const due = (input: Uint8Array, witness: string) =>
    concat([toBeHex(input.length, 8), input, witness]);
  const to = (state: Hash, counter: number, proofs: string) =>
    transition.transitionState(state, counter, proofs, box.target);

  beforeAll(async () => {
    transition = await deployed("DaveTransition", [judge, spanBits, response]);
    const inputs = [hexlify(call.input), hexlify(call.input)];
    box = await deployed("ModelTournament", [14, previousState, transition.target, inputs]);
  });

  test("an input is taken where it is due, and no other", async () => {
    const first = await stateAfter(honest, 0);
    expect(await to(previousState, 0, due(call.input, begin))).toBe(first);
    expect(await to(previousState, span, due(call.input, begin))).toBe(first);
    expect(await reverts(to(previousState, 0, due(new Uint8Array(3), begin)))).not.toBe(
      "no revert",
    );
    const witness = hexlify(await honest.witness(honest.startStep));
    expect(await to(first, 1, witness)).toBe(await stateAfter(honest, 1));
  });

  test("a halted state stays, within its span and past the last input", async () => {
    const registers = hexlify(await honest.registerProof(honest.startStep + steps));
    expect(await to(result, span - 1, registers)).toBe(result);
    expect(await to(result, 2 * span, due(new Uint8Array(0), registers))).toBe(result);
  });

  test("a start that has lapsed is dead, and stays so", async () => {
    const dead: Hash = await transition.DEAD();
    expect(await reverts(transition.demand(nobodys, chain.signers[0].address))).toBe(
      "NoTournament",
    );
    await mined(transition.demand(nobodys, transition.target));
    await mined(transition.demand(nobodys, box.target));
    await chain.pass(response + 1);
    // As if the tournament asked.
    const from = { from: box.target };
    const view = transition.connect(chain.provider) as Contract;
    const args = [nobodys, 0, due(call.input, begin), box.target];
    expect(await view.transitionState(...args, from)).toBe(dead);
    expect(await view.transitionState(dead, 1, "0x", box.target, from)).toBe(dead);
    expect(await reverts(view.transitionState(...args))).toBe("BeginMismatch");
  });
});

test("the inbox takes what it says it takes, and keeps our root of it", async () => {
  const inbox = await deployed("CallInbox", [4]);
  expect(await reverts(inbox.add("0x0102030405"))).toBe("InboxInputTooLong");
  await mined(inbox.add("0x01020304"));
  const [root, length] = await inbox.inputAt(0);
  expect([root, length]).toEqual([hexlify(inputRoot(Uint8Array.of(1, 2, 3, 4))), 4n]);
  expect(await reverts(inbox.inputAt(1))).toBe("NoSuchInput");
});
