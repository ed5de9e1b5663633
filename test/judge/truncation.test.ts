import { beforeAll, describe, expect, it } from "vitest";
import { step } from "../../src/interpreter/reference/step.ts";
import { genesis } from "../../src/interpreter/state/genesis.ts";
import { begin } from "../../src/interpreter/state/invocation.ts";
import { replayStep, StateTree } from "../../src/merkle/index.ts";
import { programOf } from "../merkle/program.ts";
import { nextMnemonic } from "../merkle/witness/lockstep.ts";
import { type Contract, embeddedChain } from "./chain.ts";
import { deployOn } from "./deployOn.ts";

/**
 * What lies between the values that a branch carries and the place they go to is cut off with the stack: leaves that
 * nobody opens, on either side of the paths of those that are (docs/proof-format.md §3).
 */
const hex = (bytes: Uint8Array): string => `0x${Buffer.from(bytes).toString("hex")}`;
const times = (text: string, count: number) => Array.from({ length: count }, () => text).join(" ");

/** Steps that carry values over others, with what they pop beside them. */
const ends = ["br 0", "br_if 0", "br_table 0 0", "return", "return_call $f"] as const;
type End = (typeof ends)[number];

/** A function that carries values over a stack of some depth down to a height of some slots, and `main`, which calls it. */
function sourceOf(end: End, height: number, carried: number, over: number): string {
  const types = times("i64", carried);
  const pushes = [height, over, carried].map((count) => times("(i64.const 7)", count));
  const operand = end === "br_if 0" || end === "br_table 0 0" ? "(i32.const 1)" : "";
  const rest = `${pushes[1]} ${pushes[2]} ${operand} ${end}`;
  const block = `(block (result ${types}) ${rest} ${end === "br_if 0" ? "unreachable" : ""})`;
  const leaves = end.startsWith("return");
  const body = leaves ? rest : `${block} ${times("drop", carried + height)}`;
  const results = end === "return" ? `(result ${types})` : "";
  return `(module (func $f (param ${types}) unreachable)
    (func $g ${results} ${pushes[0]} ${body})
    (func (export "main") (call $g) ${end === "return" ? times("drop", carried) : ""}))`;
}

describe("a step that cuts the stack", () => {
  let judge: Contract;

  beforeAll(async () => {
    ({ judge } = await deployOn(await embeddedChain()));
  });

  /** The next step of this mnemonic in `main` has one result for reference, replay and judge. */
  async function agree(source: string, mnemonic: string, where: string): Promise<void> {
    const state = genesis(programOf(source, { gateway: "main" }));
    begin(state, new Uint8Array(0));
    while (nextMnemonic(state) !== mnemonic) step(state);
    const tree = new StateTree(state);
    const [hash, witness] = [tree.stateHash(), tree.witness()];
    step(state);
    const next = hex(tree.stateHash());
    expect(hex(replayStep(hash, witness)), where).toBe(next);
    expect(await judge.call("step", [hex(hash), witness]), where).toEqual([next]);
  }

  it.each(ends)("%s › ends in the machine's state, whatever lies between", async (end) => {
    const mnemonic = end.split(" ", 1)[0];
    for (const height of [0, 3, 18]) {
      for (const carried of [0, 1, 17]) {
        for (const over of [1, 33, 50, 70, 130]) {
          const where = `${carried} values over ${over} to ${height}`;
          const source = sourceOf(end, height, carried, over);
          await agree(source, mnemonic, where);
        }
      }
    }
  });

  const tailCalls = ["return_call $f", "(i32.const 0) return_call_indirect"];
  it.each(tailCalls)("%s › enters with locals that are zero at the stack's bottom", async (end) => {
    const mnemonic = end.includes("indirect") ? "return_call_indirect" : "return_call";
    for (const over of [0, 1, 15, 16, 33, 130]) {
      for (const locals of [0, 1, 17]) {
        const where = `${locals} locals over ${over} values`;
        const source = `(module (table 1 funcref) (elem (i32.const 0) $f)
          (func $f (local ${times("i64", locals)}))
          (func (export "main") ${times("(i64.const 7)", over)} ${end}))`;
        await agree(source, mnemonic, where);
      }
    }
  });
});
