import type { Migration } from "./migration.ts";

const grades = "('ok', 'warning', 'critical', 'unknown')";

// A claim is the right to tell; it ends by the database's clock.
const alertState = `create table alert_state (
  key text not null,
  notifier text not null,
  grade text not null check (grade in ${grades}),
  since timestamptz not null,
  seen_at timestamptz not null,
  title text not null,
  message text not null,
  fix text,
  told_grade text not null default 'ok' check (told_grade in ${grades}),
  told_at timestamptz,
  failure text,
  claim text,
  claim_until timestamptz,
  primary key (key, notifier),
  check ((claim is null) = (claim_until is null))
)`;

/** What was told to whom. */
export const alerts: Migration = { version: 9, name: "alerts", statements: [alertState] };
