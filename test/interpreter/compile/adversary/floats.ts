/**
 * NaNs of every payload on their way through arithmetic to where their bits can be seen: locals, globals, memory, other
 * bits, or whatever takes them from the stack.
 *
 * Invariant: what is written is valid on any stack.
 */
import { op } from "../../../../spec-tests/corpus/assembler.ts";
import type { Random } from "../../../differential/random.ts";
import type { Stack } from "./frame.ts";
import type { AdversaryShape } from "./shape.ts";

const binary = {
  f: ["f32.add", "f32.sub", "f32.mul", "f32.div", "f32.min", "f32.max", "f32.copysign"],
  F: ["f64.add", "f64.sub", "f64.mul", "f64.div", "f64.min", "f64.max", "f64.copysign"],
} as const;
const unary = {
  f: ["f32.sqrt", "f32.nearest", "f32.neg", "f32.abs", "f32.ceil"],
  F: ["f64.sqrt", "f64.nearest", "f64.neg", "f64.abs", "f64.trunc"],
} as const;

type FloatLetter = "f" | "F";

export class Floats {
  private readonly random: Random;
  private readonly shape: AdversaryShape;
  private readonly stack: Stack;
  private readonly locals: string;

  constructor(random: Random, shape: AdversaryShape, stack: Stack, locals: string) {
    this.random = random;
    this.shape = shape;
    this.stack = stack;
    this.locals = locals;
  }

  /** A value that is often a NaN with a payload of its own, an operation, and a place where it goes. */
  write(): void {
    const { random, stack } = this;
    let type: FloatLetter = random.pick(["f", "F"]);
    this.operand(type);
    for (let left = 1 + random.below(2); left > 0; left--) {
      if (random.oneIn(3)) {
        stack.write(op(random.pick(unary[type])), 1, type);
      } else if (random.oneIn(6)) {
        const next = type === "f" ? "F" : "f";
        stack.write(op(type === "f" ? "f64.promote_f32" : "f32.demote_f64"), 1, next);
        type = next;
      } else if (random.oneIn(4)) {
        this.operand(type);
        stack.push("i");
        stack.write(op("select"), 3, type);
      } else {
        this.operand(type);
        stack.write(op(random.pick(binary[type])), 2, type);
      }
    }
    this.sink(type);
  }

  private operand(type: FloatLetter): void {
    const { random, stack, locals } = this;
    const local = locals.indexOf(type);
    if (local >= 0 && random.oneIn(3)) stack.write(op("local.get", local), 0, type);
    else if (random.oneIn(3)) stack.push(type);
    else if (type === "f") stack.write(op("f32.const", this.payload(0x7f800001)), 0, type);
    else
      stack.write(
        [...op("i64.const", 0x7ff0_0000_0bad_0001n), ...op("f64.reinterpret_i64")],
        0,
        type,
      );
  }

  /** Quiet or not, of either sign. */
  private payload(infinity: number): number {
    const bits = infinity + this.random.below(0x7fffff);
    return this.random.oneIn(2) ? bits : bits + 0x80000000;
  }

  private sink(type: FloatLetter): void {
    const { random, stack, locals, shape } = this;
    const global = shape.globals.indexOf(type);
    const local = locals.lastIndexOf(type);
    if (random.oneIn(4) && global >= 0) {
      stack.write(op("global.set", global), 1);
    } else if (random.oneIn(3) && local >= 0) {
      const isTee = random.oneIn(2);
      stack.write(op(isTee ? "local.tee" : "local.set", local), 1, isTee ? type : "");
    } else if (random.oneIn(5)) {
      const seen = type === "f" ? "i32.reinterpret_f32" : "i64.reinterpret_f64";
      stack.write(op(seen), 1, type === "f" ? "i" : "I");
    }
  }
}
