/**
 * Webs of locals with floats: definitions of a local that reach one place, taken together (Muchnick, Advanced Compiler Design and
 * Implementation, §16.3.3), and what is known of the values that they give it.
 *
 * Invariant: a web is lazy if it is given nothing but arithmetic on floats of one type, constants that are no NaN, and copies
 * of such; uniting webs takes laziness away and never gives it.
 */
import type { FloatType } from "./hostTypes.ts";

/** What a definition gives: arithmetic on floats of a type, a constant that is no NaN, a copy of what a web holds, anything else. */
export type Origin =
  | { readonly floats: FloatType }
  | { readonly web: number }
  | "constant"
  | "exact";

export class FloatWebs {
  /** A web of its own, or one with which it is united. */
  private readonly parents: number[] = [];
  /** Of roots: floats of arithmetic; undefined while only constants are known. */
  private readonly floats: (FloatType | undefined)[] = [];
  private readonly isExact: boolean[] = [];
  private readonly copies: { readonly from: number; readonly to: number }[] = [];

  /** The web of a definition. */
  define(origin: Origin): number {
    const web = this.parents.length;
    this.parents.push(web);
    this.isExact.push(origin === "exact");
    this.floats.push(typeof origin === "object" && "floats" in origin ? origin.floats : undefined);
    if (typeof origin === "object" && "web" in origin)
      this.copies.push({ from: origin.web, to: web });
    return web;
  }

  /** Two definitions reach one place. */
  unite(one: number, other: number): void {
    const [root, gone] = [this.rootOf(one), this.rootOf(other)];
    if (root === gone) return;
    this.parents[gone] = root;
    this.give(root, this.floats[gone]);
    if (this.isExact[gone]) this.isExact[root] = true;
  }

  private rootOf(web: number): number {
    const { parents } = this;
    let root = web;
    while (parents[root] !== root) {
      parents[root] = parents[parents[root]];
      root = parents[root];
    }
    return root;
  }

  /** A root is given floats; those of two types are bits. Says whether that is news. */
  private give(root: number, floats: FloatType | undefined): boolean {
    if (floats === undefined || this.floats[root] === floats) return false;
    if (this.floats[root] === undefined) {
      this.floats[root] = floats;
      return true;
    }
    this.isExact[root] = true;
    return false;
  }

  /** Carries what is known of webs to their copies; to be called when all is defined and united. */
  settle(): void {
    const targets = new Map<number, number[]>();
    for (const { from, to } of this.copies) {
      const root = this.rootOf(from);
      const known = targets.get(root);
      if (known === undefined) targets.set(root, [this.rootOf(to)]);
      else known.push(this.rootOf(to));
    }
    const sources = [...targets.keys()];
    spread(
      sources.filter((web) => this.floats[web] !== undefined),
      targets,
      (from, to) => this.give(to, this.floats[from]),
    );
    spread(
      sources.filter((web) => this.isExact[web]),
      targets,
      (_, to) => {
        const isNews = !this.isExact[to];
        this.isExact[to] = true;
        return isNews;
      },
    );
  }

  /** Type of the floats that a web holds any NaN of; undefined if its bits are exact. */
  lazyFloats(web: number): FloatType | undefined {
    const root = this.rootOf(web);
    return this.isExact[root] ? undefined : this.floats[root];
  }
}

/** Goes from webs to their copies for as long as that brings news. */
function spread(
  from: number[],
  targets: ReadonlyMap<number, readonly number[]>,
  carry: (from: number, to: number) => boolean,
): void {
  for (let web = from.pop(); web !== undefined; web = from.pop()) {
    for (const to of targets.get(web) ?? []) if (carry(web, to)) from.push(to);
  }
}
