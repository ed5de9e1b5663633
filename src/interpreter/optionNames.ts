/**
 * Options and bytes as callers without types give them: a name that does not exist is a mistake, never a wish to be passed
 * over, and hex text is no bytes.
 *
 * Invariant: the names are those of the options' type, or this does not compile.
 */

/** Names of an options type: `optionNames<RunLimits>({ steps: true })`. */
export function optionNames<T extends object>(names: Readonly<Record<keyof T, true>>): string[] {
  return Object.keys(names);
}

/**
 * Throws TypeError for anything but an object whose keys are among the names.
 *
 * @param where What takes them, for the text: "load".
 */
export function checkOptionNames(where: string, options: unknown, names: readonly string[]): void {
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    throw new TypeError(`${where}: expected an object of options, got ${kindOf(options)}`);
  }
  const unknown = Object.keys(options).filter((name) => !names.includes(name));
  if (unknown.length === 0) return;
  throw new TypeError(
    `${where}: there is no option ${unknown.map((name) => JSON.stringify(name)).join(", ")}; the options are ${names.join(", ")}`,
  );
}

/** Throws TypeError for anything but a Uint8Array; `what` it should be, for the text: "the input". */
export function checkBytes(what: string, value: unknown): void {
  if (value instanceof Uint8Array) return;
  throw new TypeError(`expected ${what} to be a Uint8Array, got ${kindOf(value)}`);
}

/** What a value is, for the text of an error: its class, or its type. */
export function kindOf(value: unknown): string {
  return typeof value === "object" ? (value?.constructor?.name ?? "null") : typeof value;
}
