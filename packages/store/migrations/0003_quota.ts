import type { Migration } from "./migration.ts";

const sourceState = `create table source_state (
  source text primary key,
  circuit_failures int not null default 0,
  circuit_trips int not null default 0,
  circuit_opened_at timestamptz,
  circuit_open_until timestamptz,
  circuit_reason text,
  learned_limit bigint check (learned_limit >= 0),
  learned_period text check (learned_period in ('day', 'week', 'month')),
  learned_at timestamptz,
  updated_at timestamptz not null default now(),
  check ((learned_limit is null) = (learned_period is null))
)`;

// `last_grant` is what the latest reservation got: the row that a statement returns tells its own share.
const quotaLedger = `create table quota_ledger (
  source text not null,
  starts_at timestamptz not null,
  ends_at timestamptz not null check (ends_at > starts_at),
  quota_limit bigint not null check (quota_limit >= 0),
  used bigint not null default 0 check (used >= 0),
  last_grant bigint not null default 0,
  closed_until timestamptz,
  updated_at timestamptz not null default now(),
  primary key (source, starts_at, ends_at)
)`;

const quotaAudit = `create table quota_audit (
  id bigint generated always as identity primary key,
  source text not null,
  actor text not null,
  reason text not null,
  before jsonb not null,
  after jsonb not null,
  at timestamptz not null
)`;

/** What each source may still be asked, and whether it is left alone for a while. */
export const quota: Migration = {
  version: 3,
  name: "quota",
  statements: [sourceState, quotaLedger, quotaAudit],
};
