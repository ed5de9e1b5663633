/**
 * Instructions of proposals that this machine does not have, by code: so that a refusal can name the instruction and
 * the proposal (spec 3.0 §5.4; the proposals' own binary formats beyond it).
 *
 * Invariant: none of these codes has a row in the instruction table.
 */

/** A proposal that the specification (3.0 or a later draft) has and this machine has not. */
export type ForeignProposal =
  | "exceptions"
  | "typed-function-references"
  | "gc"
  | "wide-arithmetic"
  | "stack-switching";

/** One-byte codes. */
const single: ReadonlyMap<number, readonly [ForeignProposal, string]> = new Map([
  [0x06, ["exceptions", "try"]],
  [0x07, ["exceptions", "catch"]],
  [0x08, ["exceptions", "throw"]],
  [0x09, ["exceptions", "rethrow"]],
  [0x0a, ["exceptions", "throw_ref"]],
  [0x14, ["typed-function-references", "call_ref"]],
  [0x15, ["typed-function-references", "return_call_ref"]],
  [0x18, ["exceptions", "delegate"]],
  [0x19, ["exceptions", "catch_all"]],
  [0x1f, ["exceptions", "try_table"]],
  [0xd3, ["gc", "ref.eq"]],
  [0xd4, ["typed-function-references", "ref.as_non_null"]],
  [0xd5, ["typed-function-references", "br_on_null"]],
  [0xd6, ["typed-function-references", "br_on_non_null"]],
]);

/** Two-part codes, by first byte; `-` where a number is free. */
const pages: ReadonlyMap<number, readonly [ForeignProposal, readonly string[]]> = new Map([
  [0xfb, ["gc", names(gcNames())]],
]);

/** Numbers of `0xfc n` that the machine's own page leaves free. */
const wideArithmetic = ["i64.add128", "i64.sub128", "i64.mul_wide_s", "i64.mul_wide_u"];
const firstWide = 0x13;

function names(text: string): readonly string[] {
  return text.trim().split(/\s+/);
}

/** Whether a proposal has the one-byte code, or the page that begins with it. */
export function foreignProposal(byte: number): ForeignProposal | undefined {
  return single.get(byte)?.[0] ?? pages.get(byte)?.[0];
}

/** Mnemonic of a foreign one-byte code, or of number `sub` of a foreign page; the code in hex where none is known. */
export function foreignMnemonic(byte: number, sub: number | undefined): string {
  const name = single.get(byte)?.[1] ?? pages.get(byte)?.[1][sub ?? -1];
  if (name !== undefined && name !== "-") return name;
  const hex = (value: number) => `0x${value.toString(16).padStart(2, "0")}`;
  return sub === undefined || single.has(byte) ? hex(byte) : `${hex(byte)} ${hex(sub)}`;
}

/** Whether what follows the byte is a number of its page. */
export function isForeignPage(byte: number): boolean {
  return pages.has(byte);
}

/** Mnemonic of a foreign number of the page `0xfc`; undefined if no proposal has it. */
export function foreignExtended(sub: number): string | undefined {
  return wideArithmetic[sub - firstWide];
}

function gcNames(): string {
  return `
  struct.new struct.new_default struct.get struct.get_s struct.get_u struct.set array.new
  array.new_default array.new_fixed array.new_data array.new_elem array.get array.get_s array.get_u
  array.set array.len array.fill array.copy array.init_data array.init_elem ref.test ref.test_null
  ref.cast ref.cast_null br_on_cast br_on_cast_fail any.convert_extern extern.convert_any ref.i31
  i31.get_s i31.get_u`;
}
