/**
 * Callers without types: an option that does not exist is refused by every public verb, with the names that do; so is an
 * input that is no bytes.
 */
import { JsonRpcProvider, VoidSigner } from "ethers";
import { describe, expect, test } from "vitest";
import { find } from "../src/debug/index.ts";
import { deployArbiter, MachineExecution, registerProgram, Sender } from "../src/game/index.ts";
import {
  call,
  connect,
  inputRoot,
  instantiate,
  load,
  Machine,
  pack,
  play,
  prove,
  stateHash,
  stateTree,
  verify,
} from "../src/index.ts";
import { decodeModule, defaultFuelSchedule, link, run, Store } from "../src/interpreter/index.ts";
import { loadState, saveState, verifyMemory } from "../src/merkle/index.ts";
import { binaryOf } from "./merkle/program.ts";

// biome-ignore lint/suspicious/noExplicitAny: what JavaScript's users can do.
type Untyped = any;

const wasm = binaryOf('(module (func (export "gateway") (result i32) (i32.const 7)))');
const program = load(wasm);
const address = `0x${"12".repeat(20)}`;
const signer = new VoidSigner(
  address,
  new JsonRpcProvider("http://127.0.0.1:1", 1, { staticNetwork: true }),
);
const player = { arbiter: address, signer, execution: async () => undefined };
const module = () => [{ name: "m", module: decodeModule(wasm) }];

/** Every options object of a public function, given a name that it does not have. */
const verbs: readonly (readonly [string, (wrong: Untyped) => unknown])[] = [
  ["load", (wrong) => load(wasm, wrong)],
  ["load: limits", (wrong) => load(wasm, { limits: wrong })],
  ["load: schedule", (wrong) => load(wasm, { schedule: { ...defaultFuelSchedule, ...wrong } })],
  ["link", (wrong) => link(module(), wrong)],
  ["link: limits", (wrong) => link(module(), { limits: wrong })],
  ["Store", (wrong) => new Store(wrong)],
  ["Store: limits", (wrong) => new Store({ limits: wrong })],
  ["Machine.run", (wrong) => instantiate(program).run(wrong)],
  ["Machine.call", (wrong) => instantiate(program).call(new Uint8Array(0), wrong)],
  ["run", (wrong) => run(instantiate(program).state, wrong)],
  ["play", (wrong) => play({ ...player, ...wrong }, AbortSignal.abort())],
  ["play: sender", (wrong) => play({ ...player, sender: wrong }, AbortSignal.abort())],
  ["Sender", (wrong) => new Sender(signer, wrong)],
  ["deployArbiter", (wrong) => deployArbiter(signer, address, wrong)],
  ["registerProgram", (wrong) => registerProgram(connect(address, signer), program, wrong)],
  ["pack", (wrong) => pack(wasm, wrong)],
  ["find", (wrong) => find(instantiate(program), { kind: "entry", function: 0, nth: 1 }, wrong)],
  [
    "MachineExecution",
    (wrong) =>
      new MachineExecution(program, instantiate(program).snapshot(), new Uint8Array(0), wrong),
  ],
];

describe("options that do not exist", () => {
  for (const [name, verb] of verbs) {
    test(`${name} › TypeError that names them and those that do`, async () => {
      const error = await Promise.resolve()
        .then(() => verb({ grwoth: 1 }))
        .catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(TypeError);
      expect((error as Error).message).toMatch(/there is no option "grwoth"; the options are \w+/);
    });
  }

  test("options that are none › TypeError", () => {
    for (const wrong of ["fixed", null, 5, []] as Untyped[]) {
      expect(() => load(wasm, wrong), String(wrong)).toThrow(/load: expected an object of options/);
    }
    expect(() => load(wasm, { limits: 5 } as Untyped)).toThrow(/limits: expected an object/);
  });

  test("a schedule without a class › RangeError, not a cost of NaN", () => {
    const { simple: _, ...rest } = defaultFuelSchedule;
    expect(() => load(wasm, { schedule: rest } as Untyped)).toThrow(/for simple, got undefined/);
  });

  test("limits out of range › named as the library names them", () => {
    expect(() => load(wasm, { limits: { memoryPages: 70_000 } })).toThrow(
      "expected limits.memoryPages to be an integer in [0, 65536], got 70000",
    );
  });
});

describe("bytes", () => {
  const machine = instantiate(program);
  const [hash, witness] = [stateHash(machine), prove(machine)];
  const hex = "0x00";
  const uses: readonly (readonly [string, () => unknown])[] = [
    ["state hash before", () => verify(hex as Untyped, witness)],
    ["witness", () => verify(hash, hex as Untyped)],
    ["saved state", () => loadState(program, hex as Untyped)],
    ["state hash", () => loadState(program, saveState(stateTree(machine)), hex as Untyped)],
    ["proof", () => verifyMemory(hash, { memory: 0, address: 0, length: 1 }, hex as Untyped)],
    ["input", () => inputRoot(hex as Untyped)],
    ["program", () => pack(hex as Untyped)],
    ["bytes of x", () => pack(wasm, { files: [{ path: "x", bytes: hex as Untyped }] })],
  ];
  for (const [name, use] of uses) {
    test(`the ${name} as hex text › TypeError`, () => {
      expect(use).toThrow(new TypeError(`expected the ${name} to be a Uint8Array, got string`));
    });
  }
});

describe("what is packed, what is asked", () => {
  test("of another type › TypeError, RangeError where there are names to choose from", () => {
    const packed = (options: Untyped) => () => pack(wasm, options);
    expect(packed({ args: "x" })).toThrow("expected args to be a list, got string");
    expect(packed({ environment: { A: "b" } })).toThrow("environment to be a list, got Object");
    expect(packed({ seed: 5 })).toThrow("expected seed to be a bigint, got number");
    expect(packed({ stdin: "file" })).toThrow("stdin to be one of input, none, got file");
  });

  test("find › a question that does not exist is no question without an answer", () => {
    const asked = (query: Untyped) => () => find(instantiate(program), query);
    expect(asked({ writes: 4 })).toThrow(/expected a question of kind write, .* got undefined/);
    expect(asked({ kind: "entry", function: 9, nth: 1 })).toThrow("has no function 9");
    const range = { memory: 3, address: 0, length: 1 };
    expect(asked({ kind: "write", range })).toThrow("the program has no memory 3");
  });
});

describe("inputs", () => {
  test("that are no bytes › TypeError, and nothing has begun", () => {
    const machine = new Machine(program);
    for (const wrong of ["abc", 5, null, [1, 2], new ArrayBuffer(4), { length: 3 }] as Untyped[]) {
      for (const begin of [
        () => machine.begin(wrong),
        () => machine.call(wrong),
        () => call(machine, wrong),
      ]) {
        expect(begin).toThrow(/^expected the input to be a Uint8Array, got /);
      }
      expect(machine.isRunning).toBe(false);
    }
    machine.begin(Buffer.from("abc"));
    expect(machine.isRunning).toBe(true);
  });

  test("that are too long, and programs without gateway › name the option", () => {
    const small = instantiate(load(wasm, { limits: { inputBytes: 3 } }));
    expect(() => small.begin(new Uint8Array(4))).toThrow(
      "expected at most 3 bytes of input (limits.inputBytes), got 4",
    );
    const library = instantiate(load(binaryOf('(module (func (export "f")))')));
    expect(() => library.begin(new Uint8Array(0))).toThrow(/in the option gateway$/);
  });
});
