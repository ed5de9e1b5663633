/**
 * The log of a node's processes: one JSON object a line, by pino.
 *
 * Invariant: logging decides nothing; a process without pino installed says so and goes on silently.
 */

/** What a process logs to: pino's logger, or anything like it. */
export interface Log {
  info(facts: object, text: string): void;
  warn(facts: object, text: string): void;
  error(facts: object, text: string): void;
}

/** A log that nobody reads. */
export const silentLog: Log = { info: () => {}, warn: () => {}, error: () => {} };

/** A log to standard output. */
export async function openLog(name: string, level: string): Promise<Log> {
  const { pino } = await import("pino");
  const logger = pino({ name, level });
  return {
    info: (facts, text) => logger.info(facts, text),
    warn: (facts, text) => logger.warn(facts, text),
    error: (facts, text) => logger.error(facts, text),
  };
}
