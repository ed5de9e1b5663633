/**
 * The code of one host function while it is written: bytes, and the branch hints that point into them.
 *
 * Invariant: hints ascend, and move with the bytes when something is put in before them.
 */
import { returnWriter, takeWriter, type Writer } from "./binaryWriter.ts";

const usualBytes = 2 ** 16;
/** What has been taken off a function's code, of one at a time. */
let tail = new Uint8Array(usualBytes);

export class HintedCode {
  /** Until `finish` has been asked. */
  readonly out = takeWriter();
  /** Offsets of `if`s that are seldom taken. */
  private readonly unlikely: number[] = [];
  /** How much has been taken off, the offset that it had, how much of it is back, and its hints from the last to the first. */
  private length = 0;
  private start = 0;
  private next = 0;
  private readonly hints: number[] = [];

  /** The next instruction, an `if`, is seldom taken: the host keeps what follows it out of the way. */
  markUnlikely(): void {
    this.unlikely.push(this.out.length);
  }

  /** Takes off what was written from an offset on, to be put back by `putBack` in one piece or several. */
  takeOff(offset: number): void {
    const { out, unlikely, hints } = this;
    while (unlikely.length > 0 && unlikely[unlikely.length - 1] >= offset) {
      hints.push(unlikely.pop() as number);
    }
    if (out.length - offset > tail.length) tail = new Uint8Array(2 * (out.length - offset));
    this.length = out.cutOff(offset, tail);
    this.start = offset;
    this.next = 0;
  }

  /** Puts back what stood before an offset, or all that is left, behind what was written since. */
  putBack(offset = this.start + this.length): void {
    const { out, unlikely, hints, start, next } = this;
    while (hints.length > 0 && hints[hints.length - 1] < offset) {
      unlikely.push((hints.pop() as number) + out.length - start - next);
    }
    out.range(tail, next, offset - start);
    this.next = offset - start;
  }

  /** Writes the code behind what stands in `body`; returns the hints' offsets there. Nothing can be written any more. */
  finish(body: Writer): readonly number[] {
    const { out, unlikely } = this;
    const hints = unlikely.map((offset) => offset + body.length);
    body.raw(out.view);
    returnWriter(out);
    if (tail.length > usualBytes) tail = new Uint8Array(usualBytes);
    return hints;
  }
}
