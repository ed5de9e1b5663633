/** The judge on an embedded chain of the tests, where contract sizes and gas are not limited. */
import { judgeFamilies } from "../../src/game/chain/deploy.ts";
import type { Chain } from "./chain.ts";

/** Deploys the family contracts and the judge; the judge's address. */
export async function deployOn(chain: Chain): Promise<string> {
  const families: Record<string, string> = {};
  for (const [field, name] of Object.entries(judgeFamilies)) {
    families[field] = (await chain.deploy(name)).address;
  }
  return (await chain.deploy("StepJudge", [families])).address;
}
