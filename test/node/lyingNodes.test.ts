/**
 * Nodes and peers that lie to an honest worker which watches and accuses: what they show keeps nothing from it that others
 * show, and convicts nobody.
 */
import { appendFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { concatBytes } from "@noble/hashes/utils.js";
import { BinaryWriter, WireType } from "cosmjs-types/binary";
import { Block as BlockMessage } from "cosmjs-types/tendermint/types/block";
import { Part, Vote } from "cosmjs-types/tendermint/types/types";
import { afterAll, describe, expect, test } from "vitest";
import { RefusedError } from "../../src/game/index.ts";
import {
  type Accusation,
  applicationHash,
  type BlockId,
  type Header,
  headerHash,
  initialApplicationState,
  treePath,
  treeRoot,
} from "../../src/history/index.ts";
import { CometNode } from "../../src/node/cometbft/cometbftNode.ts";
import { precommitsInLog } from "../../src/node/cometbft/writeAheadLog.ts";
import type { ConsensusNode, StrayPrecommit } from "../../src/node/consensus.ts";
import { Accuser } from "../../src/node/disputes/accuser.ts";
import { OwnRecord } from "../../src/node/disputes/clusterChain.ts";
import { EmbeddedNode } from "../../src/node/engine/embeddedNode.ts";
import { type HttpServer, serveHttp } from "../../src/node/http.ts";
import { AgreementWatch } from "../../src/node/watch/agreement.ts";
import { Strays } from "../../src/node/worker/besideBlocks.ts";
import { temporaryFolder } from "../cli/commandLine.ts";
import { counterTransaction } from "./counters.ts";
import { chainId, network } from "./network.ts";

const folder = temporaryFolder();
const servers: HttpServer[] = [];
afterAll(async () => {
  for (const server of servers) await server.close();
  folder.end();
});

/** A cluster that has decided so many blocks, and a chain that believes accusations. */
function running(changes: Parameters<typeof network>[0] = {}, blocks = 4) {
  const made = network(changes);
  const { engine, workers } = made;
  for (let tag = 0; tag < blocks; tag++) {
    engine.submit(workers[0], counterTransaction("add", 1, 1n, tag));
    engine.work();
  }
  const { machine } = network().workers[0];
  const initialApplicationHash = applicationHash(initialApplicationState(machine.base()));
  const { validators } = engine;
  const chain = new OwnRecord({ chainId, validators, initialHeight: 1n, initialApplicationHash });
  return { ...made, chain, node: new EmbeddedNode(engine, workers[0]) };
}

/** A node that answers as another one, but for some of its methods. */
const lying = (node: ConsensusNode, lies: Partial<ConsensusNode>): ConsensusNode => ({
  status: () => node.status(),
  block: (height) => node.block(height),
  signedHeader: (height) => node.signedHeader(height),
  validators: (height) => node.validators(height),
  submit: (transaction) => node.submit(transaction),
  heightOf: (hash) => node.heightOf(hash),
  query: (query) => node.query(query),
  strayPrecommits: (height) => node.strayPrecommits(height),
  ...lies,
});

const spoil = (state: { memories: { bytes: Uint8Array }[] }) => {
  state.memories[0].bytes[77] ^= 1;
};

describe("a watched node that shows true headers of other heights", () => {
  test("is no disagreement, and the next node is asked", async () => {
    const { workers, engine, node } = running();
    const liar = lying(node, { signedHeader: (height) => node.signedHeader(height - 1n) });
    const watch = new AgreementWatch(workers[0], [liar, node], engine.validators);
    expect(await watch.look()).toBeUndefined();
    expect(watch.disagreement).toBeUndefined();
    expect(watch.lag).toBe(0n);
  });

  test("one that says that it is far ahead and shows nothing makes no worker sick", async () => {
    const { workers, engine, node } = running();
    const status = async () => ({ chainId, height: 10n ** 17n });
    const watch = new AgreementWatch(
      workers[0],
      [lying(node, { status }), node],
      engine.validators,
    );
    expect(await watch.look()).toBeUndefined();
    expect(watch.lag).toBe(0n);
    expect(watch.furthest).toBe(engine.height);
  });
});

describe("answers of a node that are of another form are none", () => {
  test.each([
    null,
    5,
    "text",
    {},
    { result: {} },
    { result: { node_info: {}, sync_info: { latest_block_height: "x" }, height: "-1" } },
    { result: { node_info: { network: 5 }, sync_info: { latest_block_height: "5" }, code: "0" } },
    { result: { node_info: { network: "a" }, sync_info: { latest_block_height: "9".repeat(40) } } },
    { result: { response: null } },
    { result: { response: { code: 0, value: 5 } } },
    { result: { response: { code: 0, value: btoa('{"height":"1","application":"[]"}') } } },
    { result: { response: { code: 0, value: btoa("{}") } } },
    { error: {} },
  ])("%j", async (json) => {
    const server = await serveHttp({
      host: "127.0.0.1",
      port: 0,
      routes: { "POST /": () => ({ json }) },
    });
    servers.push(server);
    const node = new CometNode(server.url);
    const failed = { code: "rpc-failed" };
    await expect(node.status()).rejects.toMatchObject(failed);
    await expect(node.submit(new Uint8Array(3))).rejects.toMatchObject(failed);
    await expect(node.heightOf(new Uint8Array(32))).rejects.toMatchObject(failed);
    await expect(node.query({ kind: "application", height: 0n })).rejects.toMatchObject(failed);
  });
});

describe("votes that peers have made up", () => {
  const liar = { spoil, precommitsAlone: true };

  /** The honest node's strays with some that do not hold before them. */
  async function withForged() {
    const made = running({ 3: liar });
    const { node, engine, workers } = made;
    const heights = [...engine.strays.keys()];
    expect(heights.length).toBeGreaterThan(0);
    const [height] = heights;
    const strays = await node.strayPrecommits(height);
    const [{ header, precommit, worker }] = strays;
    const other = { ...header, appHash: new Uint8Array(32) };
    const forged: StrayPrecommit[] = [
      { header, worker: 77, precommit },
      { header, worker: (worker + 1) % 4, precommit },
      { header: other, worker, precommit },
      { header, worker, precommit: { ...precommit, signature: new Uint8Array(64) } },
    ];
    const strayPrecommits = async () => [...forged, ...strays];
    return { ...made, height, worker, accused: lying(node, { strayPrecommits }), workers };
  }

  test("accuse nobody, and keep no true one back", async () => {
    const { chain, workers, accused, height, worker } = await withForged();
    const accuser = new Accuser(workers[0], chain);
    expect(await accuser.accuseStrays(accused, height - 1n)).toEqual([worker]);
    expect(await chain.convicted()).toEqual([worker]);
    expect(await accuser.accuseStrays(accused, height - 1n)).toEqual([]);
  });

  test("a node that shows other blocks keeps no accusation back, where another one shows them", async () => {
    const { chain, workers, accused, node, height, worker } = await withForged();
    const block = (at: bigint) => node.block(at - 1n);
    const accuser = new Accuser(workers[0], chain, [node]);
    const nodeOfLiar = lying(accused, { block });
    expect(await accuser.accuseStrays(nodeOfLiar, height - 1n)).toEqual([worker]);
  });
});

test("a vote is found however many blocks were decided since the last look", async () => {
  const { engine, workers } = network({ 3: { spoil, precommitsAlone: true } });
  const { validators } = engine;
  const initialApplicationHash = applicationHash(workers[0].application);
  const chain = new OwnRecord({ chainId, validators, initialHeight: 1n, initialApplicationHash });
  const node = new EmbeddedNode(engine, workers[0]);
  const strays = new Strays(workers[0], node, new Accuser(workers[0], chain));
  expect(await strays.look()).toEqual([]);
  for (let tag = 0; tag < 12; tag++) {
    engine.submit(workers[0], counterTransaction("add", 1, 1n, tag));
    engine.work();
  }
  expect(await strays.look()).toEqual([engine.positionOf(workers[3])]);
});

test("an accusation that the chain refuses keeps none of the others back", async () => {
  const two = { spoil, precommitsAlone: true };
  const { chain, workers, engine, node } = running({ 2: two, 3: two }, 6);
  const first = Math.min(...[2, 3].map((index) => engine.positionOf(workers[index])));
  const brought: number[] = [];
  chain.accuse = async ({ worker }: Accusation) => {
    if (worker === first) throw new RefusedError("openFromHeaders", "AlreadyOpen", undefined);
    brought.push(worker);
  };
  const accuser = new Accuser(workers[0], chain);
  const [decided] = [...engine.strays.keys()];
  const votes = (await node.strayPrecommits(decided)).map(({ worker }) => worker);
  const others = votes.filter((worker) => worker !== first);
  await accuser.accuseStrays(node, decided - 1n);
  expect(new Set(brought)).toEqual(new Set(others));
  expect(others.length).toBeGreaterThan(0);
});

describe("a write-ahead log", () => {
  const idMessage = ({ hash, parts }: BlockId) => ({
    hash,
    partSetHeader: { total: parts.total, hash: parts.hash },
  });
  const field = (number: number, bytes: Uint8Array) =>
    new BinaryWriter().tag(number, WireType.Bytes).bytes(bytes).finish();

  function entry(kind: number, message: Uint8Array): Uint8Array {
    return framed(field(2, field(2, field(1, field(kind, message)))));
  }
  function framed(bytes: Uint8Array): Uint8Array {
    const head = new Uint8Array(8);
    new DataView(head.buffer).setUint32(4, bytes.length);
    return concatBytes(head, bytes);
  }
  const partEntry = (height: bigint, part: Part) =>
    entry(
      5,
      concatBytes(
        new BinaryWriter().tag(1, WireType.Varint).int64(height).finish(),
        field(3, Part.encode(part).finish()),
      ),
    );

  /** A proposed block of several parts, and its parts with their proofs. */
  function proposed(header: Header) {
    const message = BlockMessage.fromPartial({
      header: { ...header, lastBlockId: idMessage(header.lastBlockId) },
      data: { txs: [new Uint8Array(150_000)] },
    });
    const bytes = BlockMessage.encode(message).finish();
    const pieces = [0, 1, 2].map((index) => bytes.subarray(index * 65_536, (index + 1) * 65_536));
    const parts = pieces.map((piece, index) =>
      Part.fromPartial({
        index,
        bytes: piece,
        proof: {
          total: 3n,
          index: BigInt(index),
          aunts: treePath(pieces, index).map(({ hash }) => hash),
        },
      }),
    );
    return { parts, id: { hash: headerHash(header), parts: { total: 3, hash: treeRoot(pieces) } } };
  }

  test("shows a block whatever peers have written between its parts", async () => {
    const { node } = running();
    const { header } = await node.block(3n);
    const { parts, id } = proposed(header);
    const vote = Vote.fromPartial({
      type: 2,
      height: header.height,
      blockId: idMessage(id),
      validatorIndex: 2,
      signature: new Uint8Array(64),
    });
    const junk = [
      // Another one's bytes in a part's place, behind a proof that leads elsewhere.
      ...parts.map((part) => partEntry(header.height, { ...part, bytes: new Uint8Array(9) })),
      partEntry(header.height, { ...parts[0], index: 2 ** 32 - 1 }),
      partEntry(
        header.height,
        Part.fromPartial({ index: 0, bytes: new Uint8Array(5), proof: { total: 1n } }),
      ),
      entry(5, Uint8Array.of(255, 255, 255)),
      entry(6, Uint8Array.of(10, 200)),
      entry(6, field(1, Uint8Array.of(255, 255))),
    ];
    const wal = join(folder.file("wal"), "cs.wal");
    mkdirSync(wal, { recursive: true });
    const [one, two, three] = parts.map((part) => partEntry(header.height, part));
    const voted = entry(6, field(1, Vote.encode(vote).finish()));
    const all = [...junk, one, ...junk, two, three, ...junk, voted, ...junk];
    appendFileSync(join(wal, "wal"), concatBytes(...all));
    const ended = (height: bigint) => {
      const message = new BinaryWriter().tag(1, WireType.Varint).int64(height).finish();
      return framed(field(2, field(4, message)));
    };
    appendFileSync(join(wal, "wal"), ended(header.height));
    // Files from before the height, of which there may be 1 GiB, are not read: this one cannot be.
    mkdirSync(join(wal, "wal.998"));
    appendFileSync(join(wal, "wal.999"), ended(header.height - 2n));
    appendFileSync(join(wal, "wal.1000"), ended(header.height - 1n));
    const found = precommitsInLog(wal, header.height);
    expect(found).toMatchObject([{ worker: 2, precommit: { blockId: id } }]);
    expect(headerHash(found[0].header)).toEqual(id.hash);
  });
});
