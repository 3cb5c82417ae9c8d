import {
  type Clock,
  describeCheck,
  EDITION_AGE_DAYS,
  EDITION_KINDS,
  type EditionKind,
  type ExpectedCheck,
  type HealthCheck,
  isExpired,
} from "@ipcascade/core";
import type { EditionStatusItem, EditionStatusReport } from "../editions/edition_status.ts";
import type { HealthProbe } from "./probe.ts";

const UPDATE = "ipcascade editions update";
const RECOVER = "ipcascade editions recover";

/** Both kinds, whatever is configured: without one of them half of every answer is missing. */
const EXPECTED: Readonly<Record<EditionKind, ExpectedCheck>> = {
  city: { name: "edition_city", group: "editions", fix: "ipcascade editions status" },
  asn: { name: "edition_asn", group: "editions", fix: "ipcascade editions status" },
};

/** What looking at editions needs. */
export interface EditionProbeDeps {
  /** Reads what serves, and compares it with what was verified. */
  readonly readStatus: () => Promise<EditionStatusReport>;
  readonly clock: Clock;
}

/** Each edition: whether it is there, intact, fresh and within its licence. */
export function createEditionProbe({ readStatus, clock }: EditionProbeDeps): HealthProbe {
  return {
    expected: Object.values(EXPECTED),
    run: async () => {
      const status = await readStatus();
      return EDITION_KINDS.map((kind) => describeEdition(kind, status, clock.now()));
    },
  };
}

function describeEdition(kind: EditionKind, status: EditionStatusReport, now: number): HealthCheck {
  const item = status.items.find((one) => one.kind === kind);
  if (item === undefined) {
    const message = "not configured in GEOIPUPDATE_EDITION_IDS";
    return describeCheck(EXPECTED[kind], { grade: "info", message, fix: "docs/editions.md" });
  }
  const remarks = [item.message, ...remarkOnForm(item, status), ...remarkOnUpdates(item, status)];
  return describeCheck(EXPECTED[kind], {
    grade: item.grade,
    observed: item.age_days,
    unit: "d",
    warning: { above: EDITION_AGE_DAYS.warning },
    message: `${item.edition_id}: ${remarks.join("; ")}`,
    fix: chooseFix(item, now),
  });
}

/** Plain files have no checksum to be compared with. */
function remarkOnForm({ file, grade }: EditionStatusItem, { serving }: EditionStatusReport): string[] {
  return serving === "plain" && file !== null && grade !== "critical" ? ["a plain file, not verified"] : [];
}

function remarkOnUpdates({ grade }: EditionStatusItem, { attempt, failures }: EditionStatusReport): string[] {
  const error = attempt?.error ?? null;
  return grade === "ok" || failures === 0 || error === null ? [] : [`updating fails: ${error.message}`];
}

function chooseFix({ grade, file, expires_at }: EditionStatusItem, now: number): string | null {
  if (grade === "ok") return null;
  // What is there and neither old nor expired is damaged.
  return grade === "critical" && file !== null && !isExpired(expires_at, now) ? RECOVER : UPDATE;
}
