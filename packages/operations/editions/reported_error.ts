import { EditionDeliveryError, EnrichmentError } from "@ipcascade/core";
import { unwrapStep } from "./edition_step_error.ts";
import type { ReportedError } from "./update_report.ts";

/** An error as reports and state carry it; the product's own messages hold no secret. */
export function reportError(thrown: unknown): ReportedError {
  const { error } = unwrapStep(thrown);
  if (error instanceof EditionDeliveryError) return { code: error.failure, message: error.message };
  if (error instanceof EnrichmentError) return { code: error.code, message: error.message };
  return { code: "INTERNAL", message: error instanceof Error ? error.message : String(error) };
}
