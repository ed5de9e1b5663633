/**
 * Which proposal a script belongs to, and which proposals the machine does not have.
 * Scripts of an unsupported group are not run; their assertions are counted and held against the numbers below, so
 * that a script can neither vanish nor hide among them.
 *
 * Invariant: a script that no rule names is `core`, and core is run in full.
 */
import type { Level } from "./suite.ts";

export type Group =
  | "core"
  | "bulk"
  | "tail-calls"
  | "multi-memory"
  | "typed-references"
  | "memory64"
  | "gc"
  | "exceptions"
  | "simd"
  | "relaxed-simd"
  | "threads";

/** First match wins. */
const rules: readonly (readonly [Group, RegExp])[] = [
  ["relaxed-simd", /relaxed/],
  ["simd", /^simd_/],
  // 64-bit tables belong to the proposal; so does copying between tables of both widths.
  ["memory64", /64(-imports)?\.wast$|64_|_64\.wast$|^table_copy_mixed/],
  ["exceptions", /^(tag|throw|throw_ref|try_table|instance)\.wast$/],
  ["gc", /^(array|binary-gc|br_on_cast|extern|i31|ref_cast|ref_eq|ref_test|struct|type-)/],
  [
    "typed-references",
    /^(br_on_(non_)?null|call_ref|return_call_ref|local_init|ref|ref_as_non_null)\.wast$/,
  ],
  ["tail-calls", /^return_call(_indirect)?\.wast$/],
  ["multi-memory", /^(memory-multi|memory_size_import)\.wast$|^[a-z_]*[a-z][0-4]\.wast$/],
  ["bulk", /^(bulk|(memory|table)_(copy|fill|init))\.wast$/],
];

/** Names that the last letter's digit would put elsewhere. */
const core = /^([if](32|64)|.*_[if](32|64))\.wast$/;

export function groupOf(level: Level, script: string): Group {
  if (level === "2.0-simd") return "simd";
  if (level === "threads") return "threads";
  if (core.test(script) || /^[if](32|64)_/.test(script)) return "core";
  return rules.find(([, pattern]) => pattern.test(script))?.[0] ?? "core";
}

/** Groups that are not run, with the reason and the number of assertions that each level has of them. */
export const unsupportedGroups: Partial<
  Record<Group, { readonly reason: string; readonly assertions: Partial<Record<Level, number>> }>
> = {
  gc: { reason: "the machine has no garbage-collected heap", assertions: { "3.0": 676 } },
  exceptions: {
    reason: "the machine has no exceptions; all modules of instance.wast have tags",
    assertions: { "3.0": 100 },
  },
  "typed-references": {
    reason: "references are funcref and externref only",
    assertions: { "3.0": 118 },
  },
};
