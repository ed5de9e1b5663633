/**
 * Time as these benchmarks take it: processor time of this thread, since other processes share the machine. It comes in
 * grains of some milliseconds, so callers add up many runs.
 */

export function milliseconds(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

export function timed(work: () => void): number {
  const start = milliseconds();
  work();
  return milliseconds() - start;
}

/** Lets the host's compiler threads finish. */
export const settle = () => new Promise((resolve) => setTimeout(resolve, 150));
