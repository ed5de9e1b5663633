/**
 * Random lists of WASI calls, as a function of their seed, and what of their results is specified (docs/wasi.md): error
 * numbers, and what a call puts out but for times, numbers of files and the order of a directory's entries.
 */
import type { Random } from "../differential/random.ts";
import type { Call, CallList, CallResults } from "./calls.ts";

/** Paths and contents lie from here on, each in a place of its own. */
const textsAt = 1024;
/** Each call puts out into a slot of its own. */
const slotsAt = 8192;
const slotBytes = 640;
const bufferBytes = 512;

const components = ["a", "b", "d", "d/f", "d/e", "l", "m", "d/l", "file", "a/b"] as const;
const oddities = [
  ".",
  "d/..",
  "d/../d/f",
  "l/f",
  "a/",
  "d/",
  "l/",
  "file/",
  "m/",
  "d//f",
  "/a",
  "",
  "file/x",
] as const;
const targets = [
  "a",
  "d",
  "d/f",
  "nowhere",
  "l",
  "m",
  "f",
  "d/",
  ".",
  "file",
  "./d/e",
  "file/",
] as const;
const times = [0n, 1_000_000_007n, 1_700_000_000_123_456_789n] as const;
/** Flags that do not contradict each other: with others node:wasi keeps its lock, and hangs at the next call. */
const timeFlags = [0, 1, 2, 4, 5, 8, 10] as const;
const all = (1n << 28n) - 1n;
/** Datasync, write, allocate, set size: node:wasi opens for writing for any of them. */
const writes = (1n << 0n) | (1n << 6n) | (1n << 8n) | (1n << 22n);

class Texts {
  readonly memory: [number, Uint8Array][] = [];
  #next = textsAt;
  readonly #places = new Map<string, readonly [number, number]>();

  place(text: string): readonly [number, number] {
    const known = this.#places.get(text);
    if (known) return known;
    const bytes = new TextEncoder().encode(text);
    const placed = [bytes.length > 0 ? this.#next : 1000, bytes.length] as const;
    if (bytes.length > 0) this.memory.push([this.#next, bytes]);
    this.#next += (bytes.length + 7) & ~7;
    this.#places.set(text, placed);
    return placed;
  }

  words(words: readonly number[]): number {
    const at = this.#next;
    this.memory.push([at, new Uint8Array(Uint32Array.from(words).buffer)]);
    this.#next += words.length * 4;
    return at;
  }
}

const path = (random: Random, texts: Texts) =>
  texts.place(random.oneIn(4) ? random.pick(oddities) : random.pick(components));
const fd = (random: Random) =>
  random.oneIn(3) ? 3 : random.oneIn(20) ? random.pick([9, 99]) : 4 + random.below(3);
const directory = (random: Random) => (random.oneIn(8) ? 4 + random.below(3) : 3);
const offset = (random: Random) =>
  random.oneIn(12) ? random.pick([1n << 63n, -1n]) : BigInt(random.below(40));

function openCall(random: Random, texts: Texts, at: number): Call {
  const options = random.pick([0, 0, 0, 1, 1, 1, 2, 5, 8, 9, 13]);
  const rights = random.oneIn(2) ? all : all & ~writes;
  return [
    "path_open",
    directory(random),
    1,
    ...path(random, texts),
    options,
    rights,
    all,
    random.oneIn(4) ? 1 : 0,
    at,
  ];
}

function fileCall(random: Random, texts: Texts, at: number): Call {
  const list = texts.words([at + 64, random.below(20), at + 100, random.below(20)]);
  const text = texts.place("the quick brown fox");
  const out = texts.words([text[0], random.below(19), text[0] + 4, random.below(15)]);
  const whence = random.oneIn(12) ? 3 : random.below(3);
  return random.pick<Call>([
    ["fd_read", fd(random), list, random.below(3), at],
    ["fd_pread", fd(random), list, random.below(3), offset(random), at],
    ["fd_write", fd(random), out, random.below(3), at],
    ["fd_write", fd(random), out, random.below(3), at],
    ["fd_pwrite", fd(random), out, random.below(3), offset(random), at],
    ["fd_seek", fd(random), random.oneIn(3) ? -offset(random) : offset(random), whence, at],
    ["fd_tell", fd(random), at],
    ["fd_filestat_set_size", fd(random), random.oneIn(12) ? -1n : BigInt(random.below(60))],
    ["fd_allocate", fd(random), BigInt(random.below(30)), BigInt(1 + random.below(30))],
    ["fd_sync", fd(random)],
  ]);
}

function descriptorCall(random: Random, at: number): Call {
  return random.pick<Call>([
    ["fd_close", 4 + random.below(3)],
    ["fd_close", 4 + random.below(3)],
    ["fd_renumber", 4 + random.below(2), 6],
    ["fd_fdstat_get", fd(random), at],
    ["fd_fdstat_set_flags", fd(random), random.below(2)],
    ["fd_filestat_get", fd(random), at],
    [
      "fd_filestat_set_times",
      fd(random),
      random.pick(times),
      random.pick(times),
      random.pick(timeFlags),
    ],
    ["fd_readdir", directory(random), at + 64, bufferBytes, 0n, at],
  ]);
}

function pathCall(random: Random, texts: Texts, at: number): Call {
  const one = () => [directory(random), ...path(random, texts)] as const;
  const lookup = random.below(2);
  return random.pick<Call>([
    ["path_create_directory", ...one()],
    ["path_remove_directory", ...one()],
    ["path_unlink_file", ...one()],
    ["path_rename", ...one(), ...one()],
    ["path_rename", ...one(), ...one()],
    ["path_link", directory(random), 0, ...path(random, texts), ...one()],
    ["path_symlink", ...texts.place(random.pick(targets)), ...one()],
    ["path_symlink", ...texts.place(random.pick(targets)), ...one()],
    ["path_readlink", ...one(), at + 64, 100, at],
    ["path_filestat_get", directory(random), lookup, ...path(random, texts), at],
    [
      "path_filestat_set_times",
      directory(random),
      lookup,
      ...path(random, texts),
      random.pick(times),
      random.pick(times),
      random.pick(timeFlags),
    ],
  ]);
}

/** A list of so many calls. */
export function randomCalls(random: Random, count: number): CallList {
  const texts = new Texts();
  const calls: Call[] = [
    ["path_create_directory", 3, ...texts.place("d")],
    ["path_open", 3, 0, ...texts.place("d/f"), 1, all, all, 0, slotsAt + slotBytes],
    ["path_symlink", ...texts.place("d"), 3, ...texts.place("l")],
  ];
  while (calls.length < count) {
    const at = slotsAt + calls.length * slotBytes;
    calls.push(
      random.weighted<() => Call>([
        [3, () => openCall(random, texts, at)],
        [5, () => fileCall(random, texts, at)],
        [3, () => descriptorCall(random, at)],
        [8, () => pathCall(random, texts, at)],
      ])(),
    );
  }
  return { calls, memory: texts.memory };
}

function entriesOf(slot: Uint8Array): string[] {
  const view = new DataView(slot.buffer, slot.byteOffset);
  const end = 64 + view.getUint32(0, true);
  const entries: string[] = [];
  for (let at = 64; at + 24 <= end; ) {
    const length = view.getUint32(at + 16, true);
    const name = new TextDecoder().decode(slot.subarray(at + 24, at + 24 + length));
    entries.push(`${name}:${slot[at + 20]}`);
    at += 24 + length;
  }
  return entries.sort();
}

function statusOf(slot: Uint8Array): string {
  const view = new DataView(slot.buffer, slot.byteOffset);
  const type = slot[16];
  const isFile = type === 4;
  return `type ${type}${isFile ? ` links ${view.getBigUint64(24, true)} size ${view.getBigUint64(32, true)}` : ""}`;
}

/** What is specified of a call's result, as text. */
export function resultText([name]: Call, index: number, { errors, memory }: CallResults): string {
  const slot = memory.subarray(slotsAt + index * slotBytes, slotsAt + (index + 1) * slotBytes);
  if (errors[index] !== 0) return `error ${errors[index]}`;
  if (name === "fd_readdir")
    return entriesOf(slot)
      .filter((entry) => !entry.startsWith("."))
      .join(" ");
  if (name.endsWith("filestat_get")) return statusOf(slot);
  if (name === "fd_fdstat_get") return `type ${slot[0]}`;
  return Buffer.from(slot).toString("hex").replace(/0+$/, "");
}

/** A call to read: paths instead of addresses. */
export function callText([name, ...args]: Call, { memory }: CallList): string {
  const texts = new Map(
    memory.map(([at, bytes]) => [at, new TextDecoder().decode(Uint8Array.from(bytes))]),
  );
  const isPath = name.startsWith("path_");
  return `${name} ${args.map((value) => (isPath && texts.has(Number(value)) ? `"${texts.get(Number(value))}"` : `${value}`)).join(" ")}`;
}
