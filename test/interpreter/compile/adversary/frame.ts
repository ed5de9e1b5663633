/**
 * The operand stack and the labels of a random body under construction, as validation sees them.
 *
 * Invariant: `types` holds what lies on the stack inside the innermost block; code is only written through here.
 */
import type { Code } from "../../../../spec-tests/corpus/assembler.ts";
import { op } from "../../../../spec-tests/corpus/assembler.ts";
import type { Random } from "../../../differential/random.ts";
import { constant } from "../../../differential/values.ts";

const bitsOf = { f: 32, F: 64 } as const;

/** A NaN with a payload of its own, which arithmetic hands on and the machine does not. */
function nanOf(type: "f" | "F"): Code {
  if (type === "f") return op("f32.const", 0x7f80_0bad);
  return op("f64.const", 0x7ff0_0000_0bad_0001n);
}

export interface Label {
  /** Types that a branch to it carries. */
  readonly arity: string;
  readonly isLoop: boolean;
}

export class Stack {
  readonly code: Code[] = [];
  readonly labels: Label[] = [];
  types = "";
  private readonly random: Random;

  /** Functions that a reference may name. */
  private readonly functions: number;

  constructor(random: Random, functions: number) {
    this.random = random;
    this.functions = functions;
  }

  write(code: Code, pops = 0, pushes = ""): void {
    this.code.push(code);
    this.types = this.types.slice(0, this.types.length - pops) + pushes;
  }

  push(type: string): void {
    const { random } = this;
    if (type === "r" && !random.oneIn(3)) {
      this.write(op("ref.func", random.below(this.functions)), 0, type);
      return;
    }
    if ((type === "f" || type === "F") && random.oneIn(3)) {
      this.write(
        [...nanOf(type), ...constant(random, type), ...op(`f${bitsOf[type]}.add`)],
        0,
        type,
      );
      return;
    }
    this.write(constant(random, type), 0, type);
  }

  /** Whether the topmost operands are of these types. */
  has(types: string): boolean {
    return this.types.endsWith(types);
  }

  /** Makes the topmost operands these types, with what is there where it fits. */
  bring(types: string): void {
    let kept = Math.min(types.length, this.types.length);
    while (kept > 0 && !this.types.endsWith(types.slice(0, kept))) kept--;
    for (const type of types.slice(kept)) this.push(type);
  }

  /** Makes the whole stack of the block these types. */
  settle(types: string): void {
    let kept = 0;
    while (kept < types.length && this.types[kept] === types[kept]) kept++;
    while (this.types.length > kept) this.write(op("drop"), 1);
    for (const type of types.slice(kept)) this.push(type);
  }
}
