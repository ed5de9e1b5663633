/**
 * Bytes that people write as hexadecimal digits: inputs, hashes, evidence.
 *
 * Invariant: two digits a byte, with or without `0x`; anything else is a usage error.
 */
import { UsageError } from "../terminal/failure.ts";

/** Bytes of a hex text, `0x` or not. */
export function hexBytes(text: string): Uint8Array {
  const digits = text.replace(/^0x/i, "");
  if (!/^([\da-f]{2})*$/i.test(digits)) {
    throw new UsageError(
      `expected bytes in hex, got ${text}`,
      "write two digits a byte, like 0x00ff",
    );
  }
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}
