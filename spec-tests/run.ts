/**
 * Runs the commands of one script against an engine and judges each assertion
 * (interpreter/README.md §Scripts of the specification's repository).
 *
 * Invariant: every engine assertion of a script yields exactly one verdict; a command that is no assertion yields a
 * verdict only if it goes wrong. After a module that could not be made there is no current instance, so what
 * depends on it fails too and nothing runs against an older one.
 */
import type { ActionResult, EngineKind, Instance, Refusal, ScriptEngine } from "./engine.ts";
import { type Action, type Command, isEngineAssertion, readCommands } from "./script/commands.ts";
import { type Binary, convertScript } from "./script/convert.ts";
import {
  matches,
  type Pattern,
  printPattern,
  printValue,
  readPattern,
  readValue,
  typeOf,
  type ValueKind,
} from "./script/value.ts";
import { featureLevelOf, readScriptFile, type ScriptFile } from "./suite.ts";

export interface Verdict {
  readonly line: number;
  /** What the command asserts, or what it is. */
  readonly kind: Command["kind"];
  readonly assertion: boolean;
  /** Why the verdict is bad; undefined for a pass. */
  readonly failure: string | undefined;
}

/** A judgement against the engine; any other error is a defect of harness or engine, and reported as such. */
class Disagreement extends Error {}

function describe(outcome: ActionResult): string {
  if ("trap" in outcome) return `trap: ${outcome.trap}`;
  if ("exception" in outcome) return `exception: ${outcome.exception}`;
  return `[${outcome.values.map(printValue).join(", ")}]`;
}

/** Scripts give the beginning of a trap's name, some with an index behind it; V8 may say more in front. */
function sameTrap(actual: string, expected: string, strict: boolean): boolean {
  const wanted = expected.replace(/ \d+$/, "");
  return strict ? actual.startsWith(wanted) : actual.includes(wanted);
}

class ScriptRun {
  readonly #kind: EngineKind;
  readonly #engine: ScriptEngine;
  readonly #binaries: ReadonlyMap<Command, Binary>;
  readonly #instances = new Map<string, Instance>();
  readonly #definitions = new Map<string, Uint8Array>();
  #latest: Instance | undefined;
  #latestDefinition: Uint8Array | undefined;

  constructor(kind: EngineKind, engine: ScriptEngine, binaries: ReadonlyMap<Command, Binary>) {
    this.#kind = kind;
    this.#engine = engine;
    this.#binaries = binaries;
  }

  run(command: Command): Verdict {
    const { line, kind } = command;
    const assertion = isEngineAssertion(command);
    try {
      this.#execute(command);
      return { line, kind, assertion, failure: undefined };
    } catch (error) {
      if (error instanceof Disagreement) return { line, kind, assertion, failure: error.message };
      const failure = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
      return { line, kind, assertion, failure };
    }
  }

  #execute(command: Command): void {
    switch (command.kind) {
      case "module":
        this.#latest = undefined;
        this.#define(command.id, this.#instantiate(this.#bytes(command)));
        return;
      case "definition":
        this.#latestDefinition = this.#bytes(command);
        if (command.id !== undefined) this.#definitions.set(command.id, this.#latestDefinition);
        this.#compile(this.#latestDefinition);
        return;
      case "instance": {
        this.#latest = undefined;
        const { definition } = command;
        const bytes =
          definition === undefined ? this.#latestDefinition : this.#definitions.get(definition);
        if (bytes === undefined) throw new Disagreement("no such module definition");
        this.#define(command.id, this.#instantiate(bytes));
        return;
      }
      case "register":
        this.#engine.register(command.name, this.#instance(command.instance));
        return;
      case "action": {
        const outcome = this.#perform(command.action);
        if (!("values" in outcome))
          throw new Disagreement(`expected results, got ${describe(outcome)}`);
        return;
      }
      default:
        this.#assert(command);
    }
  }

  #assert(command: Command): void {
    switch (command.kind) {
      case "return":
        this.#assertReturn(command.action, command.expected.map(readPattern));
        return;
      case "nan":
        this.#assertNan(command.action, command.nan);
        return;
      case "trap":
      case "exhaustion":
        this.#assertTrap(this.#perform(command.action), command.message);
        return;
      case "exception": {
        const outcome = this.#perform(command.action);
        if ("exception" in outcome) return;
        throw new Disagreement(`expected an exception, got ${describe(outcome)}`);
      }
      case "malformed":
        // Malformed text never reaches an engine (script/convert.ts).
        if (command.source.form === "binary") this.#assertRefused(command, command.kind);
        return;
      case "invalid":
      case "unlinkable":
        this.#assertRefused(command, command.kind);
        return;
      case "uninstantiable": {
        const made = this.#engine.instantiate(this.#compile(this.#bytes(command)));
        if (!("trap" in made)) throw new Disagreement("expected a trap, got none");
        this.#assertTrap(made, command.message);
      }
    }
  }

  #assertReturn(action: Action, patterns: readonly Pattern[]): void {
    const types = patterns.map(typeOf);
    const known = types.every((type): type is ValueKind => type !== undefined);
    const outcome = this.#perform(action, known ? types : types.map((type) => type ?? "externref"));
    const good =
      "values" in outcome &&
      outcome.values.length === patterns.length &&
      patterns.every((pattern, index) => matches(pattern, outcome.values[index]));
    if (good) return;
    throw new Disagreement(
      `expected [${patterns.map(printPattern).join(", ")}], got ${describe(outcome)}`,
    );
  }

  /** 1.0 asserts NaNs without naming the type, which is that of the result. */
  #assertNan(action: Action, nan: "canonical" | "arithmetic"): void {
    const asType = (type: "f32" | "f64"): boolean => {
      const outcome = this.#perform(action, [type]);
      return (
        "values" in outcome &&
        outcome.values.length === 1 &&
        matches({ kind: "nan", type, nan }, outcome.values[0])
      );
    };
    if (!asType("f32") && !asType("f64")) throw new Disagreement(`expected one ${nan} NaN`);
  }

  #assertTrap(outcome: ActionResult, message: string): void {
    if ("trap" in outcome && sameTrap(outcome.trap, message, this.#kind.strict)) return;
    throw new Disagreement(`expected trap: ${message}, got ${describe(outcome)}`);
  }

  #assertRefused(command: Command, stage: Refusal["refused"]): void {
    const module = this.#engine.compile(this.#bytes(command));
    const made =
      "refused" in module || stage !== "unlinkable" ? module : this.#engine.instantiate(module);
    if ("trap" in made) throw new Disagreement(`expected ${stage}, got trap: ${made.trap}`);
    if (!("refused" in made)) throw new Disagreement(`expected ${stage}, got an accepted module`);
    if (made.refused === stage) return;
    // An engine that cannot tell malformed from invalid may call either what it refuses before linking.
    const vague = !this.#kind.strict && stage !== "unlinkable" && made.refused !== "unlinkable";
    if (!vague) throw new Disagreement(`expected ${stage}, got ${made.refused}: ${made.message}`);
  }

  #bytes(command: Command): Uint8Array {
    const binary = this.#binaries.get(command);
    if (binary === undefined) throw new Disagreement("no binary for this module");
    if ("refused" in binary) throw new Disagreement(`not convertible: ${binary.refused}`);
    return binary.bytes;
  }

  #compile(bytes: Uint8Array) {
    const module = this.#engine.compile(bytes);
    if ("refused" in module) throw new Disagreement(`${module.refused}: ${module.message}`);
    return module;
  }

  #instantiate(bytes: Uint8Array): Instance {
    const made = this.#engine.instantiate(this.#compile(bytes));
    if ("trap" in made) throw new Disagreement(`trap: ${made.trap}`);
    if ("refused" in made) throw new Disagreement(`${made.refused}: ${made.message}`);
    return made;
  }

  #define(id: string | undefined, instance: Instance): void {
    this.#latest = instance;
    if (id !== undefined) this.#instances.set(id, instance);
  }

  #instance(id: string | undefined): Instance {
    const instance = id === undefined ? this.#latest : this.#instances.get(id);
    if (instance === undefined) throw new Disagreement(`no instance ${id ?? "(latest)"}`);
    return instance;
  }

  #perform(action: Action, types?: readonly ValueKind[]): ActionResult {
    const instance = this.#instance(action.instance);
    if (action.kind === "get") return this.#engine.get(instance, action.field, types?.[0]);
    return this.#engine.invoke(instance, action.field, action.args.map(readValue), types);
  }
}

/** Verdicts of all engine assertions of a script, and of other commands that went wrong. */
export async function runScript(file: ScriptFile, kind: EngineKind): Promise<Verdict[]> {
  const script = readScriptFile(file);
  const commands = readCommands(script);
  const binaries = await convertScript(script, commands);
  const run = new ScriptRun(kind, await kind.create(featureLevelOf[file.level]), binaries);
  return commands
    .map((command) => run.run(command))
    .filter(({ assertion, failure }) => assertion || failure !== undefined);
}
