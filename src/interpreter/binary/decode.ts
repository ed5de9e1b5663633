/**
 * Decodes and validates a module: header, sections in order, and the rules that span sections
 * (spec §5.5.16 binary modules, §3.4.10 modules).
 *
 * Invariant: one pass over the bytes, time and memory linear in their number; a returned module is valid.
 */
import { InvalidError, MalformedError } from "../errors.ts";
import type { Features } from "../isa/features.ts";
import { featureLevels } from "../isa/features.ts";
import { blame } from "./blame.ts";
import type { Module } from "./module.ts";
import { ModuleDraft } from "./moduleDraft.ts";
import {
  exportSection,
  functionSection,
  globalSection,
  importSection,
  memorySection,
  startSection,
  tableSection,
  typeSection,
} from "./moduleSections.ts";
import { readNames } from "./nameSection.ts";
import {
  codeSection,
  dataCountSection,
  dataSection,
  elementSection,
  failAtBodyCount,
} from "./segments.ts";
import { unsupported } from "./unsupported.ts";

const magic = [0x00, 0x61, 0x73, 0x6d];
const version = [0x01, 0x00, 0x00, 0x00];

const componentLayer = 1;
const unwrap =
  "take the core module in it (jco transpile or wasm-tools component unbundle writes it out), or compile to a module: rustc --target wasm32-unknown-unknown, clang --target=wasm32, tinygo -target wasm-unknown";

const customSection = 0;
const dataCountId = 12;
const tagSection = 13;

interface SectionRule {
  /** Sections come in ascending order of rank, which is not that of their ids. */
  readonly rank: number;
  readonly read: (draft: ModuleDraft) => void;
}

/** By section id (spec §5.5.2). */
const sections = new Map<number, SectionRule>([
  [1, { rank: 1, read: typeSection }],
  [2, { rank: 2, read: importSection }],
  [3, { rank: 3, read: functionSection }],
  [4, { rank: 4, read: tableSection }],
  [5, { rank: 5, read: memorySection }],
  [6, { rank: 6, read: globalSection }],
  [7, { rank: 7, read: exportSection }],
  [8, { rank: 8, read: startSection }],
  [9, { rank: 9, read: elementSection }],
  [dataCountId, { rank: 10, read: dataCountSection }],
  [10, { rank: 11, read: codeSection }],
  [11, { rank: 12, read: dataSection }],
]);

/**
 * Decodes and validates the bytes of a module. The module keeps `bytes` (bodies and segments are ranges of them), so
 * they must not be changed afterwards.
 *
 * @param features what the module may use; by default everything that the machine has
 * @param known what an earlier call with the same bytes and features found in the bodies (`factsOf`): they
 *   are not walked again, and a module whose bytes are others may be taken for valid
 * @throws MalformedError if the bytes are no WebAssembly binary
 * @throws InvalidError if the module is not valid, or needs something that the machine does not have
 */
export function decodeModule(
  bytes: Uint8Array,
  features: Features = featureLevels["3.0"],
  known?: Uint32Array,
): Module {
  const draft = new ModuleDraft(bytes, features, known);
  try {
    header(draft);
    let rank = 0;
    while (draft.reader.position < bytes.length) rank = section(draft, rank);
    checkCounts(draft);
    if (draft.invalidity !== undefined) throw draft.invalidity;
  } catch (error) {
    const isOurs = error instanceof MalformedError || error instanceof InvalidError;
    throw isOurs ? blame(error, draft) : error;
  }
  return moduleOf(draft);
}

function moduleOf(draft: ModuleDraft): Module {
  const { bytes } = draft.reader;
  return {
    bytes,
    features: draft.features,
    types: draft.context.types,
    imports: draft.imports,
    functions: draft.functions,
    tables: draft.tables,
    memories: draft.memories,
    globals: draft.globals,
    exports: draft.exports,
    start: draft.start,
    elements: draft.elements,
    data: draft.data,
    bodies: draft.bodies,
    names: readNames(bytes, draft.customSections, draft.context.functions.length),
    customSections: draft.customSections,
  };
}

function header({ reader }: ModuleDraft): void {
  for (const expected of magic) {
    if (reader.u8() !== expected) {
      throw new MalformedError("bad-magic", 0, "magic header not detected");
    }
  }
  const offset = reader.position;
  // The two bytes after the version tell the layer: 0 for modules, 1 for components.
  if (reader.bytes[offset + 2] === componentLayer && reader.bytes[offset + 3] === 0) {
    throw new MalformedError("component", offset, "unknown binary version: a component", unwrap);
  }
  for (const expected of version) {
    if (reader.u8() !== expected) {
      throw new MalformedError("bad-version", offset, "unknown binary version");
    }
  }
}

/** Reads one section; returns the rank that later sections must exceed. */
function section(draft: ModuleDraft, lastRank: number): number {
  const { reader } = draft;
  const at = reader.position;
  const id = reader.u8();
  // Exceptions came with the release that brought tail calls; before it there is no such section.
  if (id === tagSection && draft.features.tailCalls) {
    throw unsupported("exceptions", "section of tags", at);
  }
  const rule = sections.get(id);
  const isKnown = id === customSection || (rule !== undefined && isEnabled(id, draft.features));
  if (!isKnown) {
    throw new MalformedError("malformed-section-id", at, `malformed section id ${id}`);
  }
  const lengthAt = reader.position;
  const length = reader.u32();
  const start = reader.position;
  reader.skip(length, lengthAt);
  reader.position = start;
  reader.limit = start + length;
  let rank = lastRank;
  if (rule === undefined) {
    custom(draft);
  } else {
    if (rule.rank <= lastRank) {
      throw new MalformedError(
        "section-out-of-order",
        at,
        `unexpected content after last section: section ${id} is repeated or out of order`,
      );
    }
    rank = rule.rank;
    rule.read(draft);
  }
  if (reader.position !== reader.limit) {
    throw new MalformedError(
      "section-size-mismatch",
      reader.position,
      `section size mismatch: ${reader.limit - reader.position} bytes left in section ${id}`,
    );
  }
  reader.limit = reader.bytes.length;
  return rank;
}

function isEnabled(id: number, features: Features): boolean {
  return id !== dataCountId || features.bulkMemory;
}

function custom({ reader, customSections }: ModuleDraft): void {
  const name = reader.name();
  customSections.push({ name, start: reader.position, end: reader.limit });
  reader.position = reader.limit;
}

function checkCounts(draft: ModuleDraft): void {
  const end = draft.reader.bytes.length;
  if (draft.bodies.length !== draft.functions.length) {
    failAtBodyCount(end, draft.functions.length, draft.bodies.length);
  }
  const { dataCount } = draft.context;
  if (dataCount !== undefined && dataCount !== draft.data.length) {
    throw new MalformedError(
      "inconsistent-data-count",
      end,
      `data count and data section have inconsistent lengths: ${dataCount} and ${draft.data.length}`,
    );
  }
}
