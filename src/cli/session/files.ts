/**
 * Files that commands read and write; every failure says which file and what to do.
 *
 * Invariant: what is written is written beside its place first and then renamed, so that an interrupted command
 * leaves the old file or the new one, never half of it.
 */
import {
  accessSync,
  constants,
  mkdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, resolve } from "node:path";
import { UsageError } from "../terminal/failure.ts";

const advice: Readonly<Record<string, string>> = {
  ENOENT: "no such file; check the path",
  EISDIR: "it is a folder; name a file in it",
  EACCES: "no permission; check who may read it",
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

/** A JSON file that must hold an object. */
export function readJson(path: string): Readonly<Record<string, unknown>> {
  const text = new TextDecoder().decode(readBytes(path));
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new UsageError(`${path} is no JSON`, "give the file that a command with --out wrote");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new UsageError(
      `${path} holds no JSON object`,
      "give the file that a command with --out wrote",
    );
  }
  return value as Readonly<Record<string, unknown>>;
}

export function writeFile(path: string, content: string | Uint8Array): void {
  const draft = `${path}.${process.pid}.tmp`;
  try {
    writeFileSync(draft, content);
    renameSync(draft, path);
  } catch (error) {
    throw fileError("write", path, error);
  }
}

/** Fails now where `makeFolder` would fail after long work; nothing is created. */
export function checkFolder(path: string): void {
  let place = resolve(path);
  for (;;) {
    try {
      // Of a file the answer is ENOTDIR.
      accessSync(`${place}/.`, constants.W_OK | constants.X_OK);
      return;
    } catch (error) {
      const isMissing = (error as NodeJS.ErrnoException).code === "ENOENT";
      if (!isMissing || place === dirname(place)) throw fileError("write to", path, error);
      place = dirname(place);
    }
  }
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
