/**
 * The room of light code: frames and slots as one number, whose sign tells that there is none.
 *
 * Invariant: what fits into the number fits into frames and into slots; what does not may still fit, which code that can
 * stop finds out.
 */
import type { Room } from "./nestedCalls.ts";

/** Slots that a frame counts for beside its own. */
const slotsOfFrame = 8;

/** What frames and slots take of the room. */
export function lightRoomOf({ slots, frames }: Room): number {
  return slots + frames * slotsOfFrame;
}

/** The room of an entry with so many frames and slots. */
export function lightRoomWithin({ slots, frames }: Room): number {
  return Math.min(slots, frames * slotsOfFrame);
}
