/**
 * Instructions that the fast path leaves to the reference, does at once, or asks the executor for, with their operands.
 *
 * Invariant: what is written is valid on any stack; indices are those of the module's shape.
 */
import type { Code } from "../../../../spec-tests/corpus/assembler.ts";
import { op } from "../../../../spec-tests/corpus/assembler.ts";
import type { Random } from "../../../differential/random.ts";
import type { Stack } from "./frame.ts";
import type { AdversaryShape } from "./shape.ts";

/** Segments 0 and 1 of each kind are passive. */
const passive = 2;

const numbers = (random: Random, most: readonly number[]): Code =>
  most.flatMap((limit) => op("i32.const", random.below(limit)));

/** Writes one of them. */
export function leftFirst(random: Random, shape: AdversaryShape, stack: Stack): void {
  const table = random.below(shape.tables.length);
  const type = shape.tables[table];
  const other = shape.tables.lastIndexOf(type);
  const memory = random.below(shape.memories);
  const source = random.below(shape.memories);
  const segment = random.below(passive);
  const entries = shape.functions.length + 4;
  const simple = (code: Code, pushes = "") => stack.write(code, 0, pushes);
  const bytes = random.oneIn(3) ? [65_000, 65_000, 9000] : [9000, 9000, 300];
  random.weighted<() => void>([
    [4, () => simple(op("table.size", table), "i")],
    [2, () => simple([...numbers(random, [entries]), ...op("table.get", table)], type)],
    [2, () => simple([...reference(random, shape, type, entries), ...op("table.set", table)])],
    [2, () => grow(random, stack, table, type)],
    [1, () => simple([...fillOf(random, type, entries), ...op("table.fill", table)])],
    [
      1,
      () => simple([...numbers(random, [entries, entries, 4]), ...op("table.copy", other, table)]),
    ],
    [1, () => simple([...numbers(random, [entries, 2, 2]), ...op("table.init", segment, 0)])],
    [1, () => simple(op("elem.drop", segment))],
    [1, () => simple(op("data.drop", segment))],
    [2, () => simple([...numbers(random, [2]), ...op("memory.grow", memory)], "i")],
    [1, () => simple(op("memory.size", memory), "i")],
    [2, () => simple([...numbers(random, bytes), ...op("memory.fill", memory)])],
    [2, () => simple([...numbers(random, bytes), ...op("memory.copy", memory, source)])],
    [2, () => simple([...numbers(random, [9000, 20, 20]), ...op("memory.init", segment, memory)])],
    [3, () => hostCall(random, shape, stack)],
  ])();
}

function reference(random: Random, shape: AdversaryShape, type: string, entries: number): Code {
  const isFunction = type === "r" && random.oneIn(2);
  const own = random.below(shape.functions.length);
  return [
    ...op("i32.const", random.oneIn(6) ? 3 : random.below(entries)),
    ...(isFunction ? op("ref.func", own) : op("ref.null", type)),
  ];
}

/** Half done, it holds more than its operands' types do. */
function grow(random: Random, stack: Stack, table: number, type: string): void {
  const by = random.oneIn(3) ? 40 + random.below(60) : random.below(3);
  if (!stack.has(`${type}i`)) {
    stack.push(type);
    stack.write(op("i32.const", by), 0, "i");
  }
  stack.write(op("table.grow", table), 2, "i");
}

function fillOf(random: Random, type: string, entries: number): Code {
  const start = op("i32.const", entries - random.below(5));
  return [...start, ...op("ref.null", type), ...op("i32.const", random.below(60))];
}

function hostCall(random: Random, shape: AdversaryShape, stack: Stack): void {
  if (shape.hosts.length === 0) return;
  const index = random.below(shape.hosts.length);
  const { name, signature } = shape.hosts[index];
  if (name === "unheard_of" && !random.oneIn(4)) return;
  const [params = "", results = ""] = signature.split(":");
  stack.bring(params);
  stack.write(op("call", index), params.length, results);
}

/** The time, which shows how much fuel a function without checks and its callers have used. */
export function timeFirst(shape: AdversaryShape, stack: Stack): void {
  const time = shape.hosts.findIndex(({ name }) => name === "time_ms");
  if (time >= 0) stack.write(op("call", time), 0, "I");
}
