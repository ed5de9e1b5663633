/**
 * The remote signer: its messages and signatures are CometBFT's, and it signs nothing that would be slashed.
 */
import { connect, createServer } from "node:net";
import { sha256 } from "@noble/hashes/sha2.js";
import { BinaryReader, BinaryWriter, WireType } from "cosmjs-types/binary";
import { Request } from "cosmjs-types/tendermint/abci/types";
import { Proposal, Vote } from "cosmjs-types/tendermint/types/types";
import { id, SigningKey } from "ethers";
import { describe, expect, test, vi } from "vitest";
import { accountOf } from "../../src/history/index.ts";
import { recoverable } from "../../src/history/vote.ts";
import { lengthPrefix } from "../../src/node/abci/messageStream.ts";
import { serveAbci } from "../../src/node/abci/server.ts";
import {
  encodeSignerAnswer,
  readSignerRequest,
  type SignerAnswer,
} from "../../src/node/signer/messages.ts";
import { RemoteSigner } from "../../src/node/signer/remoteSigner.ts";
import { VoteGuard } from "../../src/node/signer/voteGuard.ts";
import { BlockJournal } from "../../src/node/worker/journal.ts";
import { temporaryFolder } from "../cli/commandLine.ts";
import { chainId, workerKeys } from "./network.ts";

const [key] = workerKeys;
const publicKey = Buffer.from(key.compressedPublicKey.slice(2), "hex");
const block = (name: string) => ({
  hash: sha256(Buffer.from(name)),
  partSetHeader: { total: 1, hash: sha256(Buffer.from(`${name} parts`)) },
});
const nil = { hash: new Uint8Array(), partSetHeader: { total: 0, hash: new Uint8Array() } };

interface Asked {
  readonly type?: number;
  readonly height?: bigint;
  readonly round?: number;
  readonly blockId?: ReturnType<typeof block>;
  readonly seconds?: bigint;
}

const voteOf = ({
  type = 2,
  height = 5n,
  round = 0,
  blockId = block("a"),
  seconds = 100n,
}: Asked) => Vote.fromPartial({ type, height, round, blockId, timestamp: { seconds, nanos: 1 } });

function opened(journal = new BlockJournal(":memory:")) {
  const guard = new VoteGuard(journal);
  const signer = new RemoteSigner({ chainId, key, guard });
  const vote = (asked: Asked): SignerAnswer =>
    signer.answer({ kind: "vote", chainId, vote: voteOf(asked) });
  return { journal, guard, signer, vote };
}

const kindOf = ({ kind }: SignerAnswer) => kind;

describe("votes", () => {
  test("for an accepted block › are signed as this history verifies them", () => {
    const { guard, vote } = opened();
    guard.accept(5n, block("a").hash);
    const answer = vote({ round: 3 });
    if (answer.kind !== "vote") throw new Error("not signed");
    const { hash, partSetHeader } = block("a");
    const content = {
      type: 2n,
      chainId,
      height: 5n,
      round: 3,
      blockId: { hash, parts: partSetHeader },
      time: { seconds: 100n, nanos: 1 },
    };
    expect(recoverable(content, answer.vote.signature, publicKey).v).toBeGreaterThan(26);
    expect(accountOf(publicKey)).toBeDefined();
  });

  test("for a block that this worker did not accept › are refused, for nil they are not", () => {
    const { guard, vote } = opened();
    guard.accept(5n, block("a").hash);
    expect(kindOf(vote({ type: 1, blockId: block("b") }))).toBe("refusal");
    expect(kindOf(vote({ type: 2, blockId: block("b") }))).toBe("refusal");
    expect(kindOf(vote({ type: 2, height: 6n }))).toBe("refusal");
    expect(kindOf(vote({ type: 2, blockId: nil }))).toBe("vote");
  });

  test("twice in a step › the same again, never another", () => {
    const { guard, vote } = opened();
    guard.accept(5n, block("a").hash);
    guard.accept(5n, block("b").hash);
    const first = vote({ seconds: 100n });
    expect(vote({ seconds: 200n })).toEqual(first);
    expect(kindOf(vote({ blockId: block("b") }))).toBe("refusal");
    expect(kindOf(vote({ blockId: nil }))).toBe("refusal");
    expect(kindOf(vote({ type: 1 }))).toBe("refusal");
    expect(kindOf(vote({ round: 1, type: 1, blockId: block("b") }))).toBe("vote");
    expect(kindOf(vote({ round: 0 }))).toBe("refusal");
  });

  test("after a crash › the guard is where it was", () => {
    const { journal, guard, vote } = opened();
    guard.accept(5n, block("a").hash);
    const first = vote({});
    const again = opened(journal);
    expect(again.vote({ seconds: 300n })).toEqual(first);
    expect(kindOf(again.vote({ blockId: nil }))).toBe("refusal");
    expect(kindOf(again.vote({ round: 1, type: 1 }))).toBe("vote");
  });

  test("of a worker that joined by state sync › none before it has executed a block", () => {
    const journal = new BlockJournal(":memory:");
    journal.keepFacts({ syncedAt: "4", height: "4" });
    const { guard, vote } = opened(journal);
    guard.accept(5n, block("a").hash);
    expect(kindOf(vote({}))).toBe("refusal");
    expect(kindOf(vote({ blockId: nil }))).toBe("refusal");
    journal.append(5n, undefined);
    guard.accept(6n, block("a").hash);
    expect(kindOf(vote({ height: 6n }))).toBe("vote");
  });

  test("of another chain › are refused", () => {
    const { signer } = opened();
    const answer = signer.answer({ kind: "vote", chainId: "other", vote: voteOf({}) });
    expect(kindOf(answer)).toBe("refusal");
  });
});

test("proposals › one a round, whatever is in them", () => {
  const { signer } = opened();
  const propose = (name: string, round: number) =>
    signer.answer({
      kind: "proposal",
      chainId,
      proposal: Proposal.fromPartial({
        type: 32,
        height: 5n,
        round,
        polRound: -1,
        blockId: block(name),
        timestamp: { seconds: 1n, nanos: 0 },
      }),
    });
  expect(kindOf(propose("a", 0))).toBe("proposal");
  expect(kindOf(propose("b", 0))).toBe("refusal");
  expect(propose("a", 0)).toEqual(propose("a", 0));
  expect(kindOf(propose("b", 1))).toBe("proposal");
});

describe("messages", () => {
  const wrapped = (field: number, body: Uint8Array) =>
    new BinaryWriter().tag(field, WireType.Bytes).bytes(body).finish();
  const text = (field: number, value: string) => wrapped(field, new TextEncoder().encode(value));

  test("requests are read, others refused", () => {
    const vote = Vote.encode(voteOf({})).finish();
    const body = Buffer.concat([wrapped(1, vote), text(2, chainId)]);
    expect(readSignerRequest(wrapped(3, body))).toEqual({
      kind: "vote",
      chainId,
      vote: voteOf({}),
    });
    expect(readSignerRequest(wrapped(1, text(1, chainId)))).toEqual({ kind: "publicKey", chainId });
    expect(readSignerRequest(wrapped(7, new Uint8Array()))).toEqual({ kind: "ping" });
    expect(() => readSignerRequest(wrapped(9, new Uint8Array()))).toThrow("signer");
    expect(() => readSignerRequest(new Uint8Array())).toThrow("signer");
  });

  test("answers carry what was signed, or an error beside an empty message", () => {
    const bytes = encodeSignerAnswer({ kind: "refusal", of: "vote", reason: "no" });
    const reader = new BinaryReader(bytes);
    const [field] = reader.tag();
    expect(field).toBe(4);
    expect(Buffer.from(reader.bytes()).includes("no")).toBe(true);
    const signed = encodeSignerAnswer({ kind: "publicKey", publicKey });
    expect(Buffer.from(signed).includes(publicKey)).toBe(true);
    expect(new SigningKey(id("x")).privateKey).not.toBe(key.privateKey);
  });
});

describe("a disk that takes nothing", () => {
  test("no signature leaves, and none that was not kept when the same is asked for again", () => {
    const { journal, guard, vote } = opened();
    guard.accept(5n, block("a").hash);
    const kept = vi.spyOn(journal, "keepFacts").mockImplementation(() => {
      throw new Error("disk full");
    });
    const asked = { blockId: block("a") };
    for (let times = 0; times < 3; times++) expect(() => vote(asked)).toThrow("disk full");
    kept.mockRestore();
    expect(kindOf(vote(asked))).toBe("vote");
    // Killed now, the worker signs nothing else there.
    const again = opened(journal);
    again.guard.accept(5n, block("b").hash);
    expect(kindOf(again.vote({ blockId: block("b") }))).toBe("refusal");
  });

  test("a block that was not kept as accepted is voted for by nobody", () => {
    const { journal, guard, vote } = opened();
    vi.spyOn(journal, "keepFacts").mockImplementationOnce(() => {
      throw new Error("disk full");
    });
    expect(() => guard.accept(5n, block("a").hash)).toThrow("disk full");
    expect(kindOf(vote({ blockId: block("a") }))).toBe("refusal");
  });

  test("is told, and CometBFT finds the connection ended", async () => {
    const folder = temporaryFolder();
    const path = folder.file("signer.sock");
    const { guard } = opened();
    const errors: unknown[] = [];
    const stopped = new AbortController();
    const ended = new Promise<void>((resolve) => {
      const server = createServer((socket) => {
        socket.on("close", () => {
          server.close();
          resolve();
        });
        socket.on("error", () => {});
        socket.write(Uint8Array.of(2, 122, 0));
        socket.resume();
      }).listen(path);
    });
    const onError = (error: unknown) => errors.push(error);
    const following = new RemoteSigner({ chainId, key, guard, onError }).follow(
      path,
      stopped.signal,
    );
    await ended;
    stopped.abort();
    await following;
    expect(errors).toMatchObject([{ code: "signer-message" }]);
    folder.end();
  });
});

test("an ABCI connection does nothing more behind an exception", async () => {
  const folder = temporaryFolder();
  const path = folder.file("abci.sock");
  let commits = 0;
  const application = {
    finalizeBlock: () => {
      throw new Error("no such block");
    },
    commit: () => {
      commits++;
      return {};
    },
  };
  const failed: string[] = [];
  const onError = (_: unknown, request: string) => failed.push(request);
  const server = await serveAbci(application, { listen: { path }, onError });
  const socket = connect(path);
  const send = (request: Partial<Request>) => {
    const bytes = Request.encode(Request.fromPartial(request)).finish();
    socket.write(Buffer.concat([lengthPrefix(bytes.length), bytes]));
  };
  const answered = new Promise((done) => socket.once("data", done));
  send({ finalizeBlock: {} as never });
  await answered;
  send({ commit: {} });
  send({ flush: {} });
  await new Promise((done) => socket.once("close", done));
  expect(failed.filter((kind) => kind !== "connection")).toEqual(["finalizeBlock"]);
  expect(commits).toBe(0);
  server.close();
  folder.end();
});
