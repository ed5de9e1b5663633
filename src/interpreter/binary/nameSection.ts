/**
 * The custom section `name` (spec appendix §7.4.1): names of the module and of its functions.
 *
 * Invariant: names are for people; a section that is broken gives the names read before the break, never an error.
 */
import { MalformedError } from "../errors.ts";
import { Reader } from "./binaryReader.ts";
import type { CustomSection, ModuleNames } from "./module.ts";

const moduleSubsection = 0;
const functionSubsection = 1;

/** Names of indices from `functions` on, which no function has, are passed over. */
export function readNames(
  bytes: Uint8Array,
  sections: readonly CustomSection[],
  functions: number,
): ModuleNames {
  const names = { module: undefined as string | undefined, functions: new Map<number, string>() };
  const section = sections.find((custom) => custom.name === "name");
  if (section === undefined) return names;
  const reader = new Reader(bytes, section.start, section.end);
  try {
    while (reader.position < reader.limit) {
      const id = reader.u8();
      const lengthOffset = reader.position;
      const length = reader.u32();
      const start = reader.position;
      reader.skip(length, lengthOffset);
      const inside = new Reader(bytes, start, start + length);
      if (id === moduleSubsection) names.module = inside.name();
      if (id === functionSubsection) readNameMap(inside, functions, names.functions);
    }
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error;
  }
  return names;
}

function readNameMap(reader: Reader, functions: number, names: Map<number, string>): void {
  for (let left = reader.u32(); left > 0; left--) {
    const index = reader.u32();
    const name = reader.name();
    if (index < functions) names.set(index, name);
  }
}
