/**
 * What a transcript file must look like (docs/game.md §8), field by field and as a whole.
 *
 * Invariant: what passes holds nothing but numbers, hashes, addresses, known words and the names of modules and gateway,
 * so that the replay can neither fail on it nor take it for something else; whether it is true is the replay's question.
 */
import { featureLevels } from "../../interpreter/isa/features.ts";
import { growthPolicies, importPolicies } from "../../interpreter/program/linkOptions.ts";
import type { ProgramLimits } from "../../interpreter/program/program.ts";
import { moveNames } from "../chain/arbiterClient.ts";
import { phaseNames } from "../search/disputeState.ts";
import { points } from "../search/search.ts";
import type {
  RecordedClaim,
  RecordedMove,
  RecordedProgram,
  RecordedSettlement,
  RecordedState,
  Transcript,
} from "./disputeTranscript.ts";

export const transcriptFormat = "wasm-arbiter-transcript-1";
export const reasonNames = ["timeout", "length", "fuel", "step", "forfeit", "same"] as const;

type Check = (value: unknown, path: string) => void;

/** Throws TypeError if the value is no transcript, with the first field that is wrong. */
export function checkTranscript(value: unknown): asserts value is Transcript {
  if (!isObject(value) || value.format !== transcriptFormat) {
    throw new TypeError(`expected a transcript of format ${transcriptFormat}`);
  }
  checkFields(value, "");
  checkWhole(value as unknown as Transcript);
}

function refuse(path: string, expected: string, value: unknown): never {
  const text = JSON.stringify(value) ?? "nothing";
  const cut = text.length > 60 ? `${text.slice(0, 60)}…` : text;
  const shown = Array.isArray(value) ? `a list of ${value.length}` : cut;
  throw new TypeError(`expected ${path} to be ${expected}, got ${shown}`);
}

const text = (expected: string, pattern: RegExp): Check => {
  return (value, path) => {
    if (typeof value !== "string" || !pattern.test(value)) refuse(path, expected, value);
  };
};

const integer = (from: number, to: number): Check => {
  const expected = to === Number.MAX_SAFE_INTEGER ? "a count" : `an integer from ${from} to ${to}`;
  return (value, path) => {
    const fits =
      Number.isSafeInteger(value) && (value as number) >= from && (value as number) <= to;
    if (!fits) refuse(path, expected, value);
  };
};

const oneOf = (words: readonly unknown[]): Check => {
  return (value, path) => {
    if (!words.includes(value)) refuse(path, words.join(" or "), value);
  };
};

const list = (item: Check, length?: number): Check => {
  const expected = length === undefined ? "a list" : `a list of ${length}`;
  return (value, path) => {
    if (!Array.isArray(value)) refuse(path, expected, value);
    if (length !== undefined && value.length !== length) refuse(path, expected, value);
    for (const [i, entry] of value.entries()) item(entry, `${path}[${i}]`);
  };
};

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Every field of T must be named here; fields that T does not have are let pass. */
const object = <T>(fields: { readonly [K in keyof Required<T>]: Check }): Check => {
  return (value, path) => {
    if (!isObject(value)) refuse(path, "an object", value);
    for (const [name, check] of Object.entries<Check>(fields)) {
      check(value[name], path === "" ? name : `${path}.${name}`);
    }
  };
};

const nullable = (check: Check): Check => {
  return (value, path) => {
    if (value === undefined) refuse(path, "there, if only as null", value);
    if (value !== null) check(value, path);
  };
};

const optional = (check: Check): Check => {
  return (value, path) => {
    if (value !== undefined) check(value, path);
  };
};

const hash = text("a hash (0x and 64 hex digits)", /^0x[\da-f]{64}$/);
const address = text("an address (0x and 40 hex digits)", /^0x[\da-f]{40}$/i);
const bytes = text("bytes in hex", /^0x([\da-f]{2})*$/);
const decimal = text("a decimal number in quotes", /^(0|[1-9]\d{0,77})$/);
const flag: Check = (value, path) => {
  if (typeof value !== "boolean") refuse(path, "true or false", value);
};
const anyText = text("a text", /^/);
const count = integer(0, Number.MAX_SAFE_INTEGER);

const gasOf: Check = (value, path) => {
  if (!isObject(value)) refuse(path, "an object", value);
  for (const [account, gas] of Object.entries(value)) {
    address(account, `an account of ${path}`);
    count(gas, `${path}.${account}`);
  }
};

const state = object<RecordedState>({
  phase: oneOf(phaseNames),
  round: count,
  turn: integer(0, 3),
  since: count,
  bankBlocks: list(count, 2),
  startStep: decimal,
  endStep: decimal,
  startState: hash,
  endStates: list(hash, 2),
});

const claim = object<RecordedClaim>({ state: hash, steps: decimal, fuel: decimal });

const move = object<RecordedMove>({
  block: count,
  transaction: hash,
  gas: count,
  side: integer(0, 1),
  move: oneOf(moveNames),
  hashes: list(hash),
  registerProof: optional(bytes),
  before: state,
  after: state,
});

const settlement = object<RecordedSettlement>({
  block: count,
  transaction: hash,
  gas: count,
  from: address,
  losers: integer(0, 3),
  reason: oneOf(reasonNames),
  reward: decimal,
});

const program = object<RecordedProgram>({
  modules: list(
    object<RecordedProgram["modules"][number]>({ name: anyText, hash, adapter: optional(flag) }),
  ),
  options: object<RecordedProgram["options"]>({
    level: oneOf(Object.keys(featureLevels)),
    gateway: anyText,
    growth: oneOf(growthPolicies),
    unknownImports: oneOf(importPolicies),
    chunkFuel: count,
    limits: object<ProgramLimits>({
      stackSlots: count,
      frames: count,
      tableEntries: count,
      memoryPages: count,
      inputBytes: count,
      outputBytes: count,
      callFuel: count,
    }),
  }),
});

const checkFields = object<Transcript>({
  format: oneOf([transcriptFormat]),
  chainId: decimal,
  arbiter: address,
  dispute: decimal,
  parameters: object<Transcript["parameters"]>({
    k: integer(2, 256),
    graceBlocks: count,
    bankBlocks: count,
    stake: decimal,
    rewardBps: integer(0, 10_000),
  }),
  parties: list(address, 2),
  call: object<Transcript["call"]>({
    program: hash,
    previousState: hash,
    inputRoot: hash,
    inputLength: integer(0, 2 ** 32 - 1),
  }),
  program: optional(program),
  claims: list(claim, 2),
  fuelStep: decimal,
  opened: object<Transcript["opened"]>({ block: count, transaction: hash, gas: count, state }),
  moves: list(move),
  judged: nullable(
    object<NonNullable<Transcript["judged"]>>({ step: decimal, preState: hash, postState: hash }),
  ),
  settled: nullable(settlement),
  gas: gasOf,
});

/** What fields say about one another. */
function checkWhole({ parameters, opened, moves, judged, settled }: Transcript): void {
  for (const [i, { move, before, hashes }] of moves.entries()) {
    const { startStep, endStep } = before;
    const length = BigInt(endStep) - BigInt(startStep);
    if ((move === "vector" || move === "part") && length < 1n) {
      refuse(`moves[${i}].before.endStep`, `more than ${startStep}`, endStep);
    }
    const searched = () => points(BigInt(startStep), BigInt(endStep), parameters.k).length;
    const expected = { proof: () => 0, state: () => 1, vector: searched, part: () => 2 }[move]();
    if (hashes.length !== expected) {
      refuse(`moves[${i}].hashes`, `a list of ${expected}`, hashes);
    }
  }
  const { startStep } = moves.at(-1)?.after ?? opened.state;
  if (judged !== null && judged.step !== startStep) {
    refuse("judged.step", `${startStep}, where the search ended`, judged.step);
  }
  const byJudge = settled?.reason === "step" || settled?.reason === "fuel";
  if (byJudge && judged === null) {
    refuse("judged", `the step that the verdict (${settled.reason}) is about`, judged);
  }
}
