/**
 * The reference's access, which also remembers what part of memory the step has written: for `trace`.
 *
 * Invariant: a step writes at most one range of one memory (docs/machine.md §7).
 */
import { FlatAccess } from "../interpreter/reference/flatAccess.ts";
import type { MachineState } from "../interpreter/state/machineState.ts";

/** Bytes [address, address + length) of a memory. */
export interface WrittenRange {
  readonly memory: number;
  readonly address: number;
  readonly length: number;
}

export class WatchedAccess extends FlatAccess {
  /** What the last step wrote; undefined if it wrote no memory. */
  written: WrittenRange | undefined;

  override begin(state: MachineState): void {
    this.written = undefined;
    super.begin(state);
  }

  override setMemoryWord(memory: number, address: number, width: number, value: number): void {
    super.setMemoryWord(memory, address, width, value);
    const { written } = this;
    // The second word of eight bytes follows the first.
    this.written =
      written === undefined
        ? { memory, address, length: width }
        : { ...written, length: written.length + width };
  }

  override fillMemory(memory: number, address: number, length: number, value: number): void {
    super.fillMemory(memory, address, length, value);
    this.written = { memory, address, length };
  }

  protected override write(
    to: number,
    target: number,
    from: Uint8Array,
    source: number,
    length: number,
  ): void {
    super.write(to, target, from, source, length);
    this.written = { memory: to, address: target, length };
  }
}
