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
  readonly alerts: readonly AlertItem[];
  readonly listed_at: string;
}

/** States that are listed at most; there are some dozen keys. */
const MAX_ALERTS = 1_000;

/** Lists what was seen and told, by key and notifier. */
export async function listAlerts(
  { states, clock }: { readonly states: Pick<AlertStates, "list">; readonly clock: Clock },
): Promise<AlertList> {
  const alerts = (await states.list(MAX_ALERTS)).map(describeRecord);
  return { operation: "list-alerts", alerts, listed_at: formatInstant(clock.now()) };
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
