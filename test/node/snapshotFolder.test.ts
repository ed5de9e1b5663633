/**
 * Snapshots that are written beside other work: what a reader sees before they are on the disk, and that what happens to them
 * meanwhile holds.
 */
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { SnapshotFolder } from "../../src/node/worker/snapshots.ts";

let path: string;
beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), "snapshots-"));
});
afterEach(() => rmSync(path, { recursive: true, force: true }));

const bytes = (value: number) => new Uint8Array(100_000).fill(value);
const files = () => readdirSync(path).sort();

test("is read at once, and on the disk later; of those that are kept the oldest goes", async () => {
  const folder = new SnapshotFolder(path, 2);
  folder.write(1n, bytes(1));
  folder.write(2n, bytes(2));
  folder.writeBeside(3n, bytes(3));
  expect(folder.heights()).toEqual([3n, 2n]);
  expect(folder.read(3n)).toEqual(bytes(3));
  expect(files()).not.toContain("3.snapshot");
  await folder.written;
  expect(files()).toEqual(["2.snapshot", "3.snapshot"]);
  expect(folder.read(3n)).toEqual(bytes(3));
});

test("the next one is written at once while one is on its way", async () => {
  const folder = new SnapshotFolder(path, 4);
  folder.writeBeside(1n, bytes(1));
  folder.writeBeside(2n, bytes(2));
  expect(files()).toContain("2.snapshot");
  await folder.written;
  expect(files()).toEqual(["1.snapshot", "2.snapshot"]);
});

test("what is removed or written anew meanwhile stays so", async () => {
  const folder = new SnapshotFolder(path, 4);
  folder.writeBeside(1n, bytes(1));
  folder.remove(1n);
  expect(folder.heights()).toEqual([]);
  await folder.written;
  expect(files()).toEqual([]);
  folder.writeBeside(2n, bytes(2));
  folder.write(2n, bytes(3));
  await folder.written;
  expect(files()).toEqual(["2.snapshot"]);
  expect(folder.read(2n)).toEqual(bytes(3));
});

test("a failure is told to the next one", async () => {
  const folder = new SnapshotFolder(path, 4);
  // Where the file would go stands what cannot be written to.
  mkdirSync(join(path, "1.snapshot.beside"));
  folder.writeBeside(1n, bytes(1));
  await folder.written;
  expect(folder.heights()).toEqual([]);
  expect(() => folder.writeBeside(2n, bytes(2))).toThrow(/EISDIR/);
  folder.writeBeside(2n, bytes(2));
  await folder.written;
  expect(folder.heights()).toEqual([2n]);
});

test("peers that ask what there is again and again have no file read again", async () => {
  const folder = new SnapshotFolder(path, 2);
  folder.write(1n, bytes(1));
  folder.writeBeside(2n, bytes(2));
  const sha256 = (value: number) =>
    new Uint8Array(createHash("sha256").update(bytes(value)).digest());
  const read = vi.spyOn(folder, "read");
  for (let i = 0; i < 3; i++) {
    for (const height of [1n, 2n]) {
      expect(folder.digest(height)).toEqual({ length: 100_000, hash: sha256(Number(height)) });
      expect(folder.slice(height, 99_990, 64)).toEqual(bytes(Number(height)).subarray(0, 10));
      expect(folder.slice(height, 100_000, 64).length).toBe(0);
    }
    await folder.written;
  }
  expect(read).toHaveBeenCalledTimes(2);
  folder.write(1n, bytes(9));
  expect(folder.digest(1n)?.hash).toEqual(sha256(9));
  folder.remove(1n);
  expect(folder.digest(1n)).toBeUndefined();
  expect(folder.slice(1n, 0, 64).length).toBe(0);
});
