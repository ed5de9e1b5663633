/**
 * A cache of what is derived from the modules of a program: what validation finds in bodies, and the hashes under the
 * program's root (docs/cache.md).
 *
 * Invariant: with a cache or without, the same modules and options give the same program and the same root; a cache that
 * has nothing, or cannot keep anything, costs time only. What a cache gives back is trusted to be what was put.
 */
import type { Module } from "./interpreter/binary/module.ts";
import type { FeatureLevel } from "./interpreter/isa/features.ts";
import { link, type NamedModule } from "./interpreter/program/link.ts";
import { type LinkOptions, resolveOptions } from "./interpreter/program/linkOptions.ts";
import type { Program } from "./interpreter/program/program.ts";
import { keptFormat, readKept, writeKept } from "./merkle/commitment/keptProgram.ts";
import { ProgramTree } from "./merkle/commitment/programTree.ts";

/**
 * Keeps byte strings under identities, which are byte strings too, long ones: an implementation takes their digest.
 * It gives back exactly what was put, or nothing: whoever keeps bytes where others may write has to notice
 * that they are others. Neither function throws because of the place where it keeps them.
 */
export interface ProgramCache {
  /** What was put under the identity, the pieces in one. */
  get(identity: readonly Uint8Array[]): Uint8Array | undefined;
  /** Keeps the pieces as one, or does not: a cache may forget. */
  put(identity: readonly Uint8Array[], content: readonly Uint8Array[]): void;
}

/** A module by its bytes, as `load` takes them. */
interface Binary {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly adapter?: boolean;
}

/** Of package.json, which a library in a browser does not see: what another version has derived is another's. */
export const packageVersion = "0.1.0";

/** Programs of smaller modules are made sooner than found. */
export const leastCachedBytes = 131_072;

/** All that a program is derived from, and by what. */
function identityOf(
  binaries: readonly Binary[],
  level: FeatureLevel,
  options: Partial<LinkOptions>,
): Uint8Array[] {
  const modules = binaries.map(({ name, bytes, adapter = false }) => [name, bytes.length, adapter]);
  const text = JSON.stringify([
    packageVersion,
    keptFormat,
    level,
    sorted(resolveOptions(options)),
    modules,
  ]);
  return [new TextEncoder().encode(text), ...binaries.map(({ bytes }) => bytes)];
}

/** The same options in any order give the same text. */
function sorted(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  return entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, item]) => [key, sorted(item)]);
}

/**
 * Links binaries, through a cache if one is given.
 *
 * @param decode decodes binary number `index`; facts about its bodies that are known are handed on to `decodeModule`
 * @param complete what is linked with; it may look at the modules for what `options` leaves open
 */
export function linkThrough(
  cache: ProgramCache | undefined,
  binaries: readonly Binary[],
  level: FeatureLevel,
  options: Partial<LinkOptions>,
  decode: (index: number, known?: Uint32Array) => Module,
  complete: (modules: readonly NamedModule[]) => Partial<LinkOptions>,
): Program {
  const length = binaries.reduce((sum, { bytes }) => sum + bytes.length, 0);
  const identity =
    cache !== undefined && length >= leastCachedBytes
      ? identityOf(binaries, level, options)
      : undefined;
  const bytes = identity && cache?.get(identity);
  const kept = bytes && readKept(bytes);
  const modules = binaries.map(({ name, adapter = false }, index) => {
    return { name, adapter, module: decode(index, kept?.bodies[index]) };
  });
  const program = link(modules, complete(modules));
  if (kept?.hashes !== undefined) ProgramTree.restore(program, kept.hashes);
  else if (identity !== undefined) {
    if (kept === undefined) cache?.put(identity, writeKept(program));
    // Nobody may ever ask for the root, which takes longer than the rest.
    ProgramTree.whenHashed(program, (hashes) => cache?.put(identity, writeKept(program, hashes)));
  }
  return program;
}
