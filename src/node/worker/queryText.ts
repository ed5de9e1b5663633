/**
 * Questions to a worker and its answers as JSON: numbers of 64 bits as decimal strings, bytes as hex with 0x.
 *
 * Invariant: one form a field; what is not of it is a RangeError, which the asker gets as a refusal.
 */
import { getBytes, hexlify } from "ethers";
import { readApplication } from "../../history/index.ts";
import { stateText } from "./journal.ts";
import type { WorkerAnswer, WorkerQuery } from "./queries.ts";

const kinds = ["application", "memory", "probe", "results", "handover"] as const;

/** A question as JSON. */
export function queryText(query: WorkerQuery): string {
  return JSON.stringify({ ...query, height: query.height.toString() });
}

/** Reads a question. Throws RangeError. */
export function readQuery(text: string): WorkerQuery {
  const fields = objectOf(text);
  const kind = kinds.find((name) => name === fields.kind);
  if (kind === undefined) throw new RangeError(`expected a kind of ${kinds.join(", ")}`);
  const height = heightOf(fields.height);
  if (kind !== "memory" && kind !== "probe") return { kind, height };
  const { memory, address, length } = (fields.range ?? {}) as Record<string, unknown>;
  const range = {
    memory: countOf(memory ?? 0, "range.memory"),
    address: countOf(address, "range.address"),
    length: countOf(length, "range.length"),
  };
  if (kind === "memory") return { kind, height, range };
  return { kind, height, range, step: countOf(fields.step, "step") };
}

/** An answer as JSON. */
export function answerText(answer: WorkerAnswer): string {
  const { height, application, proof, hash, results, output, handoverVote } = answer;
  return JSON.stringify({
    height: height.toString(),
    application: stateText(application),
    ...(proof === undefined ? {} : { proof: hexlify(proof) }),
    ...(hash === undefined ? {} : { hash }),
    ...(results === undefined ? {} : { results: results.map(String) }),
    ...(output === undefined ? {} : { output: hexlify(output) }),
    ...(handoverVote === undefined ? {} : { handoverVote }),
  });
}

/** What `answerText` wrote. Throws RangeError, TypeError, SyntaxError, and `malformed-answer` for the state. */
export function readAnswer(text: string): WorkerAnswer {
  const { height, application, proof, hash, results, output, handoverVote } = objectOf(text);
  if (typeof application !== "string") throw new RangeError("expected an application state");
  return {
    height: heightOf(height),
    application: readApplication(objectOf(application)),
    ...(proof === undefined ? {} : { proof: getBytes(proof as string) }),
    ...(hash === undefined ? {} : { hash: String(hash) }),
    ...(results === undefined ? {} : { results: (results as string[]).map(BigInt) }),
    ...(output === undefined ? {} : { output: getBytes(output as string) }),
    ...(handoverVote === undefined ? {} : { handoverVote: String(handoverVote) }),
  };
}

function objectOf(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new RangeError("expected JSON");
  }
  if (typeof value !== "object" || value === null) throw new RangeError("expected an object");
  return value as Record<string, unknown>;
}

function heightOf(value: unknown): bigint {
  if (typeof value !== "string" || !/^\d{1,19}$/.test(value)) {
    throw new RangeError("expected a height as a decimal string");
  }
  return BigInt(value);
}

function countOf(value: unknown, name: string): number {
  if (!Number.isSafeInteger(value) || (value as number) < 0) {
    throw new RangeError(`expected ${name} to be a whole number`);
  }
  return value as number;
}
