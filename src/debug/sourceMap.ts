/**
 * Source maps (ECMA-426) of modules that name one in the custom section `sourceMappingURL`, as AssemblyScript's compiler
 * makes them: line 1, and the byte offset in the binary as column.
 *
 * Invariant: the map is read by a library, whose complaints become a `DebugDataError`; a mapping holds only inside of the function
 * in which it begins.
 */
import { sourceContentFor, TraceMap, traceSegment } from "@jridgewell/trace-mapping";
import type { Module } from "../interpreter/index.ts";
import { DebugDataError } from "./debugDataError.ts";
import { lastAtMost } from "./dwarf/lineTable.ts";
import type { SourceFrame } from "./sourcePlace.ts";

export const sourceMapSection = "sourceMappingURL";

const utf8 = new TextDecoder();

/** What the section says: a URL, often a path relative to the binary; undefined if the module has no such section. */
export function sourceMapUrl(module: Module): string | undefined {
  const section = module.customSections.find(({ name }) => name === sourceMapSection);
  if (section === undefined) return undefined;
  let at = section.start;
  let length = 0;
  for (let scale = 1; ; scale *= 128) {
    if (at >= section.end || scale > 128 ** 4)
      throw new DebugDataError(sourceMapSection, 0, "ends too early");
    const byte = module.bytes[at++];
    length += (byte & 0x7f) * scale;
    if (byte < 0x80) break;
  }
  if (length > section.end - at) throw new DebugDataError(sourceMapSection, 0, "ends too early");
  return utf8.decode(module.bytes.subarray(at, at + length));
}

/** The map inside of a `data:` URL; undefined of other URLs. */
export function inlineSourceMap(url: string): string | undefined {
  const found = /^data:[^,]*?(;base64)?,(.*)$/s.exec(url);
  if (found === null) return undefined;
  const [, base64, body] = found;
  try {
    if (base64 === undefined) return decodeURIComponent(body);
    return utf8.decode(Uint8Array.from(atob(body), (character) => character.charCodeAt(0)));
  } catch {
    throw new DebugDataError(sourceMapSection, -1, "has a data: URL that cannot be read");
  }
}

export class SourceMap {
  readonly #map: TraceMap;
  readonly #module: Module;

  constructor(module: Module, json: string) {
    this.#module = module;
    try {
      this.#map = new TraceMap(json);
      // Mappings are decoded on the first question.
      traceSegment(this.#map, 0, 0);
    } catch (error) {
      throw new DebugDataError(
        sourceMapSection,
        -1,
        `has a map that cannot be read: ${String(error)}`,
      );
    }
  }

  /** The frame at a byte offset of the binary. */
  find(offset: number): readonly SourceFrame[] | undefined {
    const segment = traceSegment(this.#map, 0, offset);
    if (segment === null || segment.length === 1 || segment[0] < this.#endBefore(offset)) {
      return undefined;
    }
    const [, source, line, column] = segment;
    const file = this.#map.resolvedSources[source] ?? "";
    return [{ file, line: line + 1, column: column + 1, function: undefined }];
  }

  /** Text of a source that the map carries. */
  sourceText(file: string): string | undefined {
    return sourceContentFor(this.#map, file) ?? undefined;
  }

  /** Where the function before the one of this offset ends. */
  #endBefore(offset: number): number {
    const { bodies } = this.#module;
    const at = lastAtMost(bodies.length, offset, (i) => bodies[i].start);
    return bodies[at - 1]?.end ?? 0;
  }
}
