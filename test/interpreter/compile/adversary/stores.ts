/**
 * Stores through locals and parameters whose values differ by constants, around the edges of chunks: what shares guards,
 * and what must not.
 *
 * Invariant: what is written is valid on any stack; the locals that it moves are used for nothing else.
 */
import { op } from "../../../../spec-tests/corpus/assembler.ts";
import type { Random } from "../../../differential/random.ts";
import type { Stack } from "./frame.ts";
import type { AdversaryShape } from "./shape.ts";

/** Distances between stores: within a guard's chunk, over its edge, to the next one. */
const distances = [-4096, -16, -8, -4, 4, 8, 16, 4088, 4096];

export class Stores {
  private readonly random: Random;
  private readonly shape: AdversaryShape;
  private readonly stack: Stack;
  private readonly locals: string;
  /** The first of the locals that hold addresses, and how many they are. */
  private readonly addresses: readonly [first: number, count: number];

  constructor(
    random: Random,
    shape: AdversaryShape,
    stack: Stack,
    locals: string,
    addresses: readonly [first: number, count: number],
  ) {
    this.random = random;
    this.shape = shape;
    this.stack = stack;
    this.locals = locals;
    this.addresses = addresses;
  }

  /** One of the locals that hold addresses. */
  get local(): number {
    return this.addresses[0] + this.random.below(this.addresses[1]);
  }

  /** Pushes a value to be stored. */
  value(type: string): void {
    const local = this.locals.indexOf(type);
    if (local >= 0 && this.random.oneIn(2)) this.stack.write(op("local.get", local), 0, type);
    else this.stack.push(type);
  }

  /** An address near the edge of a chunk. */
  place(local: number): void {
    const { random, stack } = this;
    const near = 4096 * (1 + random.below(6)) + random.pick([-16, -12, -8, -4, 0]);
    stack.write([...op("i32.const", near), ...op("local.set", local)]);
  }

  /** Adds a constant to the address on the stack, and to its local as well. */
  move(local: number): void {
    const { stack, random } = this;
    const operator = random.pick(["i32.add", "i32.sub"] as const);
    const moved = [...op("i32.const", random.pick(distances)), ...op(operator)];
    stack.write([...moved, ...op("local.tee", local)], 1, "i");
  }

  /** Stores through a local that stays. */
  through(local: number, most: number): void {
    const { stack, random } = this;
    for (let left = 1 + random.below(most); left > 0; left--) {
      stack.write(op("local.get", local), 0, "i");
      this.value("i");
      stack.write(op("i32.store", random.pick([0, 0, 8]), 0), 2);
    }
  }

  /** Stores through a local that a constant moves between them. */
  write(): void {
    const { stack, random, shape } = this;
    const { local } = this;
    const memory = random.below(shape.memories);
    if (random.oneIn(2)) this.place(local);
    for (let left = 1 + random.below(4); left > 0; left--) {
      stack.write(op("local.get", local), 0, "i");
      if (random.oneIn(3)) this.move(local);
      const wide = random.oneIn(3);
      this.value(wide ? "I" : "i");
      const offset = random.pick([0, 0, 4, 8, 4088]);
      stack.write(op(wide ? "i64.store" : "i32.store", offset, memory), 2);
    }
  }

  /** Stores at the sum of a loop's parameters, at one of them, or at two one after the other. */
  throughParameters(): void {
    const { stack, random } = this;
    if (stack.has("ii") && random.oneIn(2)) {
      for (const _ of "ii") {
        this.value("i");
        stack.write(op("i32.store", 0, 0), 2);
      }
      return;
    }
    if (stack.has("ii")) stack.write(op("i32.add"), 2, "i");
    const { local } = this;
    stack.write(op("local.tee", local), 1, "i");
    this.value("i");
    stack.write(op("i32.store", 0, 0), 2);
    for (const offset of [4, 8]) {
      stack.write(op("local.get", local), 0, "i");
      this.value("i");
      stack.write(op("i32.store", offset, 0), 2);
    }
  }
}
