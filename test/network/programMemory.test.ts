/**
 * ProgramMemory.sol: what programs declare, shown of their roots by anyone; no proof shows more than a state of the program can
 * have; an order that names less does not count, for pay and time.
 */
import { readFileSync } from "node:fs";
import { AbiCoder, hexlify, keccak256, toBeHex } from "ethers";
import { beforeAll, describe, expect, test } from "vitest";
import { declaredBytes, programMemoryArguments } from "../../src/history/index.ts";
import { load } from "../../src/index.ts";
import { genesis, Machine, type Program } from "../../src/interpreter/index.ts";
import { genesisWitness, programRoot, StateTree } from "../../src/merkle/index.ts";
import { programOf } from "../merkle/program.ts";
import { beginFragment, fragmentOf, startValidation } from "./fragments.ts";
import { failure, order, send, startNetwork, type TestNetwork } from "./network.ts";

const page = 65_536n;
const slot = 8n;

/** Grows everything that it can as far as it goes. */
const grower = (declarations: string, body: string) =>
  programOf(`(module ${declarations} (func (export "gateway") ${body}))`, {
    gateway: "gateway",
    limits: { memoryPages: 40, tableEntries: 500 },
  });
const growMemory = (pages: number, memory = 0) =>
  `(drop (memory.grow ${memory} (i32.const ${pages})))`;
const growTable = (entries: number, table = 0) =>
  `(drop (table.grow ${table} (ref.null func) (i32.const ${entries})))`;

/** Programs, what they declare, and how much of it a call takes: all. */
const programs: readonly (readonly [string, () => Program, bigint])[] = [
  ["nothing at all", () => grower("", ""), 0n],
  ["a memory that never grows", () => grower("(memory 3 9)", ""), 3n * page],
  ["a memory that grows to its maximum", () => grower("(memory 3 9)", growMemory(6)), 9n * page],
  [
    "a memory without a maximum, which the limits bound",
    () => grower("(memory 1)", growMemory(39)),
    40n * page,
  ],
  [
    "two memories, of which the second grows",
    () => grower("(memory 2) (memory 1 5)", growMemory(4, 1)),
    7n * page,
  ],
  [
    "tables, of which one grows, and globals",
    () =>
      grower(
        "(table 3 funcref) (table 7 20 funcref) (global (mut i64) (i64.const 1)) (global i32 (i32.const 2))",
        growTable(13, 1),
      ),
    (3n + 20n + 2n) * slot,
  ],
  [
    "a memory and a table that both grow",
    () => grower("(memory 1 2) (table 0 funcref)", growMemory(1) + growTable(500)),
    2n * page + 500n * slot,
  ],
];

let network: TestNetwork;
beforeAll(async () => {
  network = await startNetwork("real");
});

const show = (args: readonly unknown[]) =>
  failure(send(network.programMemory, network.signers[5], "show", args));
const shown = (program: Program): Promise<bigint> =>
  network.programMemory.declaredBytes(hexlify(programRoot(program)));

/** Bytes of a state's memories, tables and globals. */
const heldBy = ({ state }: Machine): bigint =>
  state.memories.reduce((sum, { pages }) => sum + BigInt(pages) * page, 0n) +
  state.tables.reduce((sum, { size }) => sum + BigInt(size) * slot, 0n) +
  BigInt(state.program.globals) * slot;

describe("what a program declares", () => {
  test.each(programs)(
    "%s › is shown to the byte, and is what its states can have",
    async (_, make, bytes) => {
      const program = make();
      expect(declaredBytes(program)).toBe(bytes);
      expect(await shown(program)).toBe(0n);
      expect(await show(programMemoryArguments(program))).toBe("done");
      expect(await shown(program)).toBe(bytes);
      const machine = new Machine(program);
      expect(heldBy(machine) <= bytes).toBe(true);
      machine.call(new Uint8Array());
      expect(heldBy(machine)).toBe(bytes);
    },
  );

  test("under the policy `fixed` › all of it is there from the start", async () => {
    const program = programOf(`(module (memory 3 9) (func (export "gateway") ${growMemory(1)}))`, {
      gateway: "gateway",
      growth: "fixed",
    });
    expect(declaredBytes(program)).toBe(9n * page);
    expect(await show(programMemoryArguments(program))).toBe("done");
    expect(await shown(program)).toBe(9n * page);
  });

  test("a real program, deep in whose code the instruction lies › what its limits leave it", async () => {
    const file = new URL("../../examples/tutorial/words.rs.wasm", import.meta.url);
    const program = load(readFileSync(file), { limits: { memoryPages: 100 } });
    const args = programMemoryArguments(program);
    expect(args[2]).toMatchObject([{ siblings: { length: 23 } }]);
    expect((args[2] as readonly { readonly pc: number }[])[0].pc).toBeGreaterThan(1000);
    const rest = declaredBytes(program) - 100n * page;
    expect(rest >= 0n && rest < page).toBe(true);
    expect(await show(args)).toBe("done");
    expect(await shown(program)).toBe(declaredBytes(program));
  });
});

describe("a proof", () => {
  const both = () => grower("(memory 1 4) (table 2 30 funcref)", growMemory(3) + growTable(28));
  type Growth = { readonly pc: number; readonly leaf: string; readonly siblings: string[] };
  type Arguments = readonly [string, Record<string, string>, readonly Growth[]];
  const argumentsOf = (program: Program) => programMemoryArguments(program) as Arguments;

  test("may leave something out, and then shows less; the most that was shown stays", async () => {
    const program = both();
    const [witness, sizes, [memory, table]] = argumentsOf(program);
    const atGenesis = page + 2n * slot;
    expect(await show([witness, sizes, []])).toBe("done");
    expect(await shown(program)).toBe(atGenesis);
    expect(await show([witness, sizes, [table]])).toBe("done");
    expect(await shown(program)).toBe(atGenesis + 28n * slot);
    expect(await show([witness, sizes, [memory, table]])).toBe("done");
    expect(await shown(program)).toBe(declaredBytes(program));
    expect(await show([witness, sizes, [memory]])).toBe("done");
    expect(await shown(program)).toBe(declaredBytes(program));
  });

  test("shows nothing twice, nothing that does not grow, nothing of another program", async () => {
    const [witness, sizes, [memory, table]] = argumentsOf(both());
    const [otherWitness, otherSizes, [other]] = argumentsOf(
      grower("(memory 2 30)", `(nop) ${growMemory(28)}`),
    );
    expect(await show([witness, sizes, [memory, memory]])).toBe("GrowthOutOfOrder");
    expect(await show([witness, sizes, [table, memory]])).toBe("GrowthOutOfOrder");
    expect(await show([witness, sizes, [{ ...memory, pc: memory.pc + 1 }]])).toBe("NotGrowth");
    expect(await show([witness, sizes, [other]])).toBe("InstructionNotShown");
    const moved = { ...memory, pc: memory.pc + 8 };
    expect(await show([witness, sizes, [moved]])).toBe("InstructionNotShown");
    const short = { ...memory, siblings: memory.siblings.slice(1) };
    expect(await show([witness, sizes, [short]])).toBe("InstructionNotShown");
    const altered = { ...memory, leaf: `${memory.leaf.slice(0, -2)}01` };
    expect(await show([witness, sizes, [altered]])).toBe("InstructionNotShown");
    expect(await show([witness, otherSizes, []])).toBe("SizesNotShown");
    expect(await show([otherWitness, sizes, []])).toBe("SizesNotShown");
    const grown = { ...sizes, sizes: `0xff${sizes.sizes.slice(4)}` };
    expect(await show([witness, grown, []])).toBe("SizesNotShown");
    // A configuration with other globals is another program's.
    const globals = `${witness.slice(0, 2 + 2 * 132)}000fffff${witness.slice(2 + 2 * 136)}`;
    expect(await show([globals, sizes, []])).toBe("done");
    expect(await shown(both())).toBe(declaredBytes(both()));
  });
});

describe("a cluster's memory", () => {
  test("is what its order names, and what its program declares where that is more", async () => {
    const program = grower("(memory 2 6)", growMemory(4));
    const proof = new StateTree(genesis(program)).registerProof();
    const { clusters, signers, rewards } = network;
    const args = [{ ...order, memoryBytes: 1n }, genesisWitness(program), proof];
    const cluster: string = await clusters.getFunction("create").staticCall(...args);
    await send(clusters, signers[0], "create", args);
    expect(await rewards.memoryBytesOf(cluster)).toBe(1n);
    expect(await show(programMemoryArguments(program))).toBe("done");
    expect(await rewards.memoryBytesOf(cluster)).toBe(6n * page);
    await send(clusters, signers[0], "adjust", [cluster, { ...order, memoryBytes: 7n * page }]);
    expect(await rewards.memoryBytesOf(cluster)).toBe(7n * page);
  });

  test("counts for the time of a turn and for the pay, whatever the order names", async () => {
    const validated = await startValidation();
    const { bytesPerBlock, turnBlocks } = validated.parameters.validation;
    const bytes = 3n * bytesPerBlock;
    const plans = [{ transactions: [new Uint8Array([1])] }, {}, {}, {}];
    const plain = await beginFragment(validated, plans);
    const { program } = await validated.clusters.clusterOf(plain.cluster);
    // Of the toy program nothing can be shown: as it would stand.
    const place = keccak256(
      AbiCoder.defaultAbiCoder().encode(["bytes32", "uint256"], [program, 0]),
    );
    const at = validated.addresses.programMemory;
    await validated.provider.send("hardhat_setStorageAt", [at, place, toBeHex(bytes, 32)]);
    expect(await validated.programMemory.declaredBytes(program)).toBe(bytes);
    const declared = await beginFragment(validated, plans);
    const before = await fragmentOf(validated, plain.id);
    const after = await fragmentOf(validated, declared.id);
    expect(before.turnBlocks).toBe(turnBlocks);
    expect(after.turnBlocks).toBe(turnBlocks + 3);
    const { fuel } = after;
    const reserved = await validated.rewards.reservationOf(declared.id);
    expect(reserved.ofWorker).toBe(await validated.rewards.rewardOf(fuel, bytes));
    const { download } = validated.parameters.rewards;
    expect(reserved.ofValidation).toBe(reserved.ofWorker + download);
    expect((await validated.rewards.reservationOf(plain.id)).ofWorker).toBeLessThan(
      reserved.ofWorker,
    );
  });
});
