/**
 * Which function an error of decoding or validation lies in, and what it is called (spec appendix §7.4.1 names).
 *
 * Invariant: only read after something is wrong, so it costs a valid module nothing; it cannot fail on any bytes.
 */
import type { InvalidError } from "../errors.ts";
import { MalformedError } from "../errors.ts";
import { Reader } from "./binaryReader.ts";
import type { CustomSection } from "./module.ts";
import type { ModuleDraft } from "./moduleDraft.ts";
import { readNames } from "./nameSection.ts";

const headerBytes = 8;

/** Adds the function to an error whose byte lies in the code section. */
export function blame(
  error: MalformedError | InvalidError,
  draft: ModuleDraft,
): MalformedError | InvalidError {
  const { code, bodies, context, imports } = draft;
  if (code === undefined || error.offset < code.start || error.offset >= code.end) return error;
  const inside = bodies.findIndex(({ end }) => end > error.offset);
  const own = inside < 0 ? bodies.length : inside;
  if (own >= draft.functions.length) return error;
  const imported = context.importedFunctions || imports.filter(isFunction).length;
  return error.place({ function: { index: imported + own, name: nameOf(draft, imported + own) } });
}

function isFunction({ kind }: { readonly kind: string }): boolean {
  return kind === "function";
}

function nameOf({ reader, exports }: ModuleDraft, index: number): string | undefined {
  const sections = customSections(reader.bytes);
  const named = readNames(reader.bytes, sections, index + 1).functions.get(index);
  return named ?? exports.find((item) => isFunction(item) && item.index === index)?.name;
}

/** The name section stands at the end, behind what is wrong. */
function customSections(bytes: Uint8Array): CustomSection[] {
  const found: CustomSection[] = [];
  const reader = new Reader(bytes, headerBytes);
  try {
    while (reader.position < bytes.length) {
      const id = reader.u8();
      const lengthAt = reader.position;
      const length = reader.u32();
      const start = reader.position;
      reader.skip(length, lengthAt);
      const inside = new Reader(bytes, start, start + length);
      if (id === 0) {
        const name = inside.name();
        found.push({ name, start: inside.position, end: inside.limit });
      }
    }
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error;
  }
  return found;
}
