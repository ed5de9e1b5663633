/**
 * A binary tree of hashes of which some leaves are named and the rest is folded into as few hashes as possible:
 * depth-first, left to right, each named leaf, and each maximal subtree without one as one hash
 * (docs/proof-format.md §4, item 4).
 *
 * Invariant: two trees of one shape and one set of names have the same number of hashes in the same order.
 */
import type { Shape } from "./arrays.ts";
import { concatenate } from "./byteReader.ts";
import { hashPair, type Tag } from "./keccak/kernel.ts";

/** Hash of a whole tree. */
export function hashShape<Name extends string>(
  shape: Shape<Name>,
  root: (name: Name) => Uint8Array,
  tag: Tag,
): Uint8Array {
  if (typeof shape === "string") return root(shape);
  return hashPair(hashShape(shape[0], root, tag), hashShape(shape[1], root, tag), tag);
}

/** The maximal subtrees without a named leaf, and the named leaves, in order. */
function partsOf<Name extends string>(
  shape: Shape<Name>,
  named: ReadonlySet<string>,
): Shape<Name>[] {
  if (typeof shape === "string" || !holds(shape, named)) return [shape];
  return [...partsOf(shape[0], named), ...partsOf(shape[1], named)];
}

function holds<Name extends string>(shape: Shape<Name>, named: ReadonlySet<string>): boolean {
  if (typeof shape === "string") return named.has(shape);
  return holds(shape[0], named) || holds(shape[1], named);
}

/** A tree of array roots, with the named ones in the clear and the rest folded. */
export class PartialTree<Name extends string> {
  readonly #shape: Shape<Name>;
  readonly #tag: Tag;
  readonly #parts: Shape<Name>[];
  readonly #hashes: Uint8Array[];

  constructor(
    shape: Shape<Name>,
    named: ReadonlySet<string>,
    tag: Tag,
    hash: (part: Shape<Name>) => Uint8Array,
  ) {
    this.#shape = shape;
    this.#tag = tag;
    this.#parts = partsOf(shape, named);
    this.#hashes = this.#parts.map(hash);
  }

  /** The root of a named leaf. */
  get(name: Name): Uint8Array {
    return this.#hashes[this.#place(name)];
  }

  /** Replaces the root of a named leaf, as a step does that has written to its array. */
  set(name: Name, root: Uint8Array): void {
    this.#hashes[this.#place(name)] = root;
  }

  /** Hash of the whole tree. */
  hash(): Uint8Array {
    return this.#fold(this.#shape);
  }

  /** The hashes in witness order, 32 bytes each, but for the roots that the reader knows already. */
  encode(known: ReadonlySet<string>): Uint8Array {
    const isKnown = (part: Shape<Name>) => typeof part === "string" && known.has(part);
    return concatenate(this.#hashes.filter((_, i) => !isKnown(this.#parts[i])));
  }

  #place(name: Name): number {
    const place = this.#parts.indexOf(name);
    if (place < 0) throw new RangeError(`expected a named root, got ${name}`);
    return place;
  }

  #fold(shape: Shape<Name>): Uint8Array {
    const place = this.#parts.indexOf(shape);
    if (place >= 0) return this.#hashes[place];
    if (typeof shape === "string") throw new RangeError(`expected a part, got ${shape}`);
    return hashPair(this.#fold(shape[0]), this.#fold(shape[1]), this.#tag);
  }
}
