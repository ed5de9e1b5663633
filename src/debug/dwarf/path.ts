/**
 * Paths as compilers write them: POSIX and Windows, absolute and relative, put together without a file system.
 *
 * Invariant: text alone; nothing is looked up.
 */

/** `/x`, `\x`, `C:/x`, `C:\x`, and URLs, which some tool chains map their folders to. */
export function isAbsolutePath(path: string): boolean {
  return /^(?:[/\\]|[A-Za-z][\w+.-]*:[/\\])/.test(path);
}

/** The path as seen from a folder. */
export function joinedPath(folder: string, path: string): string {
  if (folder === "" || isAbsolutePath(path)) return path;
  return /[/\\]$/.test(folder) ? folder + path : `${folder}/${path}`;
}

/** Parts of a path without `.` and empty ones, each `..` taken with the part before it; none leads out of the beginning. */
export function pathParts(path: string): string[] {
  const parts: string[] = [];
  for (const part of path.split(/[/\\]+/)) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return parts;
}
