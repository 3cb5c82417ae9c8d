import process from "node:process";
import { createInterface } from "node:readline";

/**
 * Reads one line that a person types. Null when the input ends before, and when `signal` aborts: nobody answered.
 */
export function readAnswer(
  { input = process.stdin, signal }: {
    readonly input?: NodeJS.ReadableStream;
    readonly signal?: AbortSignal;
  } = {},
): Promise<string | null> {
  if (signal?.aborted) return Promise.resolve(null);
  // Without its own editing, so that a key that interrupts still reaches the process as a signal.
  const lines = createInterface({ input, terminal: false });
  return new Promise((resolve) => {
    const end = () => lines.close();
    signal?.addEventListener("abort", end, { once: true });
    lines.once("line", (line) => {
      resolve(line);
      end();
    });
    lines.once("close", () => {
      signal?.removeEventListener("abort", end);
      resolve(null);
    });
  });
}
