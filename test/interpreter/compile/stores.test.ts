/**
 * Programs made of stores around the edges of chunks, through addresses that differ by constants, in and out of
 * branches and loops: guards that serve several stores must leave the reference's dirty chunks, charges and bytes.
 */
import { expect, it } from "vitest";
import { differences } from "../../../spec-tests/agreement.ts";
import { assemble, type Code, op } from "../../../spec-tests/corpus/assembler.ts";
import { decodeModule } from "../../../src/interpreter/binary/decode.ts";
import { runExactly } from "../../../src/interpreter/blocks/runSteps.ts";
import { FastExecutor } from "../../../src/interpreter/compile/fastExecutor.ts";
import { link } from "../../../src/interpreter/program/link.ts";
import { genesis } from "../../../src/interpreter/state/genesis.ts";
import { beginInvocation } from "../../../src/interpreter/state/invocation.ts";
import { snapshot } from "../../../src/interpreter/state/snapshot.ts";
import { Random } from "../../differential/random.ts";

const programs = 400;
const steps = 100_000;
const addresses = 2;
const counter = addresses;
const distances = [-4096, -16, -8, -8, -4, 0, 4, 4, 8, 8, 12, 16, 4088, 4096];
const kinds = ["i32.store8", "i32.store16", "i32.store", "i64.store"] as const;

const get = (index: number) => op("local.get", index);
const constant = (value: number) => op("i32.const", value);

class StoreProgram {
  private readonly random: Random;

  constructor(random: Random) {
    this.random = random;
  }

  body(): Code[] {
    const start = Array.from({ length: addresses }, (_, index) => [
      constant(4096 * (2 + this.random.below(6)) + this.random.pick([-20, -16, -12, -8, -4, 0])),
      op("local.set", index),
    ]).flat();
    return [...start, ...this.statements(3, 10)];
  }

  private statements(depth: number, count: number): Code[] {
    const length = 1 + this.random.below(count);
    return Array.from({ length }, () => this.statement(depth)).flat();
  }

  private address(): number {
    return this.random.below(addresses);
  }

  private statement(depth: number): Code[] {
    const inner = () => this.statements(depth - 1, 4);
    const condition = [get(this.address()), constant(1 << this.random.below(4)), op("i32.and")];
    return this.random.weighted<() => Code[]>([
      [12, () => this.store()],
      [2, () => this.move()],
      [depth > 0 ? 2 : 0, () => [...condition, op("if", ""), ...inner(), op("end")]],
      [
        depth > 0 ? 1 : 0,
        () => [...condition, op("if", ""), ...inner(), op("else"), ...inner(), op("end")],
      ],
      [
        depth > 0 ? 2 : 0,
        () => [op("block", ""), ...inner(), ...condition, op("br_if", 0), ...inner(), op("end")],
      ],
      [depth > 0 ? 3 : 0, () => this.chain(condition)],
      [depth > 0 ? 2 : 0, () => this.around(condition)],
      [depth === 3 ? 4 : 0, () => this.loop(inner())],
      [1, () => [get(this.address()), constant(7), constant(20), op("memory.fill", 0)]],
    ])();
  }

  /** Stores to one address that a branch parts. */
  private chain(condition: Code[]): Code[] {
    const at = this.address();
    const store = () => this.storeAt([get(at)]);
    const stores = () => Array.from({ length: 1 + this.random.below(3) }, store).flat();
    return [op("block", ""), ...stores(), ...condition, op("br_if", 0), ...stores(), op("end")];
  }

  /** A store whose address was taken before stores that may not happen. */
  private around(condition: Code[]): Code[] {
    const at = this.address();
    const [address, ...rest] = this.storeAt([get(at)]);
    const perhaps = [...condition, op("if", ""), ...this.storeAt([get(at)]), op("end")];
    return [address, ...perhaps, ...rest];
  }

  private store(): Code[] {
    const moved = this.random.oneIn(8)
      ? [constant(this.random.pick(distances)), op("i32.add"), op("local.tee", this.address())]
      : [];
    return this.storeAt([get(this.address()), ...moved]);
  }

  private storeAt(address: Code[]): Code[] {
    const kind = this.random.pick(kinds);
    const value = kind === "i64.store" ? op("i64.const", 77) : constant(77);
    return [...address, value, op(kind, this.random.pick([0, 0, 4, 8, 12, 16, 4088]), 0)];
  }

  private move(): Code[] {
    const operator = this.random.pick(["i32.add", "i32.sub"] as const);
    const sum = [get(this.address()), constant(this.random.pick(distances)), op(operator)];
    return [...sum, op("local.set", this.address())];
  }

  private loop(inner: Code[]): Code[] {
    const again = [get(counter), constant(1), op("i32.sub"), op("local.tee", counter)];
    const start = [constant(2 + this.random.below(3)), op("local.set", counter)];
    return [...start, op("loop", ""), ...inner, ...again, op("br_if", 0), op("end")];
  }
}

it(`fast path › ${programs} programs of neighbouring stores leave the reference's states`, () => {
  const chunks = new Set<number>();
  for (let seed = 1; seed <= programs; seed++) {
    const random = new Random(seed);
    const body = new StoreProgram(random).body();
    const wasm = assemble({
      memories: [[1, 1]],
      functions: [{ signature: ":", locals: "i".repeat(addresses + 1), body, export: "run" }],
    });
    const limits = { callFuel: random.oneIn(6) ? random.below(3000) : 1_000_000 };
    const module = decodeModule(wasm);
    const program = link([{ name: "m", module }], { limits, chunkFuel: random.below(300) });
    const [state, twin] = [genesis(program), genesis(program)];
    for (const each of [state, twin]) beginInvocation(each, 0, []);
    const executor = new FastExecutor(state, { worthwhileSteps: 1, loopPatience: 0 });
    for (let again = 0; again < 3; again++) {
      const part = random.oneIn(8) ? 1 + random.below(60) : steps;
      executor.run(part);
      runExactly(twin, part);
    }
    executor.run(steps);
    runExactly(twin, steps);
    expect(differences(snapshot(state), snapshot(twin)), `seed ${seed}`).toEqual([]);
    for (const chunk of twin.memories[0].dirtyChunks) chunks.add(chunk);
  }
  expect(chunks.size).toBeGreaterThan(6);
});
