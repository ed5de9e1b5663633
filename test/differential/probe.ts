/**
 * The body of a probe: a straight line of single instructions on edge values, each result stored where the final
 * comparison of memories sees it. What the random expressions rarely let through, this does not hide.
 */
import { type Code, op } from "../../spec-tests/corpus/assembler.ts";
import type { InstructionRow } from "../../src/interpreter/isa/table.ts";
import { makesNan, operandsOf, producers, resultOf, rows } from "./expressions.ts";
import { probeSignature } from "./shape.ts";
import { CodeGenerator } from "./statements.ts";
import { constant } from "./values.ts";

const [parameters = ""] = probeSignature.split(":");
const probes = 80;
const resultsAt = 8_192;
const storesAt = 12_288;

type Mnemonic = Parameters<typeof op>[0];

/** Each row once, whatever its weight elsewhere. */
const all = [...new Set(Object.values(producers).flat())];
const safe = all.filter((row) => row.width !== undefined || row.traps.length === 0);
const trapping = all.filter((row) => !safe.includes(row));
const stores = rows.filter((row) => row.width !== undefined && resultOf(row) === "");
const storeOf: Readonly<Record<string, Mnemonic>> = {
  i: "i32.store",
  I: "i64.store",
  f: "f32.store",
  F: "f64.store",
};

export class ProbeGenerator extends CodeGenerator {
  /** Rows that trap on some operands come last, one: what follows a trap would not run. */
  override body(): Code[] {
    const lines = Array.from({ length: probes }, (_, at) =>
      this.random.oneIn(6) ? this.storeProbe() : this.probe(this.random.pick(safe), at),
    );
    return [...lines, this.probe(this.random.pick(trapping), probes)];
  }

  private probe(row: InstructionRow, at: number): Code {
    const mnemonic = row.mnemonic as Mnemonic;
    const isLoad = row.width !== undefined;
    const operands = isLoad
      ? op("i32.const", resultsAt + this.random.below(8 * probes))
      : [...operandsOf(row)].flatMap((type) => this.operand(type));
    const type = resultOf(row);
    return [
      ...op("i32.const", resultsAt + 8 * at),
      ...operands,
      ...op(mnemonic),
      ...(makesNan(row) && this.canonicalNans ? this.canonical(type) : []),
      ...op(storeOf[type]),
    ];
  }

  private storeProbe(): Code {
    const row = this.random.pick(stores);
    return [
      ...op("i32.const", storesAt + this.random.below(500)),
      ...this.operand(operandsOf(row)[1]),
      ...op(row.mnemonic as Mnemonic, this.random.below(9)),
    ];
  }

  private operand(type: string): Code {
    if (this.random.oneIn(3)) return op("local.get", parameters.indexOf(type));
    return constant(this.random, type);
  }
}
