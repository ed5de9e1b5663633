/**
 * Progress of a long run: one line on stderr, only where a terminal reads it; cli-progress draws it.
 *
 * Invariant: reports cost nothing that matters: at most ten lines a second, and none in the first fifth of a second.
 */
import { createRequire } from "node:module";
import { grouped } from "./output.ts";

export interface Progress {
  /** Steps done so far. */
  report(done: number): void;
  /** Removes the line. */
  end(): void;
}

const linesPerSecond = 10;
const quietMs = 200;
const silent: Progress = { report: () => {}, end: () => {} };

const require = createRequire(import.meta.url);

/** `total` steps if they are known: then the line tells when the run will end. */
export function progressOf(label: string, total: number | undefined): Progress {
  if (!process.stderr.isTTY) return silent;
  const start = performance.now();
  const { SingleBar } = require("cli-progress") as typeof import("cli-progress");
  const bar = new SingleBar({
    stream: process.stderr,
    fps: linesPerSecond,
    clearOnComplete: true,
    hideCursor: true,
    // The run does not return to the event loop: a line is drawn by the report itself.
    synchronousUpdate: true,
    format: (_options, { value }) =>
      progressLine(label, value, total, (performance.now() - start) / 1000),
  });
  return {
    report(done) {
      if (bar.isActive) bar.update(done);
      else if (performance.now() - start >= quietMs) bar.start(total ?? done, done);
    },
    end: () => bar.stop(),
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
