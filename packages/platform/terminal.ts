import process from "node:process";
import { openErrorOutput } from "./error_output.ts";
import { createOutputStream, type OutputStream } from "./output_stream.ts";
import { readAnswer } from "./read_answer.ts";

/** The process's arguments and streams, as a command sees them. */
export interface Terminal {
  /** Without the program's own name. */
  readonly args: readonly string[];
  readonly stdout: OutputStream;
  readonly stdinIsTerminal: boolean;
  /** Absent is no. */
  readonly stdoutIsTerminal?: boolean;
  readonly stderrIsTerminal: boolean;
  /** Width of the terminal behind standard error. */
  readonly columns: number;
  writeError(text: string): void;
  /** Like `writeError`, but never holds the process up; absent where that does not either. */
  writeErrorAside?(text: string): void;
  /** Reads one line that a person types; null when nobody answers. Absent where nobody can be asked. */
  readAnswer?(signal?: AbortSignal): Promise<string | null>;
  /** Ends the process with a status, after what was written is out. */
  exit(status: number): Promise<never>;
}

/** The terminal of this process. */
export function openTerminal(): Terminal {
  const stdout = createOutputStream();
  const errors = openErrorOutput();
  return {
    args: process.argv.slice(2),
    stdout,
    stdinIsTerminal: process.stdin.isTTY === true,
    stdoutIsTerminal: process.stdout.isTTY === true,
    stderrIsTerminal: process.stderr.isTTY === true,
    // A terminal that does not know its width says 0.
    columns: process.stderr.columns || 80,
    writeError: (text) => errors.write(text),
    writeErrorAside: (text) => errors.writeAside(text),
    readAnswer: (signal) => readAnswer({ signal }),
    exit: async (status) => {
      // A failure to write was reported by whoever wrote.
      await stdout.flush().catch(() => {});
      await errors.flush();
      process.exit(status);
    },
  };
}
