/**
 * The names under which a profile counts an instruction: its function, or what its source says, with the calls that were
 * inlined.
 *
 * Invariant: names of one place are one object, so that places are compared by identity; outermost first.
 */
import type { SourceFrame } from "../../debug/index.ts";
import { instructionCount } from "./programFunctions.ts";
import type { Session } from "./runSession.ts";
import { frameText } from "./sources.ts";

/** What is counted: functions of the modules, functions of the source, or lines of it. */
export type ProfileUnit = "function" | "source" | "line";
export const profileUnits: readonly ProfileUnit[] = ["function", "source", "line"];

export type FrameNames = readonly string[];

/** Names by pc, made when first asked for. */
export class FrameNaming {
  readonly #session: Session;
  readonly #unit: ProfileUnit;
  readonly #byPc: (FrameNames | undefined)[];
  readonly #same = new Map<string, FrameNames>();

  constructor(session: Session, unit: ProfileUnit) {
    this.#session = session;
    this.#unit = unit;
    this.#byPc = new Array(instructionCount(session.program));
  }

  at(pc: number): FrameNames {
    const known = this.#byPc[pc];
    if (known !== undefined) return known;
    const names = this.#namesOf(pc);
    const key = JSON.stringify(names);
    const one = this.#same.get(key) ?? names;
    this.#same.set(key, one);
    this.#byPc[pc] = one;
    return one;
  }

  #namesOf(pc: number): FrameNames {
    const { program, sources } = this.#session;
    const { functionName: name } = program.locate(pc);
    const place = this.#unit === "function" ? null : sources.at(pc);
    if (place === null) return [name];
    // The outermost function is the module's own, whatever the debugging data call it.
    const frames = [place, ...place.inlinedInto].reverse();
    return frames.map((frame, i) => this.#nameOf(frame, i === 0 ? name : undefined));
  }

  #nameOf(frame: SourceFrame, own: string | undefined): string {
    const name = own ?? frame.function ?? "?";
    return this.#unit === "source" || frame.line === 0
      ? name
      : `${name} ${frameText({ ...frame, column: 0 })}`;
  }
}
