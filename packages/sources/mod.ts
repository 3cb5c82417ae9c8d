/**
 * Speaks each provider's protocol. Nothing in here opens anything by itself: `fetch`, sockets, DNS and the clock
 * are passed in.
 *
 * @module
 */
export * from "./bounded_body.ts";
export * from "./clean_text.ts";
export { CONNECTION_STATES, type ConnectionReason, gradeConnectionError } from "./connection_reason.ts";
export * from "./cymru/mod.ts";
export { DeadlineError, type TimeoutOptions, withTimeout } from "./deadline.ts";
export * from "./editions/mod.ts";
export * from "./fetch.ts";
export * from "./greynoise/mod.ts";
export type { Limiter } from "./limiter.ts";
export * from "./maxmind/mod.ts";
export * from "./shared_limiter.ts";
export * from "./token_bucket.ts";
export * from "./recorded_sources.ts";
