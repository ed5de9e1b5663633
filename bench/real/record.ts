/**
 * Records one real program in a process of its own, since packages may be used once only:
 * `record.ts NAME short|second PACKAGES FOLDER`.
 * Writes the binaries that every engine plays, and the memory that the run has left, into FOLDER.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Length, realPrograms } from "./programs.ts";
import { recordRun } from "./recordRun.ts";
import { tapeModules, typesOf } from "./tapeModules.ts";

const [name, length, packages, folder] = process.argv.slice(2);
const program = realPrograms.find((one) => one.name === name);
if (program === undefined) throw new RangeError(`expected a program's name, got ${name}`);
const recording = await recordRun(typesOf, () => program.work(packages, length as Length));
mkdirSync(folder, { recursive: true });
for (const [file, bytes] of Object.entries(await tapeModules(recording))) {
  if (bytes !== undefined) writeFileSync(join(folder, `${file}.wasm`), bytes);
}
writeFileSync(join(folder, "memory.bin"), recording.memory);
// A package may keep timers or workers of its own.
process.exit(0);
