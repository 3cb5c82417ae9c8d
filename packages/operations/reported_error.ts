import { EditionDeliveryError, EnrichmentError } from "@ipcascade/core";
import { unwrapStep } from "./editions/edition_step_error.ts";

/** An error as reports and state carry it. */
export interface ReportedError {
  /** `EDITION_NOT_DELIVERED` is told by its kind: `unauthorized`, `rate_limited`, `network`, … */
  readonly code: string;
  readonly message: string;
}

/** An error for a report or a state; the product's own messages hold no secret. */
export function reportError(thrown: unknown): ReportedError {
  const { error } = unwrapStep(thrown);
  if (error instanceof EditionDeliveryError) return { code: error.failure, message: error.message };
  if (error instanceof EnrichmentError) return { code: error.code, message: error.message };
  return { code: "INTERNAL", message: error instanceof Error ? error.message : String(error) };
}
