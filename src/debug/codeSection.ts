/**
 * Where the code section of a binary lies (spec §5.5.13): addresses of DWARF count from its content.
 *
 * Invariant: the module has been decoded, so its sections are well formed.
 */
import type { Module } from "../interpreter/index.ts";

const codeSectionId = 10;
const preambleBytes = 8;

export interface CodeSection {
  /** Byte offset of the content in the binary. */
  readonly start: number;
  readonly size: number;
}

/** Empty at the end of the binary if the module has no code. */
export function codeSection({ bytes }: Module): CodeSection {
  for (let at = preambleBytes; at < bytes.length; ) {
    const id = bytes[at];
    let size = 0;
    let scale = 1;
    for (at++; bytes[at] >= 0x80; at++, scale *= 128) size += (bytes[at] & 0x7f) * scale;
    size += bytes[at++] * scale;
    if (id === codeSectionId) return { start: at, size };
    at += size;
  }
  return { start: bytes.length, size: 0 };
}
