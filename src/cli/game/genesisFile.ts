/**
 * CometBFT's genesis.json: what a worker and a gateway need of it beside `app_state`.
 *
 * Invariant: validators are read as strictly as CometBFT's answers, in its order.
 */
import { readValidators, type Validator } from "../../history/index.ts";
import { readJson } from "../session/files.ts";
import { UsageError } from "../terminal/failure.ts";

/** Chain id, validators and first height of a genesis. */
export interface GenesisChain {
  readonly chainId: string;
  readonly validators: readonly Validator[];
  readonly initialHeight: bigint;
}

/** Reads a file. */
export function chainIn(path: string): GenesisChain {
  const {
    chain_id: chainId,
    validators,
    initial_height: first = "1",
  } = readJson(path, "name CometBFT's genesis.json");
  const list = validators as readonly { readonly pub_key: unknown; readonly power: string }[];
  if (typeof chainId !== "string" || !Array.isArray(list) || !/^\d{1,18}$/.test(String(first))) {
    throw new UsageError(`${path} is no genesis of CometBFT`, "name its genesis.json");
  }
  const answer = { validators: list.map((item) => ({ ...item, voting_power: item.power })) };
  return { chainId, validators: readValidators(answer), initialHeight: BigInt(String(first)) };
}
