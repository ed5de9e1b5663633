/**
 * Commands for the key-value store example: the encoding that examples/c/kvstore.c reads.
 *
 * Invariant: `randomCommands` depends on its arguments alone, so a benchmark's input is the same everywhere.
 */
import { randomWords } from "../ledger/block.ts";

export const commandKinds = { put: 1, delete: 2, get: 3 } as const;

export interface Command {
  readonly kind: keyof typeof commandKinds;
  /** At most 32 bytes. */
  readonly key: string;
  /** At most 88 bytes; only for `put`. */
  readonly value?: string;
}

/** kind u8 · key length u8 · value length u16 · key · value, for each command. */
export function encodeCommands(commands: readonly Command[]): Uint8Array {
  const bytes: number[] = [];
  const text = new TextEncoder();
  for (const { kind, key, value } of commands) {
    const keyBytes = text.encode(key);
    const valueBytes = text.encode(value ?? "");
    bytes.push(
      commandKinds[kind],
      keyBytes.length,
      valueBytes.length & 0xff,
      valueBytes.length >> 8,
    );
    bytes.push(...keyBytes, ...valueBytes);
  }
  return Uint8Array.from(bytes);
}

export function randomCommands(count: number, seed: number): Uint8Array {
  const next = randomWords(seed);
  const commands: Command[] = [];
  for (let i = 0; i < count; i++) {
    const kind = (["put", "put", "get", "delete"] as const)[next() % 4];
    const key = `account/${next() % 50}`;
    commands.push(kind === "put" ? { kind, key, value: `balance ${next()}` } : { kind, key });
  }
  return encodeCommands(commands);
}
