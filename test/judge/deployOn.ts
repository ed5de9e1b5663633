/** The judge on an embedded chain of the tests, where contract sizes and gas are not limited. */
import { judgeFamilies } from "../../src/game/chain/deploy.ts";
import type { Chain, Contract } from "./chain.ts";

/** Deploys the family contracts and the judge over them; the families' addresses by their fields. */
export async function deployOn(
  chain: Chain,
): Promise<{ readonly judge: Contract; readonly families: Readonly<Record<string, string>> }> {
  const families: Record<string, string> = {};
  for (const [field, name] of Object.entries(judgeFamilies)) {
    families[field] = (await chain.deploy(name)).address;
  }
  return { judge: await chain.deploy("StepJudge", [families]), families };
}
