/**
 * What a call put out, as `run` shows it: text if it is UTF-8 without control characters, else hex.
 *
 * Invariant: text is shown only if its bytes are exactly the output's; a terminal's controls come as hex.
 */
import { grouped, hex } from "../terminal/output.ts";

/** Bytes shown where the output is hex. */
const shownBytes = 256;
const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export interface ShownOutput {
  /** In bytes. */
  readonly length: number;
  /** Null if the output is no text. */
  readonly text: string | null;
  /** Null if the output is text. */
  readonly hex: string | null;
}

export function shownOutput(bytes: Uint8Array): ShownOutput {
  const text = textOf(bytes);
  return { length: bytes.length, text, hex: text === null ? hex(bytes) : null };
}

function textOf(bytes: Uint8Array): string | null {
  try {
    const text = strict.decode(bytes);
    return /[\p{Cc}\p{Cs}]/u.test(text.replaceAll(/[\n\t]/g, "")) ? null : text;
  } catch {
    return null;
  }
}

/** For people; undefined if there is nothing to show. */
export function outputText({ length, text, hex: digits }: ShownOutput): string | undefined {
  if (length === 0) return undefined;
  if (digits === null) return text ?? "";
  const shown = digits.slice(0, 2 + 2 * shownBytes);
  return shown.length === digits.length ? shown : `${shown}… (${grouped(length)} bytes)`;
}
