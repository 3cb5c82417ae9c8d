import {
  type AlertEnd,
  type AlertGrade,
  alertGrade,
  type AlertHandOver,
  type AlertObservation,
  type AlertRecord,
  type AlertState,
  type AlertStates,
  type AlertTakeOptions,
  type AlertTurn,
  isOutdated,
  planAlert,
  recordObservation,
} from "@ipcascade/core";
import { instant, roundMs } from "./_instants.ts";
import { cleanText } from "./_parameters.ts";
import type { SqlClient } from "./sql_client.ts";

/** What was told to whom, in SQL, in `alert_state`. */
export function createSqlAlertStates(sql: SqlClient): AlertStates {
  return {
    take: (notifier, observation, options) => take(sql, notifier, { observation, options }),
    end: async ({ key, notifier, token }, end) => await endClaim(sql, { key, notifier, token, end }),
    adopt: async (told) => await adopt(sql, told),
    forget: async (key) => {
      const gone = await sql.query("delete from alert_state where key = $1::text returning notifier", [
        cleanText(key),
      ]);
      return gone.length;
    },
    list: async (limit) => {
      const rows = await sql.query<AlertRow>(
        `select ${COLUMNS} from alert_state order by alert_state.key, alert_state.notifier limit $1::int`,
        [limit],
      );
      return rows.map(readRecord);
    },
  };
}

interface AlertRow {
  readonly key: string;
  readonly notifier: string;
  readonly grade: AlertGrade;
  readonly since_ms: number;
  readonly seen_ms: number;
  readonly title: string;
  readonly message: string;
  readonly fix: string | null;
  readonly told_grade: AlertGrade;
  readonly told_ms: number | null;
  readonly failure: string | null;
  /** Who has the right to tell; null where nobody has, or not any more. */
  readonly holder: string | null;
  /** A claim expired that nobody ended. */
  readonly is_abandoned: boolean;
}

const COLUMNS = `key, notifier, grade, title, message, fix, told_grade, failure,
  date_part('epoch', since) * 1000 as since_ms, date_part('epoch', seen_at) * 1000 as seen_ms,
  date_part('epoch', told_at) * 1000 as told_ms,
  case when claim_until > clock_timestamp() then claim end as holder,
  coalesce(claim_until <= clock_timestamp(), false) as is_abandoned`;

function readRecord(row: AlertRow): AlertRecord {
  const { key, notifier, title, message, fix, failure } = row;
  return { key, notifier, title, message, fix, failure, ...readState(row) };
}

function readState(row: AlertRow): AlertState {
  return {
    grade: row.grade,
    since: Math.round(row.since_ms),
    seenAt: Math.round(row.seen_ms),
    toldGrade: row.told_grade,
    toldAt: roundMs(row.told_ms),
  };
}

type KeyedObservation = AlertObservation & { readonly notifier: string };

interface Take {
  readonly observation: AlertObservation;
  readonly options: AlertTakeOptions;
}

async function take(sql: SqlClient, notifier: string, { observation, options }: Take): Promise<AlertTurn> {
  const key = cleanText(observation.key);
  if (await noteWell(sql, { ...observation, key, notifier })) return { status: "told", isBad: false };
  // Made before the transaction: when the answer to its commit got lost, doing it again finds its own claim.
  const [made] = await sql.query<{ token: string }>("select gen_random_uuid()::text as token");
  const token = made!.token;
  return await sql.transaction(async (tx) => {
    const { row, isNew } = await lockRow(tx, { ...observation, key, notifier });
    const before = isNew ? null : readState(row);
    if (isOutdated(before, observation)) return { status: "outdated" };
    const state = recordObservation(before, observation);
    await writeObservation(tx, { ...observation, key, notifier, state });
    const kind = planAlert(state, options.now, row.is_abandoned);
    if (kind === null) return { status: "told", isBad: state.grade !== "ok" };
    if (row.holder !== null && row.holder !== token) return { status: "elsewhere" };
    await tx.query(
      `update alert_state set claim = $3::text,
        claim_until = clock_timestamp() + $4::float8 * interval '1 millisecond'
      where key = $1::text and notifier = $2::text`,
      [key, notifier, token, options.claimMs],
    );
    return { status: "taken", kind, claim: { key, notifier, token }, state };
  });
}

/**
 * Notes what is well, was well and was told to be, as nearly everything is at nearly every look, in one statement.
 * False where there may be more to it.
 */
async function noteWell(
  sql: SqlClient,
  { key, notifier, grade, title, message, fix, at }: KeyedObservation,
): Promise<boolean> {
  if (alertGrade(grade) !== "ok") return false;
  const noted = await sql.query(
    `update alert_state set seen_at = ${instant("$3")}, title = $4::text, message = $5::text, fix = $6::text
    where key = $1::text and notifier = $2::text and grade = 'ok' and told_grade = 'ok' and claim is null
      and seen_at <= ${instant("$3")}
    returning 1::int as one`,
    [key, notifier, at, cleanText(title), cleanText(message), fix === null ? null : cleanText(fix)],
  );
  return noted.length > 0;
}

/** The row is the lock: whoever comes second waits here, and sees what the first one wrote. */
async function lockRow(
  tx: SqlClient,
  { key, notifier, at }: KeyedObservation,
): Promise<{ readonly row: AlertRow; readonly isNew: boolean }> {
  const inserted = await tx.query(
    `insert into alert_state (key, notifier, grade, since, seen_at, title, message)
    values ($1::text, $2::text, 'ok', ${instant("$3")}, ${instant("$3")}, '', '')
    on conflict do nothing returning key`,
    [key, notifier, at],
  );
  const [row] = await tx.query<AlertRow>(
    `select ${COLUMNS} from alert_state where key = $1::text and notifier = $2::text for update`,
    [key, notifier],
  );
  return { row: row!, isNew: inserted.length > 0 };
}

async function writeObservation(
  tx: SqlClient,
  { key, notifier, title, message, fix, state }: KeyedObservation & { readonly state: AlertState },
): Promise<void> {
  await tx.query(
    `update alert_state set grade = $3::text, since = ${instant("$4")}, seen_at = ${instant("$5")},
      title = $6::text, message = $7::text, fix = $8::text
    where key = $1::text and notifier = $2::text`,
    [
      key,
      notifier,
      state.grade,
      state.since,
      state.seenAt,
      cleanText(title),
      cleanText(message),
      fix === null ? null : cleanText(fix),
    ],
  );
}

interface ClaimEnd {
  readonly key: string;
  readonly notifier: string;
  readonly token: string;
  readonly end: AlertEnd;
}

async function endClaim(sql: SqlClient, { key, notifier, token, end }: ClaimEnd): Promise<void> {
  const { now, told, failure } = end;
  await sql.query(
    `update alert_state set claim = null, claim_until = null, failure = $4::text,
      told_grade = coalesce($5::text, told_grade),
      told_at = case when $5::text is null then told_at else ${instant("$6")} end
    where key = $1::text and notifier = $2::text and claim = $3::text`,
    [key, notifier, token, failure === null ? null : cleanText(failure), told, now],
  );
}

/** A claim that nobody has: what is told by whoever looks next. */
const LEFT_CLAIM = "left";

/** One statement, so that two processes that hand over the same thing do it once. */
async function adopt(sql: SqlClient, told: AlertHandOver): Promise<void> {
  const { key, notifier, grade, since, seenAt, title, message, fix, toldGrade, toldAt, isUncertain } = told;
  await sql.query(
    `insert into alert_state as kept (key, notifier, grade, since, seen_at, title, message, fix,
      told_grade, told_at, claim, claim_until)
    values ($1::text, $2::text, $3::text, ${instant("$4")}, ${instant("$5")}, $6::text, $7::text, $8::text,
      $9::text, ${instant("$10")}, $11::text, case when $11::text is not null then clock_timestamp() end)
    on conflict (key, notifier) do update set
      since = case when kept.grade = excluded.grade then least(kept.since, excluded.since)
        when kept.seen_at < excluded.seen_at then excluded.since else kept.since end,
      grade = case when kept.seen_at < excluded.seen_at then excluded.grade else kept.grade end,
      seen_at = greatest(kept.seen_at, excluded.seen_at),
      told_grade = case when excluded.told_at is null then kept.told_grade else excluded.told_grade end,
      told_at = coalesce(excluded.told_at, kept.told_at),
      claim = coalesce(kept.claim, excluded.claim),
      claim_until = coalesce(kept.claim_until, excluded.claim_until)
    where kept.told_at is null or kept.told_at < coalesce(excluded.told_at, excluded.seen_at)`,
    [
      cleanText(key),
      cleanText(notifier),
      grade,
      since,
      seenAt,
      cleanText(title),
      cleanText(message),
      fix === null ? null : cleanText(fix),
      toldGrade,
      toldAt,
      isUncertain ? LEFT_CLAIM : null,
    ],
  );
}
