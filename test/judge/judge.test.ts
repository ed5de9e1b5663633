import { beforeAll, describe, expect, it } from "vitest";
import { judgeFamilies } from "../../src/game/chain/deploy.ts";
import { decodeRevert } from "../../src/game/chain/revert.ts";
import { run } from "../../src/interpreter/blocks/runSteps.ts";
import { executedRow, opOf } from "../../src/interpreter/isa/table.ts";
import { genesis } from "../../src/interpreter/state/genesis.ts";
import { begin } from "../../src/interpreter/state/invocation.ts";
import { controlWord, countersWord, registersOf } from "../../src/merkle/commitment/registers.ts";
import {
  genesisWitness,
  inputRoot,
  programRoot,
  replayGenesis,
  replayStep,
  StateTree,
} from "../../src/merkle/index.ts";
import { arrayDepths } from "../../src/merkle/tree/arrays.ts";
import { concatenate } from "../../src/merkle/tree/byteReader.ts";
import { arrayOfBytes } from "../../src/merkle/tree/merkleArray.ts";
import { programOf } from "../merkle/program.ts";
import { type Chain, type Contract, embeddedChain } from "./chain.ts";
import { deployOn } from "./deployOn.ts";

const text = `(module
  (import "arbiter" "input_size" (func $size (result i32)))
  (memory 1)
  (func (export "main") (result i32) (i32.add (call $size) (i32.const 1))))`;
const bootText = `(module (global $g (mut i32) (i32.const 0))
  (func $start (global.set $g (i32.const 7)))
  (func (export "main") (result i32) (global.get $g))
  (start $start))`;

const hex = (bytes: Uint8Array): string => `0x${Buffer.from(bytes).toString("hex")}`;
const zero = `0x${"00".repeat(32)}`;
const input = Uint8Array.from({ length: 300 }, (_, i) => i & 0xff);

/** A forged witness whose instruction carries so many values; right as far as the instruction. */
function carryingWitness(mnemonic: "br" | "return", carried: number): Uint8Array {
  const code = new Uint8Array(128);
  const view = new DataView(code.buffer);
  view.setUint16(0, opOf(mnemonic));
  view.setUint32(mnemonic === "br" ? 12 : 4, carried);
  const state = genesis(programOf(text, { gateway: "main" }));
  begin(state, input);
  const registers = { ...registersOf(state), pc: 0, sp: 70_000, fp: 0 };
  const multiproof = arrayOfBytes(arrayDepths.code, code).open([0]).encode();
  return concatenate([
    controlWord(registers),
    countersWord(registers),
    multiproof,
    new Uint8Array(4000),
  ]);
}

/** The name of the custom error that a call ends in. */
async function errorOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
  } catch (error) {
    return decodeRevert(error).name;
  }
  return "none";
}

describe("judge", () => {
  let chain: Chain;
  let judge: Contract;
  let families: Readonly<Record<string, string>>;

  beforeAll(async () => {
    chain = await embeddedChain();
    ({ judge, families } = await deployOn(chain));
  });

  it("refuses an instruction that carries more values than any program's, as the replay does", async () => {
    for (const mnemonic of ["br", "return"] as const) {
      for (const carried of [128, 129, 65_535]) {
        const witness = carryingWitness(mnemonic, carried);
        let replayed = "";
        try {
          replayStep(new Uint8Array(32), witness);
        } catch (error) {
          replayed = (error as { code: string }).code;
        }
        const judged = await errorOf(judge.call("step", [zero, witness]));
        expect(judged === "MalformedInstruction", `${mnemonic} ${carried}`).toBe(carried > 128);
        expect(replayed === "malformed-instruction", `${mnemonic} ${carried}`).toBe(carried > 128);
      }
    }
  });

  const machine = (source = text, limits = {}) => {
    const state = genesis(programOf(source, { gateway: "main", limits }));
    return { state, tree: new StateTree(state) };
  };

  describe("begin", () => {
    it("halted state › the machine's own begun state, and the program root", async () => {
      const { state, tree } = machine();
      const args = [hex(tree.stateHash()), hex(inputRoot(input)), input.length];
      const witness = hex(tree.beginWitness());
      begin(state, input);
      const result = await judge.call("begin", [...args, witness]);
      expect(result).toEqual([hex(tree.stateHash()), hex(programRoot(state.program))]);
    });

    it("second call › begins from the state that the first one left", async () => {
      const { state, tree } = machine();
      begin(state, input);
      run(state);
      const args = [hex(tree.stateHash()), zero, 0, hex(tree.beginWitness())];
      begin(state, new Uint8Array(0));
      expect((await judge.call("begin", args))[0]).toBe(hex(tree.stateHash()));
    });

    it("running genesis › is its own beginning, without input", async () => {
      const { state, tree } = machine(bootText);
      const hash = hex(tree.stateHash());
      const witness = hex(tree.beginWitness());
      expect(await judge.call("begin", [hash, zero, 0, witness])).toEqual([
        hash,
        hex(programRoot(state.program)),
      ]);
      const withInput = judge.call("begin", [hash, hex(inputRoot(input)), 300, witness]);
      expect(await errorOf(withInput)).toBe("AlreadyRunning");
    });

    it("running state after genesis › refused", async () => {
      const { state, tree } = machine(bootText);
      run(state, { steps: 1 });
      const call = judge.call("begin", [hex(tree.stateHash()), zero, 0, hex(tree.beginWitness())]);
      expect(await errorOf(call)).toBe("AlreadyRunning");
    });

    it("input beyond the program's limit › refused", async () => {
      const { tree } = machine(text, { inputBytes: 299 });
      const args = [hex(tree.stateHash()), hex(inputRoot(input)), 300, hex(tree.beginWitness())];
      expect(await errorOf(judge.call("begin", args))).toBe("InputTooLong");
    });

    it("fuel that a call could count past 2^53 − 1 › the next era, of which there are 2^16", async () => {
      for (const [era, fuelCounter, next] of [
        [0, Number.MAX_SAFE_INTEGER - 1000, [0, 7, Number.MAX_SAFE_INTEGER - 1000]],
        [0, Number.MAX_SAFE_INTEGER - 999, [1, 0, 0]],
        [7, Number.MAX_SAFE_INTEGER, [8, 0, 0]],
        [65_535, Number.MAX_SAFE_INTEGER, [0, 0, 0]],
      ] as const) {
        const { state, tree } = machine(text, { callFuel: 1000 });
        Object.assign(state, { era, stepCounter: 7, fuelCounter });
        const args = [hex(tree.stateHash()), hex(inputRoot(input)), 300, hex(tree.beginWitness())];
        begin(state, input);
        expect([state.era, state.stepCounter, state.fuelCounter]).toEqual(next);
        expect(state.fuelLimit).toBe(state.fuelCounter + 1000);
        const root = hex(programRoot(state.program));
        expect(await judge.call("begin", args)).toEqual([hex(tree.stateHash()), root]);
      }
    });

    it("program without gateway › refused", async () => {
      const tree = new StateTree(genesis(programOf(text)));
      const args = [hex(tree.stateHash()), zero, 0, hex(tree.beginWitness())];
      expect(await errorOf(judge.call("begin", args))).toBe("NoGateway");
    });

    it("any byte changed, lost or found › refused", async () => {
      const { tree } = machine();
      const hash = hex(tree.stateHash());
      const witness = tree.beginWitness();
      const tampered: Uint8Array[] = Array.from({ length: witness.length / 3 }, (_, i) => {
        const copy = witness.slice();
        copy[3 * i + (i % 3)] ^= 1 << (i & 7);
        return copy;
      });
      tampered.push(witness.subarray(0, -1), Uint8Array.from([...witness, 0]));
      for (const bytes of tampered) {
        const error = await errorOf(judge.call("begin", [hash, zero, 0, hex(bytes)]));
        expect(["BeginMismatch", "WitnessLength"]).toContain(error);
      }
    });
  });

  describe("registers", () => {
    it("running and halted › as the machine has them", async () => {
      const { state, tree } = machine();
      begin(state, input);
      state.era = 513;
      for (const steps of [2, 100]) {
        run(state, { steps });
        const proof = hex(tree.registerProof());
        const [found] = await judge.call("registers", [hex(tree.stateHash()), proof]);
        const numbers = (found as readonly bigint[]).map(Number);
        const { status, trap, pc, sp, fp, depth, era } = state;
        const { stepCounter, fuelCounter, fuelLimit } = state;
        expect(numbers).toEqual([
          status,
          trap,
          pc,
          sp,
          fp,
          depth,
          era,
          stepCounter,
          fuelCounter,
          fuelLimit,
          300,
        ]);
      }
    });

    it("proof of another length or another state › refused", async () => {
      const { tree } = machine();
      const hash = hex(tree.stateHash());
      const proof = tree.registerProof();
      const longer = hex(Uint8Array.from([...proof, 0]));
      expect(await errorOf(judge.call("registers", [hash, longer]))).toBe("ProofLength");
      expect(await errorOf(judge.call("registers", [zero, hex(proof)]))).toBe("RegisterMismatch");
    });
  });

  describe("step", () => {
    it("halted state › stays as it is", async () => {
      const { tree } = machine();
      const hash = hex(tree.stateHash());
      expect(await judge.call("step", [hash, hex(tree.witness())])).toEqual([hash]);
    });

    it("genesis › is what the replay says, halted and running", async () => {
      for (const source of [text, bootText]) {
        const { program } = machine(source).state;
        const witness = genesisWitness(program);
        const { state, programRoot: root } = replayGenesis(witness);
        expect(await judge.call("genesis", [hex(witness)])).toEqual([hex(state), hex(root)]);
        expect(await errorOf(judge.call("genesis", [hex(witness.subarray(1))]))).toBe(
          "WitnessLength",
        );
      }
    });

    it("empty witness › refused", async () => {
      expect(await errorOf(judge.call("step", [zero, "0x"]))).toBe("UnknownOpcode");
    });

    it("a family that lacks the opcode › says so; one that has it gives the judge's answer", async () => {
      const { state, tree } = machine();
      begin(state, input);
      run(state, { steps: 1 });
      // i32.const, a parametric instruction
      const args = [hex(tree.stateHash()), hex(tree.witness())];
      const expected = await judge.call("step", args);
      for (const [field, name] of Object.entries(judgeFamilies)) {
        const family = await chain.deploy(name);
        if (field === "parametric") expect(await family.call("step", args)).toEqual(expected);
        else expect([name, await errorOf(family.call("step", args))]).not.toContain("none");
      }
    });
  });

  it("familyOf › a contract for every opcode, an error for any other number", async () => {
    expect(await judge.call("familyOf", [opOf("i32.add")])).toEqual([families.integer]);
    expect(await judge.call("familyOf", [opOf("host.time_ms")])).toEqual([families.bulk]);
    expect(await judge.call("familyOf", [opOf("f64x2.relaxed_max")])).toEqual([
      families.vectorFloat,
    ]);
    expect(await judge.call("familyOf", [opOf("memory.atomic.notify")])).toEqual([families.atomic]);
    for (const op of [0, 1, 0x41, 0x010c, 0x0906, 0x0a17, 0x1f00, 0x2000, 0x1_0100]) {
      expect(executedRow(op)).toBeUndefined();
      expect(await errorOf(judge.call("familyOf", [op]))).toBe("UnknownOpcode");
    }
  });
});
