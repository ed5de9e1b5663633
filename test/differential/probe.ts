/**
 * The body of a probe: a straight line of single instructions on edge values, each result stored where the final
 * comparison of memories sees it. What the random expressions rarely let through, this does not hide.
 */
import { type Code, op } from "../../spec-tests/corpus/assembler.ts";
import type { InstructionRow } from "../../src/interpreter/isa/table.ts";
import { operandsOf, producersOf, resultOf } from "./rowSets.ts";
import { probeSignature } from "./shape.ts";
import { CodeGenerator, storesOf } from "./statements.ts";
import { constant } from "./values.ts";

const [parameters = ""] = probeSignature(true).split(":");
const probes = 80;
const resultsAt = 8_192;
const resultBytes = 16;
const storesAt = 12_288;

type Mnemonic = Parameters<typeof op>[0];

/** Each row once, whatever its weight elsewhere. */
const allOf = (vectors: boolean) => [...new Set(Object.values(producersOf(vectors)).flat())];
const isSafe = (row: InstructionRow): boolean => row.width !== undefined || row.traps.length === 0;
const storeOf: Readonly<Record<string, Mnemonic>> = {
  i: "i32.store",
  I: "i64.store",
  f: "f32.store",
  F: "f64.store",
  v: "v128.store",
};

/** What an atomic access takes, which would end the probe elsewhere. */
function alignedTo({ family, width = 1 }: InstructionRow, address: number): number {
  return family === "atomic" ? address - (address % width) : address;
}

export class ProbeGenerator extends CodeGenerator {
  /** Rows that trap on some operands come last, one: what follows a trap would not run. */
  override body(): Code[] {
    const all = allOf(this.shape.vectors);
    const safe = all.filter(isSafe);
    const lines = Array.from({ length: probes }, (_, at) =>
      this.random.oneIn(6) ? this.storeProbe() : this.probe(this.random.pick(safe), at),
    );
    return [...lines, this.probe(this.random.pick(all.filter((row) => !isSafe(row))), probes)];
  }

  private probe(row: InstructionRow, at: number): Code {
    const isLoad = row.width !== undefined;
    const values = operandsOf(row).slice(isLoad ? 1 : 0);
    return [
      ...this.numberOf(0, resultsAt + resultBytes * at),
      ...(isLoad
        ? this.numberOf(0, resultsAt + alignedTo(row, this.random.below(8 * probes)))
        : []),
      ...[...values].flatMap((type) => this.operand(type)),
      ...this.instruction(row),
      ...op(storeOf[resultOf(row)]),
    ];
  }

  private storeProbe(): Code {
    const row = this.random.pick(storesOf(this.shape.vectors));
    return [
      ...this.numberOf(0, storesAt + alignedTo(row, this.random.below(500))),
      ...this.operand(operandsOf(row)[1]),
      ...op(
        row.mnemonic as Mnemonic,
        ...this.immediates(row),
        alignedTo(row, this.random.below(9)),
      ),
    ];
  }

  private operand(type: string): Code {
    if (this.random.oneIn(3)) return op("local.get", parameters.indexOf(type));
    return constant(this.random, type);
  }
}
