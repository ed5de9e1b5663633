/**
 * The image: what a packed WASI program finds around it (arguments, environment, files), as bytes of a memory that the
 * adapter reads (docs/wasi.md; adapters/wasi/source/machine.h reads the same layout).
 *
 * Invariant: a function of what is packed alone: no clock, no order of a file system, no time stamp of a file.
 */

/** A file of the packed tree. */
export interface PackedFile {
  /** Where the program finds it, from the root: `/lib/module.py`. Directories on the way are made. */
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** A directory that is open when the program begins. */
export interface Preopen {
  /** Under which name the program finds it. */
  readonly name: string;
  /** Which directory of the tree it is; it is made if no file makes it. */
  readonly path: string;
}

/** What goes into an image; all of it is part of the program, and so of its root. */
export interface ImageContents {
  /** Arguments, the program's name first. */
  readonly args: readonly string[];
  readonly environment: readonly (readonly [name: string, value: string])[];
  readonly files: readonly PackedFile[];
  readonly preopens: readonly Preopen[];
  /** Whether the standard input is the call's input; otherwise it is empty. */
  readonly stdin: "input" | "none";
  /** Whether the standard error output is part of the call's output, as the standard output is; otherwise it is dropped. */
  readonly stderr: "output" | "none";
  /** Seed of `random_get`, 64 bits. */
  readonly seed: bigint;
  /** Where the real-time clock begins: nanoseconds since 1970. */
  readonly epochNs: bigint;
}

const headerBytes = 64;
const flagBits = { input: 1, errors: 2 };
const entryTypes = { directory: 3, file: 4 };
/** Words of an entry: parent, type, name's place and length, contents' place and length. */
const entryWords = 6;
const preopenWords = 3;
const mostNameBytes = 255;
const mostImageBytes = 2 ** 32 - 65_536;

interface Entry {
  readonly parent: number;
  readonly name: string;
  /** Undefined for a directory. */
  bytes: Uint8Array | undefined;
}

/** Entries in the order of their numbers, from 1 on; a parent has a lower number than what lies in it. */
class Tree {
  readonly entries: Entry[] = [];
  readonly #numbers = new Map<string, number>([["", 0]]);

  /** Number of a directory, which is made if it is not there. */
  directory(path: string): number {
    const names = componentsOf(path);
    let at = "";
    let number = 0;
    for (const name of names) {
      at += `/${name}`;
      const found = this.#numbers.get(at);
      if (found === undefined) number = this.#add(at, { parent: number, name, bytes: undefined });
      else number = found;
      if (number > 0 && this.entries[number - 1].bytes !== undefined) {
        throw new RangeError(`${path} is both a file and a directory`);
      }
    }
    return number;
  }

  file({ path, bytes }: PackedFile): void {
    const names = componentsOf(path);
    const name = names.pop();
    if (name === undefined) throw new RangeError(`expected the path of a file, got "${path}"`);
    const parent = this.directory(names.join("/"));
    const full = [...names, name].map((item) => `/${item}`).join("");
    if (this.#numbers.has(full)) throw new RangeError(`${full} is packed twice`);
    this.#add(full, { parent, name, bytes });
  }

  #add(path: string, entry: Entry): number {
    const number = this.entries.push(entry);
    this.#numbers.set(path, number);
    return number;
  }
}

/** Names on the way to a path. */
function componentsOf(path: string): string[] {
  const names = path.split("/").filter((name) => name !== "" && name !== ".");
  for (const name of names) {
    const isName = name !== ".." && !name.includes("\0") && name.isWellFormed();
    if (!isName || utf8(name).length > mostNameBytes) {
      throw new RangeError(
        `expected a path in Unicode without "..", zeros and names of over 255 bytes, got "${path}"`,
      );
    }
  }
  return names;
}

/** Bytes that grow, with the header and tables of words filled in as their contents get places. */
class ImageWriter {
  readonly #parts: Uint8Array[] = [];
  length = headerBytes;

  /** Appends bytes at a multiple of four; returns their place. */
  append(bytes: Uint8Array): number {
    const padding = -this.length & 3;
    this.#parts.push(new Uint8Array(padding), bytes);
    const place = this.length + padding;
    this.length = place + bytes.length;
    if (this.length > mostImageBytes) {
      throw new RangeError("expected arguments, environment and files of less than 4 GiB together");
    }
    return place;
  }

  finish(header: Uint8Array): Uint8Array {
    const bytes = new Uint8Array(this.length);
    bytes.set(header);
    let at = headerBytes;
    for (const part of this.#parts) {
      bytes.set(part, at);
      at += part.length;
    }
    return bytes;
  }
}

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

function words(values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(values.length * 4);
  const view = new DataView(bytes.buffer);
  values.forEach((value, index) => {
    view.setUint32(index * 4, value, true);
  });
  return bytes;
}

/** A list of texts: their lengths, then the texts, each with a zero; as the header has it. */
function appendTexts(writer: ImageWriter, texts: readonly string[], what: string): number[] {
  const encoded = texts.map((text) => utf8(`${text}\0`));
  const odd = texts.find((text) => text.includes("\0") || !text.isWellFormed());
  if (odd !== undefined) {
    throw new RangeError(`expected ${what} in Unicode without zeros, got ${odd}`);
  }
  const total = encoded.reduce((sum, { length }) => sum + length, 0);
  const bytes = new Uint8Array(texts.length * 4 + total);
  bytes.set(words(encoded.map(({ length }) => length)));
  let at = texts.length * 4;
  for (const text of encoded) {
    bytes.set(text, at);
    at += text.length;
  }
  return [texts.length, total, writer.append(bytes)];
}

/** The image's bytes. Throws RangeError for a path, an argument or a variable that cannot be one. */
export function imageBytes(contents: ImageContents): Uint8Array {
  const { args, environment, seed, epochNs, stdin, stderr } = contents;
  const tree = new Tree();
  const byPath = [...contents.files].sort((a, b) => (a.path < b.path ? -1 : 1));
  for (const file of byPath) tree.file(file);
  if (contents.preopens.some(({ name }) => name === "")) {
    throw new RangeError("expected a name for every directory that is open at the beginning");
  }
  const opened = contents.preopens.map(
    ({ name, path }) => [utf8(name), tree.directory(path)] as const,
  );
  const writer = new ImageWriter();
  const variables = environment.map(([name, value]) => variableText(name, value));
  const lists = [
    ...appendTexts(writer, args, "arguments"),
    ...appendTexts(writer, variables, "variables"),
  ];
  const preopens = opened.flatMap(([name, number]) => [writer.append(name), name.length, number]);
  const entries = tree.entries.flatMap(({ parent, name, bytes }) => {
    const encoded = utf8(name);
    const type = bytes === undefined ? entryTypes.directory : entryTypes.file;
    const place = bytes === undefined ? 0 : writer.append(bytes);
    return [parent, type, writer.append(encoded), encoded.length, place, bytes?.length ?? 0];
  });
  const tables = [
    preopens.length / preopenWords,
    writer.append(words(preopens)),
    entries.length / entryWords,
    writer.append(words(entries)),
  ];
  const flags =
    (stdin === "input" ? flagBits.input : 0) | (stderr === "output" ? flagBits.errors : 0);
  const halves = (value: bigint) => [Number(value & 0xffff_ffffn), Number(value >> 32n)];
  const header = [1, flags, ...halves(seed), ...halves(epochNs), ...lists, ...tables];
  return writer.finish(words(header));
}

function variableText(name: string, value: string): string {
  if (name === "" || name.includes("=")) {
    throw new RangeError(`expected the name of a variable, got "${name}"`);
  }
  return `${name}=${value}`;
}
