/**
 * Stores through addresses that labels part or bring together: one guard may serve some of them, and what it must not
 * serve lies in a chunk of its own.
 *
 * Invariant: that of a motif (motif.ts).
 */
import type { Code } from "../../../../spec-tests/corpus/assembler.ts";
import { op } from "../../../../spec-tests/corpus/assembler.ts";
import type { Motif } from "./motif.ts";

const chunk = 4096;

/** Into one of the first memory's chunks, near its end. */
function place({ random }: Motif, local: number): Code {
  const near = chunk * (1 + random.below(12)) + random.pick([-16, -12, -8, -8]);
  return [...op("i32.const", near), ...op("local.set", local)];
}

/** Stores through a local, at offsets. */
function through({ random }: Motif, local: number, offsets: readonly number[]): Code {
  return offsets.flatMap((offset) => [
    ...op("local.get", local),
    ...op("i32.const", 1 + random.below(1000)),
    ...op("i32.store", offset, 0),
  ]);
}

function moved(local: number, by: number): Code {
  const sum = [...op("local.get", local), ...op("i32.const", by), ...op("i32.add")];
  return [...sum, ...op("local.set", local)];
}

const plus = (local: number, by: number): Code => [
  ...op("local.get", local),
  ...op("i32.const", by),
  ...op("i32.add"),
];

/** A branch goes past stores; others through the same address stand behind its label. */
function behindEnd(motif: Motif, local: number): Code {
  const early = motif.random.oneIn(2) ? through(motif, local, [0]) : [];
  const skipped = through(motif, local, [0, 8]);
  const out = [...motif.condition(), ...op("br_if", 0)];
  return [
    ...place(motif, local),
    ...motif.block("block", ":", [...early, ...out, ...skipped]),
    ...through(motif, local, motif.random.pick([[0], [4, 0], [8]])),
  ];
}

/** The same through an address that lay on the stack all the while. */
function carriedPast(motif: Motif, local: number): Code {
  const out = [...motif.condition(), ...op("br_if", 0)];
  return [
    ...place(motif, local),
    ...op("local.get", local),
    ...motif.block("block", ":", [...out, ...through(motif, local, [0, 4])]),
    ...[...op("i32.const", 7), ...op("i32.store", 0, 0)],
  ];
}

function inBranches(motif: Motif, local: number): Code {
  const both = [
    ...through(motif, local, [0, 4]),
    ...op("else"),
    ...through(motif, local, motif.random.pick([[0], [4, 8]])),
  ];
  return [...place(motif, local), ...motif.condition(), ...motif.block("if", ":", both)];
}

/** One store happens, and a far one behind a condition may not. */
function farBehindCondition(motif: Motif, local: number): Code {
  const far = through(motif, local, [motif.random.pick([24, 4080, 4080])]);
  const condition = motif.condition();
  const guarded = motif.random.oneIn(2)
    ? [...condition, ...motif.block("if", ":", far)]
    : motif.block("block", ":", [...condition, ...op("br_if", 0), ...far]);
  return [...place(motif, local), ...through(motif, local, [0]), ...guarded];
}

/** Two parameters of a loop are one address at first and go apart. */
function apart(motif: Motif, local: number): Code {
  const { random } = motif;
  const stores = [0, 1].flatMap(() => [
    ...op("i32.const", random.below(99)),
    ...op("i32.store", 0, 0),
  ]);
  const body = [
    ...stores,
    ...moved(local, random.pick([0, 4, 8])),
    ...[
      ...plus(local, random.pick([8192, 4096, 8])),
      ...plus(local, random.pick([0, 4096, 16_384])),
    ],
  ];
  const both = [...op("local.get", local), ...plus(local, random.pick([0, 4]))];
  return [...place(motif, local), ...motif.turns(2 + random.below(4), body, "ii:", both)];
}

/** An address that is ready before a loop moves on in it. */
function throughLoop(motif: Motif, local: number): Code {
  const { random } = motif;
  const body = [...through(motif, local, [0]), ...moved(local, random.pick([4, 4096, 4096, 8192]))];
  return [
    ...place(motif, local),
    ...through(motif, local, [0, 4]),
    ...motif.turns(2 + random.below(3), body),
  ];
}

/** Stores at distances that one guard serves, or just does not. */
function wide(motif: Motif, local: number): Code {
  const offsets = motif.random.pick([
    [0, 4096, 8192],
    [0, 8192, 4096],
    [8192, 0, 4096],
    [4080, 0, 8176],
    [0, 4092],
    [4096, 0],
  ]);
  return [...place(motif, local), ...through(motif, local, offsets)];
}

/** Alone, and over an edge. */
function straddling(motif: Motif, local: number): Code {
  const { random } = motif;
  const at = chunk * (1 + random.below(12)) - random.pick([1, 2, 3, 4]);
  const store = [...op("local.get", local), ...op("i64.const", -2n), ...op("i64.store", 0, 0)];
  const body = [...motif.condition(), ...op("br_if", 0), ...store];
  return [...op("i32.const", at), ...op("local.set", local), ...motif.block("block", ":", body)];
}

export function storesAtLabels(motif: Motif): Code {
  const { random, addresses } = motif;
  const write = random.weighted([
    [2, behindEnd],
    [3, carriedPast],
    [2, inBranches],
    [2, farBehindCondition],
    [2, apart],
    [3, throughLoop],
    [4, wide],
    [3, straddling],
  ]);
  return write(motif, random.pick(addresses));
}
