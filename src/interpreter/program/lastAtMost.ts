/**
 * Binary search in what ascends: functions by their entry pcs, mostly.
 *
 * Invariant: `at` does not fall from one index to the next; nothing is allocated.
 */

/** The last index in [0, count) at which `at` is at most `value`; 0 if there is none. */
export function lastAtMost(count: number, at: (index: number) => number, value: number): number {
  let low = 0;
  let high = count - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (at(middle) <= value) low = middle;
    else high = middle - 1;
  }
  return low;
}
