/**
 * Files that commands read and write; every failure says which file and what to do.
 *
 * Invariant: what is written is written beside its place first and then renamed, so that an interrupted command
 * leaves the old file or the new one, never half of it, and no draft; a link keeps leading where it leads, and what is
 * no file (a pipe, a device) is written to, never replaced.
 */
import {
  accessSync,
  constants,
  lstatSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, resolve } from "node:path";
import { UsageError } from "../terminal/failure.ts";

const advice: Readonly<Record<string, string>> = {
  ENOENT: "no such file; check the path",
  EISDIR: "it is a folder; name a file in it",
  EACCES: "no permission; check whose it is",
  ENOTDIR: "a part of the path is a file; check the path",
  EEXIST: "it is a file; name a folder",
  ENOSPC: "the disk is full; make room",
  EROFS: "the file system is read-only; choose another place",
};

/** The whole file; `-` is standard input. */
export function readBytes(path: string): Uint8Array {
  try {
    return new Uint8Array(readFileSync(path === "-" ? 0 : path));
  } catch (error) {
    throw fileError("read", path, error);
  }
}

/** Fails now where reading would fail after long work. */
export function checkReadable(path: string): void {
  if (path === "-") return;
  try {
    if (statSync(path).isDirectory()) throw Object.assign(new Error(), { code: "EISDIR" });
    accessSync(path, constants.R_OK);
  } catch (error) {
    throw fileError("read", path, error);
  }
}

/** A JSON file that must hold an object; `wanted` says which file that would be. */
export function readJson(
  path: string,
  wanted = "give the file that a command with --out wrote",
): Readonly<Record<string, unknown>> {
  const text = new TextDecoder().decode(readBytes(path));
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new UsageError(`${path} is no JSON`, wanted);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new UsageError(`${path} holds no JSON object`, wanted);
  }
  return value as Readonly<Record<string, unknown>>;
}

export function writeFile(path: string, content: string | Uint8Array): void {
  try {
    const status = targetOf(path);
    const isInPlace = status === undefined ? isLink(path) : !status.isFile();
    if (isInPlace) writeFileSync(path, content);
    else replaceFile(status === undefined ? path : realpathSync(path), content, status?.mode);
  } catch (error) {
    throw fileError("write", path, error);
  }
}

function replaceFile(path: string, content: string | Uint8Array, mode: number | undefined): void {
  const draft = `${path}.${process.pid}.tmp`;
  try {
    writeFileSync(draft, content, mode === undefined ? {} : { mode });
    renameSync(draft, path);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}

/** Fails now where `writeFile` would fail after long work; nothing is created. */
export function checkWritable(path: string): void {
  try {
    const status = targetOf(path);
    const isInPlace = status !== undefined && !status.isFile();
    if (isInPlace) accessSync(path, constants.W_OK);
    else accessFolder(dirname(status === undefined ? path : realpathSync(path)));
  } catch (error) {
    throw fileError("write", path, error);
  }
}

/** Whether two paths lead to one file that is there. */
export function isSameFile(one: string, other: string): boolean {
  const [first, second] = [statusOf(one), statusOf(other)];
  if (first === undefined || second === undefined || !first.isFile()) return false;
  return first.dev === second.dev && first.ino === second.ino;
}

/** What would be written over. */
function targetOf(path: string): Stats | undefined {
  const status = statusOf(path);
  if (status?.isDirectory()) throw Object.assign(new Error(), { code: "EISDIR" });
  return status;
}

/** Of what a path leads to; undefined if nothing is there. */
function statusOf(path: string): Stats | undefined {
  return statSync(path, { throwIfNoEntry: false });
}

function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
}

/** Fails now where `makeFolder` would fail after long work; nothing is created. */
export function checkFolder(path: string): void {
  let place = resolve(path);
  for (;;) {
    try {
      accessFolder(place);
      return;
    } catch (error) {
      const isMissing = (error as NodeJS.ErrnoException).code === "ENOENT";
      if (!isMissing || place === dirname(place)) throw fileError("write to", path, error);
      place = dirname(place);
    }
  }
}

/** Throws unless files can be made in it: of a file the answer is ENOTDIR. */
function accessFolder(path: string): void {
  accessSync(`${path}/.`, constants.W_OK | constants.X_OK);
}

export function makeFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true });
  } catch (error) {
    throw fileError("write to", path, error);
  }
}

function fileError(verb: "read" | "write" | "write to", path: string, error: unknown): UsageError {
  const code = (error as NodeJS.ErrnoException).code ?? "unknown error";
  return new UsageError(
    `cannot ${verb} ${path}`,
    advice[code] ?? `the system says ${code}; check the path`,
  );
}
