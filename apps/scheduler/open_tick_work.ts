import process from "node:process";
import type { OpenSchedule, StopSignals } from "@ipcascade/platform";
import type { TickWork } from "./scheduler.ts";

/** How long what runs may take to end: Deno Deploy kills five seconds after its signal. */
const END_MS = 4_500;

/**
 * Opens what the ticks of this process are dealt with by. From then on SIGINT and SIGTERM end what runs, within the five
 * seconds that Deno Deploy grants, before they end the process with 130 or 143; the second one ends it at once. Throws
 * `UsageError` for settings that can't be used.
 */
export async function openTickWork(
  idleReason: string | null,
  scheduler: () => AsyncDisposable,
): Promise<TickWork> {
  // By name, and not before it is needed: importing the entry loads no driver.
  const { VERSION } = await import("@ipcascade/core");
  const platform = await import("@ipcascade/platform");
  if (idleReason !== null) {
    return { log: platform.createStderrLog({ level: "info" }), schedule: null, idleReason };
  }
  const settings = platform.readProcessSettings();
  const redact = platform.createRedactor(platform.listSecrets(settings));
  const log = platform.createStderrLog({ level: "info", redact });
  const schedule: OpenSchedule = platform.openSchedule(settings, log, { version: VERSION });
  const signals = platform.openStopSignals({
    onStop: (signal) => log.info("Ending what runs", { signal }),
  });
  // The API may be in this process, too, and not have ended yet.
  endBySignal(signals, () => platform.closeInTime(scheduler(), END_MS), () => platform.endProcess(signals));
  return { log, schedule };
}

function endBySignal(signals: StopSignals, close: () => Promise<void>, end: () => void): void {
  signals.stop.addEventListener("abort", () => void close().finally(end), { once: true });
  signals.abort.addEventListener("abort", () => process.exit(signals.exitStatus ?? 0), { once: true });
}
