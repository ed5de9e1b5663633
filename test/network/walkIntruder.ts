/** What an account does in a walk that has no right to it: everything that only owners, developers or contracts may do. */
import type { Contract } from "ethers";
import { expect } from "vitest";
import { failure, send } from "./network.ts";
import type { Move } from "./walkWorkers.ts";
import { funder, type World } from "./walkWorld.ts";

/** Calls that are refused whatever the state, each with what it is about now. */
function attempts(world: World) {
  const { network, joined, fragments, cluster } = world;
  const { clusters, checkpoints, validation, rewards } = network;
  const intruder = network.accounts[funder];
  const worker = world.one(joined) ?? intruder;
  const fragment = world.one(fragments) ?? cluster;
  const header = cluster;
  const made: readonly (readonly [Contract, string, readonly unknown[]])[] = [
    [clusters, "withdraw", [worker]],
    [clusters, "abandon", [worker]],
    [clusters, "giveNotice", [worker]],
    [clusters, "halt", [cluster]],
    [clusters, "close", [cluster]],
    [clusters, "invite", [cluster, intruder, true]],
    [clusters, "bind", [worker]],
    [clusters, "release", [worker]],
    [clusters, "convict", [worker, intruder, header, 1n]],
    [clusters, "slash", [worker, 1n, intruder]],
    [clusters, "freeze", [1n, 1n]],
    [clusters, "makeFinal", [cluster, 4n]],
    [checkpoints, "cut", [cluster, 0n]],
    [validation, "bind", [1n]],
    [validation, "release", [1n]],
    [validation, "convict", [1n, intruder]],
    [validation, "withdraw", []],
    [validation, "deregister", []],
    [validation, "confirm", [fragment, [], { root: header, length: 0 }]],
    [rewards, "takeBack", [cluster, 1n]],
    [rewards, "settle", [fragment, [intruder], true]],
    [rewards, "reserve", [fragment, [cluster, 1n, 1n, 1n, 1]]],
  ];
  return made;
}

/** Tries one of them. */
export const intrude: Move = async (world) => {
  const attempt = world.one(attempts(world));
  if (attempt === undefined) return undefined;
  const [contract, method, args] = attempt;
  const said = await failure(send(contract, world.network.signers[funder], method, args));
  expect(said, method).toMatch(
    /^(NotOwner|NotDeveloper|NotAuthorised|NotClusters|NotChosen|Wrong)/,
  );
  return { said: "refused" };
};
