/**
 * Progress of a long run: one line on stderr, only where a terminal reads it, rewritten in place.
 *
 * Invariant: reports cost nothing that matters: at most ten a second.
 */
import { grouped } from "./output.ts";

export interface Progress {
  /** Steps done so far. */
  report(done: number): void;
  /** Removes the line. */
  end(): void;
}

const intervalMs = 100;
const silent: Progress = { report: () => {}, end: () => {} };

/** `total` steps if they are known: then the line tells when the run will end. */
export function progressOf(label: string, total: number | undefined): Progress {
  if (!process.stderr.isTTY) return silent;
  const start = performance.now();
  let last = start + 2 * intervalMs;
  return {
    report(done) {
      const now = performance.now();
      if (now - last < intervalMs) return;
      last = now;
      process.stderr.write(`\r\u001b[K${progressLine(label, done, total, (now - start) / 1000)}`);
    },
    end: () => void process.stderr.write("\r\u001b[K"),
  };
}

/** The line itself; `seconds` since the start. */
export function progressLine(
  label: string,
  done: number,
  total: number | undefined,
  seconds: number,
): string {
  const rate = done / seconds;
  const speed = `${(rate / 1e6).toFixed(1)} M steps/s`;
  if (total === undefined || total <= 0) {
    return `${label}: ${grouped(done)} steps · ${speed} · ${clock(seconds)}`;
  }
  const share = ((100 * done) / total).toFixed(1);
  const left = rate > 0 ? clock((total - done) / rate) : "?";
  return `${label}: ${share} % of ${grouped(total)} steps · ${speed} · ETA ${left}`;
}

function clock(seconds: number): string {
  const whole = Math.round(seconds);
  const minutes = Math.floor(whole / 60);
  return `${minutes}:${String(whole % 60).padStart(2, "0")}`;
}
