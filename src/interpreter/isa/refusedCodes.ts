/**
 * What is said of a code that is not read (spec §5.4): one that nobody has, one of a proposal that this version does not
 * run, one whose feature is switched off.
 *
 * Invariant: an instruction that a proposal is known to have is refused by name, so that its reader knows which compiler
 * switch to leave out; everything else is malformed. Each function throws.
 */
import type { Reader } from "../binary/binaryReader.ts";
import { unsupported } from "../binary/unsupported.ts";
import { MalformedError } from "../errors.ts";
import { densePages, isVectorCode, rowOfDense } from "./denseRows.ts";
import {
  foreignExtended,
  foreignMnemonic,
  foreignProposal,
  isForeignPage,
} from "./foreignInstructions.ts";
import { codePages, densePage } from "./table.ts";

const hex = (value: number): string => value.toString(16).padStart(2, "0");

/** At a dense number that no instruction has, or none that is switched on; `reader` stands behind its code. */
export function failAtCode(dense: number, offset: number, reader: Reader): never {
  const { extended, vector, atomic } = densePages;
  if (isVectorCode(dense)) failAtPage(codePages.vector, dense - vector.start, offset);
  if (dense >= atomic.start && dense < atomic.end) {
    failAtPage(codePages.atomic, dense - atomic.start, offset);
  }
  if (dense >= extended.start) failAtExtended(dense - extended.start, offset);
  const proposal = foreignProposal(dense);
  if (proposal !== undefined) {
    const sub = isForeignPage(dense) ? reader.u32() : undefined;
    throw unsupported(proposal, `instruction ${foreignMnemonic(dense, sub)}`, offset);
  }
  throw new MalformedError(
    "illegal-opcode",
    offset,
    `illegal opcode ${hex(dense)}${reason(dense)}`,
  );
}

/** At a number of a page that has no names of other proposals. */
export function failAtPage(prefix: number, sub: number, offset: number): never {
  const page = densePage(prefix);
  const because = page !== undefined && sub < page.size ? reason(page.start + sub) : "";
  const code = `${hex(prefix)} ${hex(sub)}`;
  throw new MalformedError("illegal-opcode", offset, `illegal opcode ${code}${because}`);
}

/** At a number of the page 0xfc, which has names of other proposals. */
export function failAtExtended(sub: number, offset: number): never {
  const name = foreignExtended(sub);
  if (name !== undefined) throw unsupported("wide-arithmetic", `instruction ${name}`, offset);
  const code = `${hex(codePages.extended)} ${hex(sub)}`;
  const { start, end } = densePages.extended;
  const because = sub < end - start ? reason(start + sub) : "";
  throw new MalformedError("illegal-opcode", offset, `illegal opcode ${code}${because}`);
}

/** Why a code of the table is refused all the same. */
function reason(dense: number): string {
  const row = rowOfDense(dense);
  return row === undefined ? "" : `: ${row.mnemonic} needs the feature ${row.feature}`;
}
