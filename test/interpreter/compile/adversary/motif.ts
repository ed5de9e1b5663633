/**
 * What the motifs share: whole fragments of code, each made for one thing that an emitter can get wrong, with locals of
 * their own that the rest of a body leaves alone.
 *
 * Invariant: a fragment is valid on any stack and leaves it as it was; its loops end.
 */
import type { Code } from "../../../../spec-tests/corpus/assembler.ts";
import { op } from "../../../../spec-tests/corpus/assembler.ts";
import type { Random } from "../../../differential/random.ts";
import type { AdversaryShape } from "./shape.ts";

/** Behind the locals of the body: a turn, two addresses, floats of each kind. */
const ownLocals = "iiifFfFfFfF";

export type FloatLetter = "f" | "F";

export class Motif {
  static readonly locals = ownLocals;
  readonly random: Random;
  readonly shape: AdversaryShape;
  /** Parameters and locals of the body. */
  readonly locals: string;
  readonly params: string;
  readonly turn: number;
  readonly addresses: readonly [number, number];
  readonly signature: string;

  constructor(random: Random, shape: AdversaryShape, locals: string, signature: string) {
    this.random = random;
    this.shape = shape;
    this.locals = locals;
    this.signature = signature;
    this.params = signature.split(":")[0];
    this.turn = locals.length;
    this.addresses = [this.turn + 1, this.turn + 2];
  }

  /** A local that is only ever set to results of arithmetic, to constants, to both, to a parameter. */
  float(of: "lazy" | "constant" | "exact" | "copy", type: FloatLetter): number {
    const first = { lazy: 3, constant: 5, exact: 7, copy: 9 }[of];
    return this.turn + first + (type === "f" ? 0 : 1);
  }

  block(kind: "block" | "loop" | "if", signature: string, body: Code): Code {
    return [...op(kind, this.shape.types.indexOf(signature)), ...body, ...op("end")];
  }

  /** True or false, for a reason that the emitter does not see. */
  condition(): Code {
    const { random, locals } = this;
    const integers = [...locals].flatMap((type, index) => (type === "i" ? [index] : []));
    return random.weighted<Code>([
      [3, op("i32.const", 1)],
      [2, op("i32.const", 0)],
      [3, [...op("local.get", random.pick(integers)), ...op("i32.const", 1), ...op("i32.and")]],
      [2, [...op("global.get", 0), ...op("i32.const", 1), ...op("i32.and")]],
    ]);
  }

  /** A loop that goes round so many times, to its header by one kind of branch or another. */
  turns(turns: number, body: Code, signature = ":", arguments_: Code = []): Code {
    const { turn, random } = this;
    const count = [
      ...[...op("local.get", turn), ...op("i32.const", 1), ...op("i32.add")],
      ...[...op("local.tee", turn), ...op("i32.const", turns)],
    ];
    const [params = ""] = signature.split(":");
    const back = random.weighted<Code>([
      [2, [...op("i32.lt_s"), ...op("br_if", 0)]],
      [params === "" ? 1 : 0, [...op("i32.ge_s"), ...op("br_table", [0, 1], 1)]],
      [params === "" ? 1 : 0, [...op("i32.lt_s"), ...op("if", ""), ...op("br", 1), ...op("end")]],
    ]);
    const loop = this.block("loop", signature, [
      ...body,
      ...count,
      ...back,
      ...this.dropped(params),
    ]);
    const start = [...op("i32.const", 0), ...op("local.set", turn), ...arguments_];
    return params === "" ? this.block("block", ":", [...start, ...loop]) : [...start, ...loop];
  }

  private dropped(types: string): Code {
    return [...types].flatMap(() => op("drop"));
  }

  nops(count: number): Code {
    return Array.from({ length: count }, () => op("nop")).flat();
  }

  /** Values of these types, floats among them often NaNs that arithmetic has made. */
  values(types: string): Code {
    return [...types].flatMap((type) => {
      if (type === "f" || type === "F") {
        return this.random.oneIn(2) ? this.lazyNan(type) : this.payload(type);
      }
      if (type === "r" || type === "x") return op("ref.null", type);
      return op(type === "i" ? "i32.const" : "i64.const", this.random.below(200));
    });
  }

  /** Results of the function, to return with. */
  returned(): Code {
    return [...this.values(this.signature.split(":")[1]), ...op("return")];
  }

  /** A NaN with bits of its own. */
  payload(type: FloatLetter): Code {
    const { random } = this;
    const sign = random.oneIn(2) ? 0 : 1;
    const quiet = random.oneIn(2) ? 0 : 1;
    const bits = 1 + random.below(0x3fffff);
    if (type === "f") {
      return op("f32.const", sign * 0x8000_0000 + 0x7f80_0000 + quiet * 0x40_0000 + bits);
    }
    const high = BigInt(sign * 0x8000_0000 + 0x7ff0_0000 + quiet * 0x8_0000);
    return op("f64.const", (high << 32n) | BigInt(bits));
  }

  /** A NaN out of arithmetic, with the operand's bits unless it is made canonical. */
  lazyNan(type: FloatLetter): Code {
    const one =
      type === "f" ? op("f32.const", 0x3f80_0000) : op("f64.const", 0x3ff0_0000_0000_0000n);
    return [...this.payload(type), ...one, ...op(type === "f" ? "f32.add" : "f64.add")];
  }

  /** Takes a float off the stack and mixes its bits into a global. */
  exposed(type: FloatLetter): Code {
    const low = type === "f" ? op("i32.reinterpret_f32") : op("i64.reinterpret_f64");
    return [
      ...low,
      ...(type === "f" ? [] : op("i32.wrap_i64")),
      ...[...op("global.get", 0), ...op("i32.const", 5), ...op("i32.rotl")],
      ...[...op("i32.xor"), ...op("global.set", 0)],
    ];
  }
}
