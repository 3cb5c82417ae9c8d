import { MS_PER_MINUTE } from "@ipcascade/core";

/** How much one stream of addresses may ask for. */
export interface StreamLimits {
  /** How long nothing may come in while more is waited for, and nothing be taken while there is something. */
  readonly idleMs: number;
  /** Largest block or range that is expanded, in addresses. */
  readonly maxSpan: number;
}

/** A minute, and a /16 of IPv4. */
export const STREAM_LIMITS: StreamLimits = { idleMs: MS_PER_MINUTE, maxSpan: 65_536 };
