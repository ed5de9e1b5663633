/**
 * Ends the processes of this process when it is gone, however it went: killed, too, when nothing of it runs any more.
 *
 * A shell holds the reading end of a pipe whose writing end only this process has. It is told the ids of what was
 * started and what has ended; the end of the pipe is this process's end, and what still runs is killed then.
 *
 * Invariant: only processes are killed that this process has started and not seen end.
 */
import { type ChildProcess, spawn } from "node:child_process";
import type { Socket } from "node:net";

/** POSIX shell: reads `+ pid` and `- pid`, and kills what is left at the end of its input. */
const script = `
left=" "
while read -r sign pid; do
  case $sign in
    +) left="$left$pid " ;;
    -) left="\${left%% $pid *} \${left#* $pid }" ;;
  esac
done
for pid in $left; do kill -9 "$pid"; done
`;

let shell: ChildProcess | undefined;

/** The shell's input; a group of its own, so that no signal to this process's group reaches it. */
function input(): Socket {
  if (shell === undefined) {
    shell = spawn("sh", ["-c", script], { stdio: ["pipe", "ignore", "ignore"], detached: true });
    // It ends when this process does, and does not keep it.
    shell.unref();
    const pipe = shell.stdin as Socket;
    pipe.unref();
    pipe.on("error", () => {});
  }
  return shell.stdin as Socket;
}

/** Has a process of this one ended with it. */
export function endWithThisProcess(child: ChildProcess): void {
  const { pid } = child;
  if (pid === undefined) return;
  input().write(`+ ${pid}\n`);
  child.once("exit", () => input().write(`- ${pid}\n`));
}
