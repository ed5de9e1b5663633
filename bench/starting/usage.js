/**
 * Read before a command line by bench/cli.ts: leaves in a file what processor time and clock its first output and its end took.
 *
 * Invariant: plain JavaScript and Node's own modules alone, so that it costs no more than a millisecond or two.
 */
import { writeFileSync } from "node:fs";

const { BENCH_CLI_STARTED, BENCH_CLI_FILE } = process.env;

function used() {
  const { user, system } = process.cpuUsage();
  return {
    processorMs: (user + system) / 1000,
    clockMs: Date.now() - Number(BENCH_CLI_STARTED),
  };
}

let first;
const { write } = process.stdout;
process.stdout.write = (...args) => {
  const isWritten = write.apply(process.stdout, args);
  first ??= used();
  return isWritten;
};

process.on("exit", () => {
  writeFileSync(BENCH_CLI_FILE, JSON.stringify({ first: first ?? used(), end: used() }));
});
