/**
 * The code of one host function while it is written: bytes, and the branch hints that point into them.
 *
 * Invariant: hints ascend, and move with the bytes when something is put in before them.
 */
import { returnWriter, takeWriter, type Writer } from "./binaryWriter.ts";

export class HintedCode {
  /** Until `finish` has been asked. */
  readonly out = takeWriter();
  /** Offsets of `if`s that are seldom taken. */
  private readonly unlikely: number[] = [];

  /** The next instruction, an `if`, is seldom taken: the host keeps what follows it out of the way. */
  markUnlikely(): void {
    this.unlikely.push(this.out.length);
  }

  /** Puts something in at each place, given by its offset; `write` writes what is the place's. Places ascend. */
  insert(places: readonly number[], write: (index: number) => void): void {
    const { out, unlikely } = this;
    const start = places[0];
    const tail = out.cutOff(start);
    const hints: number[] = [];
    while (unlikely.length > 0 && unlikely[unlikely.length - 1] >= start) {
      hints.push(unlikely.pop() as number);
    }
    let copied = 0;
    const copy = (end: number) => {
      const moved = out.length - start - copied;
      while (hints.length > 0 && hints[hints.length - 1] < start + end) {
        unlikely.push((hints.pop() as number) + moved);
      }
      out.range(tail, copied, end);
      copied = end;
    };
    places.forEach((place, index) => {
      copy(place - start);
      write(index);
    });
    copy(tail.length);
  }

  /** Writes the code behind what stands in `body`; returns the hints' offsets there. Nothing can be written any more. */
  finish(body: Writer): readonly number[] {
    const { out, unlikely } = this;
    const hints = unlikely.map((offset) => offset + body.length);
    body.raw(out.view);
    returnWriter(out);
    return hints;
  }
}
