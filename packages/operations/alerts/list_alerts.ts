import {
  type AlertGrade,
  type AlertRecord,
  type AlertStates,
  type Clock,
  formatInstant,
} from "@ipcascade/core";

/** What one notifier knows of one key. Instants are RFC 3339 UTC. */
export interface AlertItem {
  readonly key: string;
  readonly notifier: string;
  /** What was seen last. */
  readonly grade: AlertGrade;
  /** Since when. */
  readonly since: string;
  readonly seen_at: string;
  readonly title: string;
  readonly message: string;
  readonly fix: string | null;
  /** What was told last; `ok` before anything was. */
  readonly told_grade: AlertGrade;
  /** Null before anything was told. */
  readonly told_at: string | null;
  /** Why telling failed last; null when it did not. */
  readonly failure: string | null;
}

/** The report on what was told to whom. */
export interface AlertList {
  readonly operation: "list-alerts";
  /** The worst first, then by key and notifier. */
  readonly alerts: readonly AlertItem[];
  /** How many are left out because they are well and nothing was ever told of them. */
  readonly hidden: number;
  readonly listed_at: string;
}

/** States that are listed at most; there are some dozen keys. */
const MAX_ALERTS = 1_000;

const SHOWN_ORDER: readonly AlertGrade[] = ["critical", "unknown", "warning", "ok"];

/**
 * Lists what was seen and told, the worst first. What is well, and was never told of, is left out unless `all`.
 */
export async function listAlerts(
  { states, clock }: { readonly states: Pick<AlertStates, "list">; readonly clock: Clock },
  { all = false }: { readonly all?: boolean } = {},
): Promise<AlertList> {
  const known = await states.list(MAX_ALERTS);
  const shown = all ? known : known.filter((record) => !isQuiet(record));
  const alerts = SHOWN_ORDER.flatMap((grade) => shown.filter((record) => record.grade === grade));
  return {
    operation: "list-alerts",
    alerts: alerts.map(describeRecord),
    hidden: known.length - shown.length,
    listed_at: formatInstant(clock.now()),
  };
}

function isQuiet({ grade, toldAt, failure }: AlertRecord): boolean {
  return grade === "ok" && toldAt === null && failure === null;
}

function describeRecord(record: AlertRecord): AlertItem {
  const { key, notifier, grade, since, seenAt, title, message, fix, toldGrade, toldAt, failure } = record;
  return {
    key,
    notifier,
    grade,
    since: formatInstant(since),
    seen_at: formatInstant(seenAt),
    title,
    message,
    fix,
    told_grade: toldGrade,
    told_at: formatInstant(toldAt),
    failure,
  };
}
