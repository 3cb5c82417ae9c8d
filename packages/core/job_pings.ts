import type { JobName } from "./job.ts";

/** How a run ended, for whoever watches from outside. */
export interface JobPingEnd {
  /** 0 is success; 0 to 255. */
  readonly exitStatus: number;
  /** What the run said; the last of it is sent. */
  readonly output: string;
}

/** Tells a watcher outside of this machine that jobs run, so that it notices when they don't. Never throws. */
export interface JobPings {
  /** A run begins. `runId` is a UUID. */
  start(job: JobName, runId: string): Promise<void>;
  /** The same run ended. */
  end(job: JobName, runId: string, end: JobPingEnd): Promise<void>;
}
