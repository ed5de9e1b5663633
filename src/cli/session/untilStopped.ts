/**
 * Waiting for the operator's word.
 *
 * Invariant: a process ends in its own order, once, at the first SIGINT or SIGTERM.
 */

/** Resolves at the first signal to stop. */
export function untilStopped(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve());
  });
}
