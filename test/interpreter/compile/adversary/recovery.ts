/**
 * Programs for what is taken back and begun again: entries that read what they have overwritten, drop what they have used,
 * grow, pay for chunks before they ask for the time, and then trap; loops that are resumed in one branch of a condition inside
 * another loop.
 *
 * Invariant: a program is a function of its seed; whatever a function has seen is mixed into global 0.
 */
import type { Code } from "../../../../spec-tests/corpus/assembler.ts";
import { assemble, op } from "../../../../spec-tests/corpus/assembler.ts";
import { Random } from "../../../differential/random.ts";
import type { AdversaryModule } from "./generator.ts";

const entries = 8;
const segments = 2;
const segmentSize = 8;
const chunkBytes = 4096;
/** Chunks of the one page that a memory has at least. */
const chunks = 16;
const time = 0;
/** Two functions that give a number each. */
const constants = 1;
/** The first of the functions that are run. */
const firstRun = 3;
/** Locals: turns of an outer and of an inner loop. */
const outer = 0;
const inner = 1;

const number = (value: number): Code => op("i32.const", value);

/** Mixes an i32 into global 0. */
const mixed = (value: Code): Code => [
  ...[...value, ...op("global.get", 0), ...number(5), ...op("i32.rotl")],
  ...[...op("i32.xor"), ...op("global.set", 0)],
];

function loop(counter: number, turns: number, body: Code): Code {
  return [
    ...[...number(turns), ...op("local.set", counter), ...op("loop", ""), ...body],
    ...[...op("local.get", counter), ...number(1), ...op("i32.sub")],
    ...[...op("local.tee", counter), ...op("br_if", 0), ...op("end")],
  ];
}

const work = (random: Random): Code =>
  loop(inner, 1 + random.below(30), mixed(op("local.get", inner)));

/** Copies from a segment and drops it: once more it would be out of bounds. */
function dropped(random: Random): Code {
  const segment = random.below(segments);
  const operands = [random.below(entries - 2), random.below(3), random.below(3)].flatMap(number);
  return random.oneIn(2)
    ? [...operands, ...op("table.init", segment, 0), ...op("elem.drop", segment)]
    : [...operands, ...op("memory.init", segment, 0), ...op("data.drop", segment)];
}

/** Looks at an entry and makes it null, or not null. */
function overwritten(random: Random): Code {
  const at = number(random.below(entries));
  const reference = random.oneIn(2) ? op("ref.null", "r") : op("ref.func", constants);
  return [
    ...mixed([...at, ...op("table.get", 0), ...op("ref.is_null")]),
    ...[...at, ...reference, ...op("table.set", 0)],
  ];
}

/** Calls what it has just put into an entry, and what it puts there then. */
function called(random: Random): Code {
  const at = number(random.below(entries));
  const first = random.below(2);
  return [first, 1 - first].flatMap((which) => [
    ...[...at, ...op("ref.func", constants + which), ...op("table.set", 0)],
    ...mixed([...at, ...op("call_indirect", 1, 0)]),
  ]);
}

function grown(random: Random): Code {
  const growth = random.oneIn(3)
    ? [...op("ref.func", constants), ...number(random.below(40)), ...op("table.grow", 0)]
    : [...number(random.below(3)), ...op("memory.grow", 0)];
  return [
    ...[...mixed(op("memory.size", 0)), ...mixed(op("table.size", 0)), ...mixed(growth)],
    ...mixed(op("memory.size", 0)),
  ];
}

/** Bytes that are read, then written, some of them across two chunks. */
function stored(random: Random): Code {
  const straddles = random.oneIn(3) ? -1 - random.below(7) : random.below(64);
  const at = number((1 + random.below(chunks - 1)) * chunkBytes + straddles);
  return [
    ...mixed([...at, ...op("i32.load", 0, 0)]),
    ...[...at, ...op("i64.const", random.below(1000)), ...op("i64.store", 0, 0)],
  ];
}

/** The time before and behind the first writes to chunks. */
function timed(random: Random): Code {
  const now = mixed([...op("call", time), ...op("i32.wrap_i64")]);
  return [...stored(random), ...now, ...stored(random), ...stored(random), ...now];
}

/** A long loop in one branch of a condition, in a loop that takes both branches. */
function branched(random: Random): Code {
  const turns = mixed(op("local.get", inner));
  const long = loop(inner, 10 + random.below(40), turns);
  const short = mixed(number(random.below(1000)));
  const [then, otherwise] = random.oneIn(3) ? [long, short] : [short, long];
  return loop(outer, 2 + random.below(4), [
    ...[
      ...mixed(op("local.get", outer)),
      ...op("local.get", outer),
      ...number(1),
      ...op("i32.and"),
    ],
    ...[...op("if", ""), ...then, ...op("else"), ...otherwise, ...op("end")],
    ...mixed(number(random.below(1000))),
  ]);
}

/** What ends the call, or nothing. */
function ending(random: Random): Code {
  return random.pick<Code>([
    [],
    op("unreachable"),
    [...number(1), ...op("global.get", 1), ...op("i32.div_s"), ...op("drop")],
    [...number(-4), ...op("i32.load", 0, 0), ...op("drop")],
    [...number(entries + 3000), ...op("call_indirect", 0, 0)],
    [...number(-4), ...number(1), ...op("i32.store", 0, 0)],
  ]);
}

const fragments = [work, dropped, overwritten, called, grown, stored, timed, branched];

function body(random: Random): Code[] {
  const code = Array.from({ length: 1 + random.below(7) }, () => random.pick(fragments)(random));
  return [...code, ending(random)];
}

export function recoveryModules(seed: number): AdversaryModule[] {
  const random = new Random(seed ^ 0x510e527f);
  const functions = Array.from({ length: 4 }, (_, index) => ({
    signature: ":",
    locals: "ii",
    body: body(random),
    export: `f${index}`,
  }));
  const giving = [11, 22].map((value) => ({ signature: ":i", body: [number(value)] }));
  const all = functions.map((_, index) => firstRun + index);
  const bytes = assemble({
    types: [":", ":i"],
    imports: [{ module: "arbiter", name: "time_ms", func: ":I" }],
    tables: [{ type: "r", limits: [entries, 3000] }],
    memories: [[1, 4]],
    globals: ["i", "i"].map((type) => ({ type, mutable: true, init: number(0) })),
    functions: [...giving, ...functions],
    elements: [
      ...Array.from({ length: segments }, () => ({
        functions: Array.from({ length: segmentSize }, () => random.pick(all)),
      })),
      { at: { offset: number(0) }, functions: [...all, constants, constants + 1] },
    ],
    data: Array.from({ length: segments }, () => ({
      bytes: Array.from({ length: segmentSize }, () => random.below(256)),
    })),
  });
  return [{ name: "recovery", bytes }];
}
