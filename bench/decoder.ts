/**
 * Decoding and validating large real modules: time against wabt's `readWasm` + `validate` in the same run.
 * `npm run -s bench:decoder -- --json` prints {"ratioToWabt": …, "modules": […]}; a ratio below 1 is faster than wabt.
 *
 * Method: both sides run alternately on each module, the first round of each is reported as `first`, the median of
 * the later rounds is what the ratio is made of.
 */
import loadWabt from "wabt";
import { decodeModule } from "../src/interpreter/binary/decode.ts";
import { realModules } from "../test/interpreter/binary/realModules.ts";

const rounds = 9;
const leastBytes = 400_000;
const wabtFeatures = {
  mutable_globals: true,
  sat_float_to_int: true,
  sign_extension: true,
  multi_value: true,
  bulk_memory: true,
  reference_types: true,
  simd: false,
};

const wabt = await loadWabt();

function milliseconds(work: () => void): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}

function wabtValidate(bytes: Uint8Array): void {
  const module = wabt.readWasm(bytes, wabtFeatures);
  try {
    module.validate();
  } finally {
    module.destroy();
  }
}

const median = (values: readonly number[]): number =>
  values.toSorted((left, right) => left - right)[values.length >> 1];
const rounded = (value: number): number => Number(value.toPrecision(3));

function measure(path: string, bytes: Uint8Array) {
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let round = 0; round < rounds; round++) {
    theirs.push(milliseconds(() => wabtValidate(bytes)));
    ours.push(milliseconds(() => decodeModule(bytes)));
  }
  const [mine, wabts] = [median(ours.slice(1)), median(theirs.slice(1))];
  return {
    module: path.split("/").slice(-1)[0],
    bytes: bytes.length,
    milliseconds: rounded(mine),
    wabtMilliseconds: rounded(wabts),
    first: { milliseconds: rounded(ours[0]), wabtMilliseconds: rounded(theirs[0]) },
    ratioToWabt: rounded(mine / wabts),
    megabytesPerSecond: rounded(bytes.length / mine / 1000),
  };
}

export function measureDecoder() {
  const modules = realModules()
    .filter(({ bytes }) => bytes.length >= leastBytes)
    .map(({ path, bytes }) => measure(path, bytes));
  if (modules.length === 0) throw new Error(`expected modules of at least ${leastBytes} bytes`);
  const logs = modules.map(({ ratioToWabt }) => Math.log(ratioToWabt));
  const mean = logs.reduce((sum, log) => sum + log, 0) / logs.length;
  return { ratioToWabt: rounded(Math.exp(mean)), modules };
}

if (import.meta.main) {
  const report = measureDecoder();
  if (process.argv.includes("--json")) {
    console.log(JSON.stringify(report));
  } else {
    console.table(report.modules.map(({ first, ...rest }) => rest));
    console.log(`ratio to wabt (geometric mean): ${report.ratioToWabt}`);
  }
}
