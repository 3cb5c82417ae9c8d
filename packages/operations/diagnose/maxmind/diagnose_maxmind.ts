import type { DiagnosisFinding, DiagnosisFix } from "../diagnosis.ts";
import {
  type Diagnosis,
  type DiagnosisOptions,
  type DiagnosisTool,
  type Mending,
  offerFix,
} from "../diagnosis.ts";
import { reportDiagnosis } from "../diagnose.ts";
import { noteFinding } from "../finding.ts";
import type { EditionDeps, EditionPolicy, EditionUpdateDeps } from "../../editions/deps.ts";
import { readEditionStatus } from "../../editions/edition_status.ts";
import { listEditions } from "../../editions/list_editions.ts";
import { recoverEditions, type RecoveryReport } from "../../editions/recover_editions.ts";
import type { UpdateOptions } from "../../editions/update_editions.ts";
import { firstFault, isSound, verifyEditions, verifySet } from "../../editions/verify_editions.ts";
import { type ExaminedSet, judgeMaxmind, type MaxmindCause, type MaxmindEvidence } from "./judge.ts";

/** What is configured about editions, as for `readEditionStatus`. */
export interface MaxmindDiagnosisSettings {
  readonly policy: EditionPolicy;
  /** Stands for provider and account. */
  readonly settings: string;
}

/** What recovering needs besides looking. */
export interface MaxmindMending {
  /** The provider is asked for when it is needed: a kept set is restored without account. */
  readonly deps: EditionUpdateDeps;
  readonly options: UpdateOptions;
}

/** Wires `diagnoseMaxmind` with its fix, which is that of `editions recover`. */
export function createMaxmindDiagnosis(
  deps: EditionDeps,
  settings: MaxmindDiagnosisSettings,
  mending: MaxmindMending,
): DiagnosisTool {
  return {
    diagnose: (options) => diagnoseMaxmind(deps, { ...settings, ...options }),
    mend: async (_diagnosis, { signal }) =>
      describeRecovery(await recoverEditions(mending.deps, { ...mending.options, signal })),
  };
}

/**
 * Verifies what serves and what is kept, byte for byte (runbook: MaxMind Database Corruption). Asks no provider.
 * Throws `EditionStoreError` when the place can't be read, and the signal's reason.
 */
export async function diagnoseMaxmind(
  deps: EditionDeps,
  options: MaxmindDiagnosisSettings & DiagnosisOptions,
): Promise<Diagnosis> {
  const { clock } = deps;
  const startedAt = clock.elapsed();
  const status = await readEditionStatus(deps, options);
  const evidence = { status, sets: await examineSets(deps, options) };
  const { cause, grade, summary } = judgeMaxmind(evidence);
  const verdict = { grade, cause, summary, steps: STEPS[cause], fix: chooseFix(cause), letter: null };
  return reportDiagnosis({ topic: "maxmind", verdict, findings: listFindings(evidence), startedAt, clock });
}

async function examineSets(
  deps: EditionDeps,
  options: MaxmindDiagnosisSettings & DiagnosisOptions,
): Promise<readonly ExaminedSet[]> {
  const { policy, signal } = options;
  const { sets } = await listEditions(deps);
  const current = await verifyEditions(deps, { policy, signal });
  const examined: ExaminedSet[] = [];
  if (current.verdict !== "nothing") {
    const fault = firstFault(current.items);
    examined.push({ id: current.set, isCurrent: true, fault, isExpired: false });
  }
  for (const set of sets.filter(({ is_current }) => !is_current)) {
    const items = await verifySet(set, deps, { policy, signal });
    const fault = isSound(items) ? null : firstFault(items) ?? "it is empty";
    examined.push({ id: set.id, isCurrent: false, fault, isExpired: set.is_expired });
  }
  return examined;
}

function listFindings({ status, sets }: MaxmindEvidence): readonly DiagnosisFinding[] {
  const editions = status.items.map(({ edition_id, grade, message, age_days }) =>
    noteFinding("edition", grade, `${edition_id}: ${message}`, age_days, age_days === null ? null : "days")
  );
  return [...editions, ...sets.map(describeSet), describeUpdating(status)];
}

function describeSet({ id, isCurrent, fault, isExpired }: ExaminedSet): DiagnosisFinding {
  const check = isCurrent ? "serving" : "kept";
  const name = id === null ? "plain files" : `set ${id}`;
  // A kept set that is of no use is a pity as long as what serves is sound.
  if (fault !== null) return noteFinding(check, isCurrent ? "critical" : "warning", `${name}: ${fault}`);
  if (isExpired) {
    return noteFinding(check, "info", `${name}: sound, but the licence forbids going back to it`);
  }
  return noteFinding(check, "ok", `${name}: every byte verifies`);
}

function describeUpdating({ attempt, failures, checked_at }: MaxmindEvidence["status"]): DiagnosisFinding {
  if (attempt?.error) {
    return noteFinding(
      "updating",
      "warning",
      `last attempt failed: ${attempt.error.message}`,
      failures,
      "failures",
    );
  }
  const message = checked_at === null
    ? "no provider was asked yet"
    : `the provider last answered at ${checked_at}`;
  return noteFinding("updating", "ok", message);
}

const RECOVER = "ipcascade editions recover";
const UPDATE = "ipcascade editions update";

const STEPS: Readonly<Record<MaxmindCause, readonly string[]>> = {
  none: [],
  not_installed: [
    `Install: ${UPDATE}, or "${RECOVER}" where a set is kept`,
    "Without editions Team Cymru is asked for every ASN, and there is no geography",
  ],
  missing_edition: [
    `Install both: ${UPDATE} --force`,
    "Check GEOIPUPDATE_EDITION_IDS, and that geoipupdate fetches both where it fills the directory",
  ],
  damaged: [
    `Switch to the kept set: ${RECOVER} (or diagnose maxmind --fix)`,
    "Running commands take it over within 10 seconds",
    "Look for the reason: disk (dmesg, SMART), or somebody who writes into the directory",
    `Then get the newest: ${UPDATE}`,
  ],
  damaged_no_copy: [
    `Download anew: ${RECOVER} (or diagnose maxmind --fix); it spends one or two of MaxMind's 30 downloads a day`,
    "Look for the reason: disk (dmesg, SMART), or somebody who writes into the directory",
    "Keep copies: EDITION_KEEP_SETS is 2 by default",
  ],
  expired: [
    `Get the newer release, which destroys the old one: ${UPDATE} --force`,
    "MaxMind's licence wants old versions gone within 30 days of a newer one",
  ],
  outdated: [
    `Update: ${UPDATE}`,
    "See why the weekly job did not: ipcascade editions status, and ipcascade config for SCHEDULE_UPDATE_EDITIONS",
  ],
};

const MENDABLE: ReadonlySet<MaxmindCause> = new Set<MaxmindCause>([
  "not_installed",
  "damaged",
  "damaged_no_copy",
]);

function chooseFix(cause: MaxmindCause): DiagnosisFix | null {
  if (!MENDABLE.has(cause)) return null;
  const description = cause === "damaged"
    ? "Switches to the newest kept set that verifies"
    : "Switches to a kept set that verifies, else downloads all editions anew";
  return offerFix(description, RECOVER);
}

function describeRecovery(report: RecoveryReport): Mending {
  const applied = report.status === "restored" || report.status === "downloaded";
  return { applied, result: describeStatus(report) };
}

function describeStatus({ status, set, update }: RecoveryReport): string {
  switch (status) {
    case "sound":
      return `set ${set} is sound, nothing was to be done`;
    case "restored":
      return `set ${set} serves again`;
    case "downloaded":
      return `set ${set} was downloaded and serves`;
    case "failed":
      return `nothing could be mended: ${update?.error?.message ?? "no set is sound"}`;
  }
}
