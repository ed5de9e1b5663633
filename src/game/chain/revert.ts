/**
 * Why a transaction reverts, in a word and its arguments: custom errors of all our contracts, decoded wherever a node or
 * a library has put their bytes.
 *
 * Invariant: the text is one short line, whatever the node answers; a stranger's message is cut.
 */
import { Interface, isHexString, type Result } from "ethers";
import { contractInterfaces } from "./contracts.ts";

/** A decoded revert. */
export interface Revert {
  /** Name of the custom error, or the most telling text there is. */
  readonly name: string;
  /** The name with the error's arguments: `StaleState(id 7)`. */
  readonly text: string;
}

/** More of a stranger's message is no help. */
const mostCharacters = 200;
const standard = new Interface(["error Error(string reason)", "error Panic(uint256 code)"]);

/** What an error of ethers, or of a node behind it, says about a revert. */
export function decodeRevert(error: unknown): Revert {
  const known = knownRevert(error);
  if (known !== undefined) return known;
  const { reason, shortMessage } = error as { reason?: string; shortMessage?: string };
  const told = reason ?? shortMessage ?? String(error);
  const text = told.length > mostCharacters ? `${told.slice(0, mostCharacters)}…` : told;
  return { name: text, text };
}

/** The revert whose bytes an error holds, if they are a contract's of ours or Solidity's own. */
export function knownRevert(error: unknown): Revert | undefined {
  const data = revertData(error);
  return data === undefined ? undefined : decodeData(data);
}

/** The error that these bytes encode; undefined for one that is none of ours. */
export function decodeData(data: string): Revert | undefined {
  try {
    return decodeWhole(data);
  } catch {
    // Too short, or arguments that are not those of its selector.
    return undefined;
  }
}

function decodeWhole(data: string): Revert | undefined {
  const builtIn = standard.parseError(data);
  if (builtIn !== null) {
    const [argument] = builtIn.args;
    const text = builtIn.name === "Error" ? String(argument) : `Panic(0x${argument.toString(16)})`;
    const cut = text.length > mostCharacters ? `${text.slice(0, mostCharacters)}…` : text;
    return { name: cut, text: cut };
  }
  for (const contract of contractInterfaces()) {
    const found = contract.parseError(data);
    if (found === null) continue;
    const values = found.fragment.inputs.map(({ name }, i) => `${name} ${shown(found.args, i)}`);
    const text = values.length === 0 ? found.name : `${found.name}(${values.join(", ")})`;
    return { name: found.name, text };
  }
  return undefined;
}

function shown(args: Result, i: number): string {
  return String(args[i]);
}

/** Deeper than any library nests a node's answer. */
const mostDepth = 6;

/** The bytes that a revert returned: nodes put them into the answer's data, libraries wrap the answer. */
function revertData(value: unknown, depth = 0): string | undefined {
  if (typeof value !== "object" || value === null || depth > mostDepth) return undefined;
  const { data, info, error, cause, result } = value as Readonly<Record<string, unknown>>;
  for (const candidate of [data, result]) {
    if (typeof candidate === "string" && isHexString(candidate) && candidate.length >= 10) {
      return candidate;
    }
  }
  for (const inner of [data, info, error, cause]) {
    const found = revertData(inner, depth + 1);
    if (found !== undefined) return found;
  }
  return undefined;
}
