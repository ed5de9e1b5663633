/** Workloads of signed transactions: the same bytes in every run, clients in turn. */
import { expect, test } from "vitest";
import { workload } from "../../src/sdk/index.ts";
import { chainId } from "./application.ts";

test("a workload is the same in every run, its clients take turns", () => {
  const options = {
    chainId,
    transactions: 5,
    clients: 2,
    expiryHeight: 9n,
    session: 3n,
    payload: (index: number) => Uint8Array.of(index),
  };
  const list = [...workload(options)];
  expect([...workload(options)]).toEqual(list);
  const clientOf = (bytes: Uint8Array) => Buffer.from(bytes.subarray(1, 21)).toString("hex");
  expect(list.map(clientOf)).toEqual([0, 1, 0, 1, 0].map((index) => clientOf(list[index])));
  expect(new Set(list.map(clientOf)).size).toBe(2);
  expect([...workload({ ...options, seed: "other" })]).not.toEqual(list);
  expect(() => [...workload({ ...options, clients: 0 })]).toThrow(RangeError);
});
