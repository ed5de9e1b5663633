/**
 * A verification that fails is an answer too: with --json it is an object on stdout, like the other answer.
 *
 * Invariant: bad usage and bad files are no answers; they are told on stderr alone (exit 2).
 */
import { WitnessError } from "../../merkle/index.ts";
import { NotProvenError } from "../terminal/failure.ts";
import { show } from "../terminal/output.ts";

/** Does the check; a refusal is shown where JSON is wanted, and goes on to stderr and exit code 1 in any case. */
export async function answered(json: boolean, check: () => void | Promise<void>): Promise<void> {
  try {
    await check();
  } catch (error) {
    const isRefusal = error instanceof NotProvenError || error instanceof WitnessError;
    if (json && isRefusal) {
      show(true, { verified: false, reason: error.message, code: error.code }, () => "");
    }
    throw error;
  }
}
