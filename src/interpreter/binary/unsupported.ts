/**
 * Refusals of what later parts of the specification have and this machine has not: what it is called, and how a
 * compiler is told to do without it (docs/errors.md, "Unsupported").
 *
 * Invariant: the code is `unsupported-` and the proposal's name; every proposal has words and advice here.
 */
import { InvalidError } from "../errors.ts";
import type { ForeignProposal } from "../isa/foreignInstructions.ts";

interface Refusal {
  readonly words: string;
  readonly advice: string;
}

const refusals: Readonly<Record<ForeignProposal, Refusal>> = {
  exceptions: {
    words: "exceptions",
    advice:
      "compile without them: clang++, em++ and zig c++ with -fno-exceptions, C without setjmp and longjmp, rustc with -C panic=abort",
  },
  gc: {
    words: "garbage-collected types",
    advice:
      "wasm-opt, wasm-as and asc make none without --all-features and --enable-gc; no switch avoids them in Kotlin, Dart, Java, OCaml or Scheme: take a compiler that keeps its objects in linear memory (C, C++, Rust, Zig, AssemblyScript, TinyGo)",
  },
  "typed-function-references": {
    words: "typed function references",
    advice:
      "compile without them: asc and wasm-opt without --enable-gc and --enable-typed-function-references; compilers of C, C++, Rust and Zig make none",
  },
  "wide-arithmetic": {
    words: "128-bit arithmetic",
    advice:
      "compile without it: clang with -mno-wide-arithmetic, rustc with -C target-feature=-wide-arithmetic, zig with -mcpu=generic",
  },
  "stack-switching": {
    words: "stack switching",
    advice: "compile without continuations; no compiler of a released version makes them unasked",
  },
};

/**
 * The refusal of `what` ("instruction v128.load", "memory"), which needs the proposal.
 *
 * @param offset Byte of it in the module's binary.
 */
export function unsupported(proposal: ForeignProposal, what: string, offset: number): InvalidError {
  const { words, advice } = refusals[proposal];
  return new InvalidError(
    `unsupported-${proposal}`,
    offset,
    `unsupported ${what}: this machine does not have ${words} (proposal ${proposal})`,
    advice,
  );
}
