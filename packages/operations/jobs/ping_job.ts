import type { JobName, JobPingEnd, JobPings } from "@ipcascade/core";

/** What work brought, or threw. */
export type WorkEnd<Value> = { readonly value: Value } | { readonly error: unknown };

/** Between which pings work is done. */
export interface PingOptions<Value> {
  /** Null where none are configured. */
  readonly pings: JobPings | null;
  readonly job: JobName;
  /** The run, a UUID. */
  readonly id: string;
  /** What the ping of the end says. */
  readonly describe: (end: WorkEnd<Value>) => JobPingEnd;
}

/** Does work between two pings, which take place beside it and never fail it. Throws what the work throws. */
export async function pingJob<Value>(
  { pings, job, id, describe }: PingOptions<Value>,
  work: () => Promise<Value>,
): Promise<Value> {
  if (pings === null) return await work();
  // The ping of the end waits for that of the start, as long as it has time.
  void pings.start(job, id);
  try {
    const value = await work();
    await pings.end(job, id, describe({ value }));
    return value;
  } catch (error) {
    await pings.end(job, id, describe({ error }));
    throw error;
  }
}
