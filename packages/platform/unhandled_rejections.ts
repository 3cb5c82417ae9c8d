import process from "node:process";
import type { Log } from "@ipcascade/core";

/**
 * Logs rejections that nobody waits for instead of ending the process, as a server has other people's requests in
 * hand; dispose it to have the runtime's own way again. Exceptions that nobody catches still end it.
 */
export function logUnhandledRejections(log: Log): Disposable {
  const write = (reason: unknown) => {
    const text = reason instanceof Error ? reason.stack ?? String(reason) : String(reason);
    log.error("Work failed that nobody waits for", { reason: text });
  };
  process.on("unhandledRejection", write);
  return { [Symbol.dispose]: () => void process.off("unhandledRejection", write) };
}
