/**
 * Predicates on a machine's state, as `find --where` takes them: comparisons of memory, globals and locals with one another
 * and with numbers (docs/debugging.md, "Predicates").
 *
 * Invariant: a parsed predicate names only what the program has, with types that fit; whether it holds is a pure function of the
 * state, and can change only where one of its terms is written or its function begins or goes on (terms.ts).
 */

import type { MachineState } from "../../interpreter/index.ts";
import { readTerm, type Term, termValue, type Value } from "./terms.ts";
import { type Operand, PredicateError, type PredicateScope, Tokens } from "./tokens.ts";

export type Comparison = "==" | "!=" | "<" | "<=" | ">" | ">=";
const comparisons: readonly Comparison[] = ["==", "!=", "<=", ">=", "<", ">"];

/** A condition; how the parts of a predicate hang together. */
export type Node =
  | { readonly kind: "or" | "and"; readonly left: Node; readonly right: Node }
  | { readonly kind: "not"; readonly operand: Node }
  | {
      readonly kind: "comparison";
      readonly operator: Comparison;
      readonly left: Side;
      readonly right: Side;
    };

export type Side = Term | { readonly kind: "number"; readonly value: Value };

/** Brackets and negations within one another at most. */
const deepest = 64;

/** A predicate that can be asked of states of one program. */
export class Predicate {
  readonly text: string;
  /**
   * What it looks at.
   *
   * @internal
   */
  readonly terms: readonly Term[];
  /** @internal */
  readonly root: Node;

  private constructor(text: string, root: Node, terms: readonly Term[]) {
    this.text = text;
    this.terms = terms;
    this.root = root;
  }

  /**
   * Reads a predicate.
   *
   * @throws PredicateError for what is no predicate, or names what the program has not.
   */
  static parse(text: string, scope: PredicateScope): Predicate {
    const parser = new Parser(text, scope);
    const root = parser.whole();
    if (parser.terms.length === 0) {
      throw new PredicateError(0, "it looks at no memory, global or local");
    }
    return new Predicate(text, root, parser.terms);
  }

  /**
   * Whether it may begin to hold because a function of its locals is left: where one of them is denied.
   *
   * @internal
   */
  get deniesLocals(): boolean {
    return deniesLocals(this.root, false);
  }

  /** Whether it holds in a state. */
  holds(state: MachineState): boolean {
    return holds(this.root, state);
  }
}

function holds(node: Node, state: MachineState): boolean {
  switch (node.kind) {
    case "or":
      return holds(node.left, state) || holds(node.right, state);
    case "and":
      return holds(node.left, state) && holds(node.right, state);
    case "not":
      return !holds(node.operand, state);
    case "comparison":
      return compare(node.operator, sideValue(node.left, state), sideValue(node.right, state));
  }
}

function deniesLocals(node: Node, isDenied: boolean): boolean {
  switch (node.kind) {
    case "or":
    case "and":
      return deniesLocals(node.left, isDenied) || deniesLocals(node.right, isDenied);
    case "not":
      return deniesLocals(node.operand, true);
    case "comparison":
      return isDenied && [node.left, node.right].some(({ kind }) => kind === "local");
  }
}

function sideValue(side: Side, state: MachineState): Value | undefined {
  return side.kind === "number" ? side.value : termValue(side, state);
}

/** What is not there (an address beyond the memory, a local of a function that does not run) compares as false. */
function compare(operator: Comparison, left: Value | undefined, right: Value | undefined): boolean {
  if (left === undefined || right === undefined) return false;
  switch (operator) {
    case "==":
      return left === right;
    case "!=":
      return left !== right;
    case "<":
      return left < right;
    case "<=":
      return left <= right;
    case ">":
      return left > right;
    case ">=":
      return left >= right;
  }
}

class Parser {
  readonly terms: Term[] = [];
  readonly #tokens: Tokens;
  readonly #scope: PredicateScope;
  #depth = 0;

  constructor(text: string, scope: PredicateScope) {
    this.#tokens = new Tokens(text);
    this.#scope = scope;
  }

  whole(): Node {
    const node = this.#disjunction();
    if (!this.#tokens.isAtEnd) this.#tokens.fail("&& or || or the end");
    return node;
  }

  #disjunction(): Node {
    let node = this.#conjunction();
    while (this.#tokens.take("||")) node = { kind: "or", left: node, right: this.#conjunction() };
    return node;
  }

  #conjunction(): Node {
    let node = this.#condition();
    while (this.#tokens.take("&&")) node = { kind: "and", left: node, right: this.#condition() };
    return node;
  }

  #condition(): Node {
    const tokens = this.#tokens;
    if (++this.#depth > deepest) tokens.fail("fewer brackets and negations");
    let node: Node;
    if (tokens.take("!")) node = { kind: "not", operand: this.#condition() };
    else if (tokens.take("(")) {
      node = this.#disjunction();
      tokens.expect(")");
    } else node = this.#comparison();
    this.#depth--;
    return node;
  }

  #comparison(): Node {
    const at = this.#tokens.position;
    const left = this.#operand();
    const operator = comparisons.find((each) => this.#tokens.take(each));
    if (operator === undefined) return this.#tokens.fail("one of == != < <= > >=");
    const right = this.#operand();
    const isFloat = left.isFloat ?? right.isFloat ?? false;
    if ((left.isFloat ?? isFloat) !== (right.isFloat ?? isFloat)) {
      throw new PredicateError(at, "it compares an integer with a float");
    }
    return { kind: "comparison", operator, left: left.side(isFloat), right: right.side(isFloat) };
  }

  /** A number is of the kind of the other side. */
  #operand(): Operand<Side> {
    const at = this.#tokens.position;
    const number = this.#tokens.number();
    if (number === undefined) {
      const term = readTerm(this.#tokens, this.#scope);
      this.terms.push(term);
      return { isFloat: term.isFloat, side: () => term };
    }
    return {
      isFloat: /^-?(?:0x[\da-f]+|\d+)$/i.test(number) ? undefined : true,
      side: (isFloat) => ({
        kind: "number",
        value: isFloat ? Number(number) : integer(number, at),
      }),
    };
  }
}

function integer(text: string, at: number): bigint {
  const isNegative = text.startsWith("-");
  const value = BigInt(isNegative ? text.slice(1) : text);
  if (value >= 1n << 64n) throw new PredicateError(at, "it has a number of more than 64 bits");
  return isNegative ? -value : value;
}
