import type { FaultBoard } from "./fault.ts";
import type { LabRequests } from "./request_log.ts";

/** What every stand-in is made of. */
export interface StandInOptions {
  readonly faults: FaultBoard;
  readonly requests: LabRequests;
  /** Default: one that is free. */
  readonly port?: number;
}

/** Bytes that are no text. */
export function garbage(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => Math.imul(index + 1, 2654435761) >>> 24);
}
