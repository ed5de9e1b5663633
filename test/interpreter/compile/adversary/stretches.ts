/**
 * Long stretches without a check, behind each kind of back-edge and through callees that check nothing; growth that the
 * reference leaves half done at a loop's header; calls through a type that only looks like the callee's.
 *
 * Invariant: that of a motif (motif.ts).
 */
import type { Code } from "../../../../spec-tests/corpus/assembler.ts";
import { op } from "../../../../spec-tests/corpus/assembler.ts";
import type { Motif } from "./motif.ts";

/**
 * A loop that is left at its head and goes back at its end, so that nothing but the back-edge tells how long its turn is.
 * The last instructions before the loop may be those before the back-edge, from where the budget is settled on: then what is
 * pending at both is the same, and the edge is a branch by itself.
 */
function longTurn(motif: Motif, kind: "br" | "br_if" | "br_table"): Code {
  const { shape, random, turn } = motif;
  const time = shape.hosts.findIndex(({ name }) => name === "time_ms");
  const settled = [...op("call", time), ...op("drop")];
  const test = (value: number) => [...settled, ...op("i32.const", value)];
  // No address is in bounds: the way that does not go back ends without a trace of how long it was.
  const end = [...op("i32.const", 0), ...op("i32.load", 0xffff_ffff, 0), ...op("drop")];
  const ways = {
    br: { before: [], back: op("br", 0) },
    br_table: {
      before: [...test(0), ...op("br_table", [0], 0)],
      back: [...test(0), ...op("br_table", [0], 0)],
    },
    br_if: {
      before: [...test(0), ...op("br_if", 0)],
      back: [...test(1), ...op("br_if", 0), ...end],
    },
  };
  const { before, back } = ways[time < 0 ? "br" : kind];
  const nops = motif.nops(150 + random.below(400));
  const long = random.oneIn(3)
    ? [
        ...op("i32.const", 1),
        ...motif.block("if", ":", random.oneIn(2) ? nops : [...nops, ...op("else")]),
      ]
    : nops;
  const body = [
    ...[
      ...op("local.get", turn),
      ...op("i32.const", 1),
      ...op("i32.add"),
      ...op("local.tee", turn),
    ],
    ...[...op("i32.const", 2 + random.below(5)), ...op("i32.ge_s"), ...op("br_if", 1)],
    ...[...long, ...back],
  ];
  return motif.block("block", ":", [
    ...[...op("i32.const", 0), ...op("local.set", turn)],
    ...motif.block("block", ":", before),
    ...motif.block("loop", ":", body),
  ]);
}

/** A callee without a check, many times between two checks. */
function safepointFreeCallees(motif: Motif): Code {
  const { shape, random } = motif;
  const call = op("call", shape.firstOwn);
  const calls = Array.from({ length: 2 + random.below(5) }, () => call).flat();
  return motif.turns(2 + random.below(10), calls);
}

/** Growth at the header, by references that are no null, so that it takes several pieces. */
function growing(motif: Motif): Code {
  const { shape, random } = motif;
  const amount = () => op("i32.const", 40 + random.below(60));
  const operands = () => [...op("ref.func", random.below(shape.functions.length)), ...amount()];
  const body = [...op("table.grow", shape.tables.indexOf("r")), ...op("drop"), ...operands()];
  return motif.turns(2 + random.below(4), body, "ri:", operands());
}

const hostLetters = (signature: string): string => signature.replace(/[rx]/g, "i");

/** An entry whose type is another than the call's, and the same to the host. */
function mistaken(motif: Motif): Code {
  const { shape, random } = motif;
  const pairs = shape.functions.flatMap((signature, callee) =>
    shape.types.flatMap((type, index) =>
      type !== signature && hostLetters(type) === hostLetters(signature)
        ? [{ callee, type, index }]
        : [],
    ),
  );
  if (pairs.length === 0) return [];
  const { callee, type, index } = random.pick(pairs);
  const [params = "", results = ""] = type.split(":");
  return [
    ...[...motif.values(params), ...op("i32.const", callee), ...op("call_indirect", index, 0)],
    ...[...results].flatMap(() => op("drop")),
  ];
}

export function stretches(motif: Motif): Code {
  const { stretch } = motif.shape;
  return motif.random.weighted<() => Code>([
    [
      stretch === undefined ? 0 : 4,
      () =>
        stretch === undefined || stretch === "calls"
          ? safepointFreeCallees(motif)
          : longTurn(motif, stretch),
    ],
    [3, () => growing(motif)],
    [1, () => mistaken(motif)],
  ])();
}
