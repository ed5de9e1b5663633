/**
 * The program array `constants`: operands of instructions that do not fit their instructions, 16 bytes each
 * (docs/machine.md §3).
 *
 * Invariant: append-only, equal bytes have one entry, entries count up in order of first appearance.
 */
import { failAtCeiling } from "./codeBuffer.ts";
import { programCeilings } from "./linkOptions.ts";
import { constantBytes } from "./program.ts";

export class ConstantPool {
  private readonly entries = new Map<string, number>();
  private bytes = new Uint8Array(64 * constantBytes);

  /** The entry with these 16 bytes. */
  entry(bytes: Uint8Array): number {
    const key = bytes.join();
    const known = this.entries.get(key);
    if (known !== undefined) return known;
    const entry = this.entries.size;
    if (entry >= programCeilings.constants) failAtCeiling("constants", programCeilings.constants);
    if ((entry + 1) * constantBytes > this.bytes.length) {
      const larger = new Uint8Array(this.bytes.length * 2);
      larger.set(this.bytes);
      this.bytes = larger;
    }
    this.bytes.set(bytes, entry * constantBytes);
    this.entries.set(key, entry);
    return entry;
  }

  /** All entries, one after another. */
  committed(): Uint8Array {
    return this.bytes.slice(0, this.entries.size * constantBytes);
  }
}
