/**
 * `npm run -s bench:gas -- [--json] [--samples N] [--snapshot]`: gas of judged steps, by instruction family, and the
 * sizes of the contracts. With --snapshot the figures that the gas test compares are written anew.
 */
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { type GasReport, gasReport, type Spread } from "./gasReport.ts";

const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    samples: { type: "string", default: "6" },
    snapshot: { type: "boolean", default: false },
  },
});

const number = (value: number): string => value.toLocaleString("en").padStart(9);

function line(name: string, { minimum, median, worst, floor }: Spread): string {
  return `${name.padEnd(22)}${number(minimum)}${number(median)}${number(worst)}${number(floor)}`;
}

function print(report: GasReport): void {
  const { programInstructions, memoryBytes, steps } = report;
  console.log(
    `${steps} transactions; program of ${programInstructions.toLocaleString("en")} instructions, ` +
      `${memoryBytes / 2 ** 20} MiB of memory`,
  );
  console.log(`${"gas".padEnd(22)}  minimum   median    worst    floor`);
  console.log(line("all but vectors", report));
  console.log(line("vectors", report.vectors));
  for (const [name, spread] of Object.entries(report.families)) console.log(line(name, spread));
  for (const [name, spread] of Object.entries(report.extremes)) console.log(line(name, spread));
  console.log("\nmost expensive instructions");
  const byWorst = Object.entries(report.instructions).sort(([, a], [, b]) => b.worst - a.worst);
  for (const [name, spread] of byWorst.slice(0, 12)) console.log(line(name, spread));
  console.log("\ncontract                  bytes (limit 24,576)");
  for (const [name, bytes] of Object.entries(report.contracts)) {
    console.log(`${name.padEnd(22)}${number(bytes)}`);
  }
}

const report = await gasReport(Number(values.samples));
if (values.json) console.log(JSON.stringify(report));
else print(report);
if (values.snapshot) {
  const worst = Object.entries(report.instructions).map(([name, spread]) => [name, spread.worst]);
  const snapshot = { instructions: Object.fromEntries(worst.sort()), contracts: report.contracts };
  writeFileSync(
    new URL("./gas-snapshot.json", import.meta.url),
    `${JSON.stringify(snapshot, null, 2)}\n`,
  );
}
