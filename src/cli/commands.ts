/**
 * The commands, in the order of the help: what the help says of each in a line, and where it is. A command's module, with all
 * that it stands on, is read when the command is chosen.
 *
 * Invariant: a name here is that of the command in its module (test/cli/loading.test.ts).
 */
import { Command } from "commander";

interface CommandRow {
  readonly name: string;
  /** Its line in the help. */
  readonly summary: string;
  /** What makes it, with arguments, options and action. */
  read(): Promise<() => Command>;
}

export const commandRows: readonly CommandRow[] = [
  {
    name: "init",
    summary: "write a project file",
    read: async () => (await import("./init.ts")).initCommand,
  },
  {
    name: "inspect",
    summary: "imports, exports, limits and listing of a program",
    read: async () => (await import("./inspect.ts")).inspectCommand,
  },
  {
    name: "pack",
    summary: "link a WASI program with its files",
    read: async () => (await import("./pack.ts")).packCommand,
  },
  {
    name: "invoke",
    summary: "call an exported function with arguments",
    read: async () => (await import("./invoke.ts")).invokeCommand,
  },
  {
    name: "run",
    summary: "call the gateway on inputs",
    read: async () => (await import("./run.ts")).runCommand,
  },
  {
    name: "state",
    summary: "the machine's state at a step",
    read: async () => (await import("./state.ts")).stateCommand,
  },
  {
    name: "prove",
    summary: "the witness of one step",
    read: async () => (await import("./prove.ts")).proveCommand,
  },
  {
    name: "verify",
    summary: "check a step's witness, also on chain",
    read: async () => (await import("./verify.ts")).verifyCommand,
  },
  {
    name: "prove-memory",
    summary: "a proof of bytes of memory at a step",
    read: async () => (await import("./proveMemory.ts")).proveMemoryCommand,
  },
  {
    name: "verify-memory",
    summary: "check a proof of bytes of memory",
    read: async () => (await import("./proveMemory.ts")).verifyMemoryCommand,
  },
  {
    name: "trace",
    summary: "every step of a span",
    read: async () => (await import("./trace.ts")).traceCommand,
  },
  {
    name: "find",
    summary: "the step at which bytes are written, a function is entered, a predicate holds",
    read: async () => (await import("./find.ts")).findCommand,
  },
  {
    name: "diff",
    summary: "compare two states of a program",
    read: async () => (await import("./diff.ts")).diffCommand,
  },
  {
    name: "record",
    summary: "record state hashes along a run",
    read: async () => (await import("./record.ts")).recordCommand,
  },
  {
    name: "bisect",
    summary: "find where two recorded runs part",
    read: async () => (await import("./bisect.ts")).bisectCommand,
  },
  {
    name: "profile",
    summary: "steps and fuel per function, with a flame graph",
    read: async () => (await import("./profile.ts")).profileCommand,
  },
  {
    name: "dispute",
    summary: "play a dispute between an honest and a faulty party",
    read: async () => (await import("./dispute.ts")).disputeCommand,
  },
  {
    name: "replay",
    summary: "check a dispute's transcript offline",
    read: async () => (await import("./replay.ts")).replayCommand,
  },
  {
    name: "serve",
    summary: "keep a player running for a node",
    read: async () => (await import("./serve.ts")).serveCommand,
  },
  {
    name: "disputes",
    summary: "list the disputes at an Arbiter",
    read: async () => (await import("./disputes.ts")).disputesCommand,
  },
  {
    name: "transcript",
    summary: "export a dispute's transcript from a chain",
    read: async () => (await import("./transcript.ts")).transcriptCommand,
  },
  {
    name: "cluster",
    summary: "run a whole cluster, with a liar",
    read: async () => (await import("./cluster.ts")).clusterCommand,
  },
  {
    name: "probe",
    summary: "compare the replicas of a cluster in the middle of a call",
    read: async () => (await import("./probe.ts")).probeCommand,
  },
  {
    name: "worker",
    summary: "run a worker of a cluster",
    read: async () => (await import("./worker.ts")).workerCommand,
  },
  {
    name: "validator",
    summary: "run a batch validator",
    read: async () => (await import("./validator.ts")).validatorCommand,
  },
  {
    name: "storage",
    summary: "run a storage node of a cluster",
    read: async () => (await import("./storage.ts")).storageCommand,
  },
  {
    name: "gateway",
    summary: "run a gateway of a cluster",
    read: async () => (await import("./gateway.ts")).gatewayCommand,
  },
];

/**
 * All commands. The one that the arguments choose is whole, the others are no more than what the help and a suggestion
 * need of them.
 */
export async function commandsFor(args: readonly string[]): Promise<Command[]> {
  // No option before a command takes a value.
  const [first, second] = args.filter((word) => !word.startsWith("-"));
  const chosen = first === "help" ? second : first;
  return Promise.all(
    commandRows.map(async ({ name, summary, read }) => {
      const command = name === chosen ? (await read())() : new Command(name);
      return command.summary(summary);
    }),
  );
}
