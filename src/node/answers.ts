/**
 * Answers of other processes over HTTP: whole, within a time and a length, or none.
 *
 * Invariant: whoever is asked can keep the asker waiting for `timeoutMs` and make it hold `mostBytes`, headers and body
 * together, and no more. Nothing here needs Node.
 */
import { concatenated } from "../interpreter/program/programBytes.ts";

/** What was answered. */
export interface Answer {
  readonly ok: boolean;
  readonly status: number;
  readonly bytes: Uint8Array;
}

/** What the asker has patience and room for. */
export interface AnswerBounds {
  readonly timeoutMs: number;
  readonly mostBytes: number;
}

/** Asks, and reads the whole answer. Rejects with an Error that says why there is none. */
export async function asked(
  url: string,
  init: RequestInit,
  { timeoutMs, mostBytes }: AnswerBounds,
): Promise<Answer> {
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    const response = await fetch(url, { ...init, signal });
    const { ok, status } = response;
    return { ok, status, bytes: await bodyOf(response, mostBytes) };
  } catch (error) {
    const { cause, message } = error as Error;
    throw new Error((cause as Error | undefined)?.message ?? message, { cause: error });
  }
}

async function bodyOf({ body }: Response, mostBytes: number): Promise<Uint8Array> {
  const reader = body?.getReader();
  const pieces: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const { value, done } = (await reader?.read()) ?? { done: true };
    if (done || value === undefined) break;
    length += value.length;
    if (length > mostBytes) {
      await reader?.cancel();
      throw new RangeError(`more than ${mostBytes} bytes`);
    }
    pieces.push(value);
  }
  return concatenated(pieces, length);
}

/** The JSON of an answer. Throws SyntaxError. */
export function jsonOf({ bytes }: Answer): unknown {
  return JSON.parse(new TextDecoder().decode(bytes));
}
