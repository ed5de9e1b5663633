/**
 * The package root: everything that the three libraries export.
 *
 * Invariant: re-exports only.
 */
export * from "./interpreter/index.ts";
