import {
  BackupDamagedError,
  BackupRefusedError,
  EnrichmentError,
  type Grade,
  type JobOutcome,
  JobRunningError,
  LockHeldError,
  RestoreDiffersError,
  UsageError,
} from "@ipcascade/core";
import { EditionExpiredError, KeptSetRefusedError } from "@ipcascade/operations/offline";

/** Exit statuses of the jobs; `health` follows the monitoring plugins instead. */
export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  partlyFailed: 3,
  /** `diagnose` could not find out, as monitoring plugins say it; `backup verify` could not read what is encrypted. */
  unknown: 3,
  verificationFailed: 4,
  lockHeld: 5,
  refused: 6,
} as const;

/** The exit status of a job by its outcome, where nothing more is known. */
export function exitStatusOfOutcome(outcome: JobOutcome): number {
  if (outcome === "succeeded") return EXIT.done;
  return outcome === "partly_failed" ? EXIT.partlyFailed : EXIT.failed;
}

/** Exit statuses of `health` (Monitoring Plugins Development Guidelines). */
export const HEALTH_EXIT: Readonly<Record<Grade, number>> = {
  ok: 0,
  info: 0,
  warning: 1,
  critical: 2,
  unknown: 3,
};

/** Thrown when health could not be checked, or not be told: nobody knows how things stand. */
export class HealthUntoldError extends EnrichmentError {
  /** Stable identifier. */
  override readonly code = "HEALTH_UNTOLD";
}

/** What was looked at, and is not what it should be. */
const UNVERIFIED = [KeptSetRefusedError, BackupDamagedError, RestoreDiffersError] as const;

/** The exit status of an error that ended a command. */
export function exitStatusOf(error: unknown): number {
  if (error instanceof HealthUntoldError) return HEALTH_EXIT.unknown;
  if (error instanceof UsageError) return EXIT.usage;
  if (error instanceof LockHeldError || error instanceof JobRunningError) return EXIT.lockHeld;
  if (error instanceof EditionExpiredError || error instanceof BackupRefusedError) return EXIT.refused;
  if (UNVERIFIED.some((kind) => error instanceof kind)) return EXIT.verificationFailed;
  return EXIT.failed;
}

/** The line about an error that ended a command: its message, or its name where it has none. */
export function describeError(error: unknown): string {
  if (error instanceof EnrichmentError) return error.message;
  if (error instanceof Error) return error.message === "" ? error.name : error.message;
  return String(error);
}
