/**
 * Program memories in host memories, above their hidden pages (hostLayout.ts).
 *
 * Invariant: the host memory has exactly hidden + program pages while it is usable, so that its bounds are the
 * program's; where the host refuses a size, the memory goes on in an ordinary buffer and emitted code cannot run.
 */

import { pageBytes } from "../program/program.ts";
import type { MachineState, MemoryAllocator } from "../state/machineState.ts";
import { defaultAllocator } from "../state/memories.ts";
import { hiddenPages, hostPages } from "./hostLayout.ts";

export class HostMemories implements MemoryAllocator {
  readonly memories: (WebAssembly.Memory | undefined)[] = [];
  private readonly hidden: number[] = [];
  /** Bytes that were last found to be those of the host memory, which they are until the host detaches them. */
  private readonly held: (Uint8Array | undefined)[] = [];
  private readonly cards: (Uint8Array | undefined)[] = [];

  /** Bytes of the hidden pages. */
  hiddenBytes(memory: number): number {
    return this.hidden[memory];
  }

  allocate(memory: number, pages: number, maxPages: number): Uint8Array {
    const hidden = hiddenPages(maxPages);
    const maximum = Math.min(hostPages, hidden + maxPages);
    this.hidden[memory] = hidden * pageBytes;
    this.held[memory] = undefined;
    this.cards[memory] = undefined;
    try {
      this.memories[memory] = new WebAssembly.Memory({ initial: hidden + pages, maximum });
    } catch (error) {
      if (!(error instanceof RangeError || error instanceof TypeError)) throw error;
      this.memories[memory] = undefined;
      return defaultAllocator.allocate(memory, pages, maxPages);
    }
    this.armAll(memory);
    return this.view(memory, pages);
  }

  grow(memory: number, bytes: Uint8Array, pages: number, maxPages: number): Uint8Array {
    const host = this.memories[memory];
    if (host === undefined) return defaultAllocator.grow(memory, bytes, pages, maxPages);
    if (this.makeRoom(memory, pages)) return this.view(memory, pages);
    const grown = defaultAllocator.grow(memory, bytes, pages, maxPages);
    this.memories[memory] = undefined;
    this.held[memory] = undefined;
    return grown;
  }

  /** Grows the host memory to so many pages of the program; false, and nothing done, if the host refuses. */
  makeRoom(memory: number, pages: number): boolean {
    const host = this.memories[memory];
    if (host === undefined) return false;
    const missing = (this.hiddenBytes(memory) - host.buffer.byteLength) / pageBytes + pages;
    // Growing by nothing cuts off every view as well.
    if (missing === 0) return true;
    try {
      host.grow(missing);
      return true;
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      return false;
    }
  }

  /** Whether all memories of the state are these, with the state's sizes. */
  hold({ memories }: MachineState): boolean {
    for (let index = 0; index < memories.length; index++) {
      const { bytes, pages } = memories[index];
      if (bytes === this.held[index] && bytes.length === pages * pageBytes && pages > 0) continue;
      const buffer = this.memories[index]?.buffer;
      const isHeld =
        buffer !== undefined &&
        bytes.buffer === buffer &&
        buffer.byteLength === this.hiddenBytes(index) + pages * pageBytes;
      if (!isHeld) return false;
      this.held[index] = bytes;
    }
    return true;
  }

  /** One byte a chunk: 0 where stores need nothing else. */
  cardTable(memory: number): Uint8Array {
    const known = this.cards[memory];
    if (known !== undefined && known.length > 0) return known;
    const host = this.memories[memory] as WebAssembly.Memory;
    const cards = new Uint8Array(host.buffer, 0, this.hiddenBytes(memory));
    this.cards[memory] = cards;
    return cards;
  }

  /** Makes every store look at the log again. */
  armAll(memory: number): void {
    this.cardTable(memory).fill(1);
  }

  private view(memory: number, pages: number): Uint8Array {
    const host = this.memories[memory] as WebAssembly.Memory;
    return new Uint8Array(host.buffer, this.hiddenBytes(memory), pages * pageBytes);
  }
}
