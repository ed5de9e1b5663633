/**
 * Beginning a call on forged states of forged programs: docs/proof-format.md §6 and docs/machine.md §10, written down once more
 * here with bigints and a hash function, against the judge and the replay; and against the machine where a machine can be so.
 *
 * Registers and configurations are any bytes, and what lies at the edges of eras and of the call's fuel.
 */
import { keccak_256 } from "@noble/hashes/sha3.js";
import { beforeAll, describe, expect, it } from "vitest";
import { decodeRevert } from "../../src/game/chain/revert.ts";
import { genesis } from "../../src/interpreter/state/genesis.ts";
import { begin } from "../../src/interpreter/state/invocation.ts";
import { programRoot, replayBegin, StateTree, WitnessError } from "../../src/merkle/index.ts";
import { Random } from "../differential/random.ts";
import { programOf } from "../merkle/program.ts";
import { type Contract, embeddedChain } from "./chain.ts";
import { deployOn } from "./deployOn.ts";

type Fields = readonly (readonly [bits: number, value: bigint])[];

const last = 2n ** 53n - 1n;
const zero = new Uint8Array(32);
const hex = (bytes: Uint8Array) => `0x${Buffer.from(bytes).toString("hex")}`;
const tagged = (tag: number, ...parts: readonly Uint8Array[]) =>
  keccak_256(Uint8Array.from([...parts.flatMap((part) => [...part]), tag]));
const s = (left: Uint8Array, right: Uint8Array) => tagged(2, left, right);

/** Big-endian fields, one after another, and zeros. */
function packed(fields: Fields, bytes = 32): Uint8Array {
  const bits = fields.reduce((sum, [width]) => sum + width, 0);
  const value = fields.reduce((all, [width, field]) => (all << BigInt(width)) | field, 0n);
  const text = (value << BigInt(bytes * 8 - bits)).toString(16).padStart(bytes * 2, "0");
  return Uint8Array.from(Buffer.from(text, "hex"));
}

const controlFields = ["pc", "sp", "fp", "depth", "stack", "frames", "output"] as const;
const counterFields = ["step", "fuel", "limit"] as const;
type Name =
  | "status"
  | "trap"
  | (typeof controlFields)[number]
  | "era"
  | (typeof counterFields)[number]
  | "input"
  | "chunk";
type Words = Record<Name, bigint>;

function wordsOf(r: Words): readonly [Uint8Array, Uint8Array] {
  const middle = controlFields.map((name) => [32, r[name]] as const);
  const counters = counterFields.map((name) => [64, r[name]] as const);
  return [
    packed([[8, r.status], [8, r.trap], ...middle, [16, r.era]]),
    packed([...counters, [32, r.input], [32, r.chunk]]),
  ];
}

interface Case {
  readonly registers: Words;
  readonly config: {
    readonly entry: bigint;
    readonly locals: bigint;
    readonly callFuel: bigint;
    readonly inputBytes: bigint;
  };
  /** code, arrays, stack, s(memory, sizes), and ten other arrays of the cold tree. */
  readonly hashes: readonly Uint8Array[];
  readonly inputRoot: Uint8Array;
  readonly inputLength: bigint;
}

const configBytes = ({ config: { entry, locals, callFuel, inputBytes } }: Case) =>
  Uint8Array.from([
    ...packed([
      ...([
        [16, 2n],
        [8, 1n],
        [8, 0n],
        [32, entry],
        [32, locals],
        [32, 9n],
      ] as const),
      ...([
        [64, callFuel],
        [32, 1024n],
        [32, 64n],
      ] as const),
    ]),
    ...packed(
      [
        [32, 100n],
        [32, inputBytes],
      ],
      96,
    ),
  ]);

const coldOf = ([
  memory,
  dirty,
  globals,
  frames,
  tables,
  input,
  dropped,
  ...rest
]: readonly Uint8Array[]) => {
  const [heap, heap2, heapWords, output] = rest;
  const heaps = s(s(heap, heap2), s(heapWords, output));
  return s(s(memory, s(dirty, globals)), s(s(frames, tables), s(s(input, dropped), heaps)));
};

function stateHash(registers: Words, root: Uint8Array, stack: Uint8Array, cold: Uint8Array) {
  return s(s(s(...wordsOf(registers)), s(root, stack)), cold);
}

const rootOf = (each: Case) =>
  tagged(3, each.hashes[0], tagged(3, each.hashes[1], tagged(4, configBytes(each))));

/** What the documents say: the post state, or why there is none. */
function expected(each: Case): Uint8Array | string {
  const { registers: r, config, hashes, inputLength } = each;
  if (config.entry === 2n ** 32n - 1n) return "NoGateway";
  if (inputLength > config.inputBytes) return "InputTooLong";
  const begun = {
    ...r,
    status: 0n,
    trap: 0n,
    pc: config.entry,
    sp: config.locals,
    fp: 0n,
    depth: 0n,
  };
  Object.assign(begun, { input: inputLength, output: 0n });
  if (r.fuel + config.callFuel > last) {
    Object.assign(begun, { era: (r.era + 1n) % 2n ** 16n, step: 0n, fuel: 0n });
  }
  begun.limit = begun.fuel + config.callFuel;
  const [memory, , globals, , tables, , dropped, heap, heap2, heapWords] = hashes.slice(3);
  const cold = [
    memory,
    zero,
    globals,
    zero,
    tables,
    each.inputRoot,
    dropped,
    heap,
    heap2,
    heapWords,
  ];
  return stateHash(begun, rootOf(each), zero, coldOf([...cold, zero]));
}

const bytesOf = (random: Random, length: number) =>
  Uint8Array.from({ length }, () => random.below(256));

function forged(random: Random): Case {
  const any = (bits: number) =>
    BigInt(`0x${hex(bytesOf(random, bits / 8)).slice(2)}`) >>
    BigInt(random.oneIn(2) ? 0 : random.below(bits));
  const callFuel = random.pick([
    0n,
    1n,
    2n ** 52n,
    2n ** 52n + 1n,
    last,
    last + 1n,
    2n ** 64n - 1n,
    any(64),
  ]);
  const edge = last - callFuel + BigInt(random.below(5) - 2);
  const near = edge < 0n ? any(64) : edge;
  const fuel = random.pick([near, near, 0n, last, last + 1n, 2n ** 64n - 1n, any(64)]);
  const registers: Words = {
    ...{ status: BigInt(1 + random.below(255)), trap: any(8), pc: any(32), sp: any(32) },
    ...{ fp: any(32), depth: any(32), stack: any(32), frames: any(32), output: any(32) },
    era: random.pick([0n, 1n, 65_534n, 65_535n, any(16)]),
    ...{ step: random.pick([0n, 2n ** 64n - 1n, any(64)]), fuel, limit: any(64) },
    ...{ input: any(32), chunk: any(32) },
  };
  const inputBytes = random.pick([2n ** 32n - 1n, any(32)]);
  return {
    registers,
    config: {
      ...{ entry: random.oneIn(20) ? 2n ** 32n - 1n : any(32), locals: any(32) },
      ...{ callFuel, inputBytes },
    },
    hashes: Array.from({ length: 14 }, () => (random.oneIn(4) ? zero : bytesOf(random, 32))),
    inputRoot: bytesOf(random, 32),
    inputLength: random.oneIn(4) ? any(32) : inputBytes >> BigInt(random.below(3)),
  };
}

const names: Readonly<Record<string, string>> = {
  "no-gateway": "NoGateway",
  "input-too-long": "InputTooLong",
};

describe("beginning a call on a forged state", () => {
  let judge: Contract;

  beforeAll(async () => {
    ({ judge } = await deployOn(await embeddedChain()));
  });

  it("judge and replay do what the documents say", async () => {
    const random = new Random(35);
    const seen = { begun: 0, era: 0, NoGateway: 0, InputTooLong: 0 };
    for (let i = 0; i < 600; i++) {
      const each = forged(random);
      const { hashes, inputRoot } = each;
      const [code, arrays, stack, ...cold] = hashes;
      const pre = stateHash(each.registers, rootOf(each), stack, coldOf(cold));
      const parts = [...wordsOf(each.registers), code, arrays, configBytes(each), stack, ...cold];
      const witness = Uint8Array.from(parts.flatMap((part) => [...part]));
      const length = Number(each.inputLength);
      const wanted = expected(each);
      const answer = typeof wanted === "string" ? wanted : hex(wanted);
      let replayed = "";
      try {
        replayed = hex(replayBegin(pre, inputRoot, length, witness).postState);
      } catch (error) {
        if (!(error instanceof WitnessError)) throw error;
        replayed = names[error.code] ?? error.code;
      }
      const judged = await judge
        .call("begin", [hex(pre), hex(inputRoot), length, hex(witness)])
        .then(
          ([state]) => state,
          (error) => decodeRevert(error).name,
        );
      expect({ i, replayed, judged }).toEqual({ i, replayed: answer, judged: answer });
      if (typeof wanted === "string") seen[wanted as "NoGateway"]++;
      else seen.begun++;
      if (each.registers.fuel + each.config.callFuel > last) seen.era++;
    }
    expect(Math.min(...Object.values(seen))).toBeGreaterThan(15);
  });

  it("that a machine can be in › the machine does so too, whatever a call may spend", async () => {
    const random = new Random(36);
    for (const callFuel of [1, 1000, 2 ** 51 + 1, 2 ** 52 - 1, 2 ** 52]) {
      const text = '(module (memory 1) (func (export "main") (local i64)))';
      const program = programOf(text, { gateway: "main", limits: { callFuel } });
      for (const past of [-2, -1, 0, 1, 2, callFuel - 1]) {
        const state = genesis(program);
        const fuelCounter = Math.min(Number(last) - callFuel + past, Number(last));
        const [era, stepCounter] = [random.below(2 ** 16), random.below(2 ** 31) * 2 ** 21];
        Object.assign(state, { era, stepCounter, fuelCounter });
        const tree = new StateTree(state);
        const [pre, witness] = [tree.stateHash(), tree.beginWitness()];
        begin(state, new Uint8Array(0));
        expect(state.era).toBe(past > 0 ? (era + 1) % 2 ** 16 : era);
        expect(replayBegin(pre, zero, 0, witness).postState).toEqual(tree.stateHash());
        const judged = await judge.call("begin", [hex(pre), hex(zero), 0, hex(witness)]);
        expect(judged).toEqual([hex(tree.stateHash()), hex(programRoot(program))]);
      }
    }
  });
});
