import type { Log } from "@ipcascade/core";
import type { CatchUpReport, TickReport } from "@ipcascade/operations";

/** What a tick came to where no run of it ended here. */
const NOTHING: Readonly<Record<Exclude<TickReport["state"], "ran">, string>> = {
  running: "The job runs elsewhere",
  settled: "The tick was dealt with before",
  skipped: "The tick is skipped",
  off: "The job is off",
};

/** Writes what became of a tick: one line. */
export function logTick(log: Log, { job, tick_at, state, run }: TickReport): void {
  const fields = { job, tick_at: tick_at ?? undefined };
  if (state !== "ran") {
    const write = state === "skipped" ? log.warn : log.info;
    write(NOTHING[state], { ...fields, run: run?.id });
    return;
  }
  const write = run?.state === "succeeded" ? log.info : log.warn;
  write("The job ran", {
    ...fields,
    run: run?.id,
    outcome: run?.state,
    attempt: run?.attempt,
    said: run?.message ?? undefined,
    reason: run?.error?.message,
  });
}

/** Writes what catching up found: a line for each tick, none where there was nothing. */
export function logCatchUp(log: Log, { begun, skipped }: CatchUpReport): void {
  for (const tick of begun) log.info("The tick is dealt with now", { ...tick });
  for (const tick of skipped) log.warn("The tick is skipped", { ...tick });
}
