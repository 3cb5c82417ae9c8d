import type { Migration } from "./migration.ts";

// The defaults are what a process of the version before means, which may still run.
const lastWord = `alter table source_state add column learned_from text not null default 'provider'
  check (learned_from in ('provider', 'operator'))`;

// `used_before` is the counter before the units that the rate goes by; `counting` tells grants of before and after an
// operator set the counter apart.
const counting = `alter table quota_ledger
  add column first_used_at timestamptz,
  add column used_before bigint not null default 0 check (used_before >= 0),
  add column counting int not null default 0`;

const action = `alter table quota_audit
  add column action text not null default 'closed' check (action in ('closed', 'set', 'reset')),
  alter column reason drop not null`;

const auditIndex = `create index quota_audit_source on quota_audit (source, id desc)`;

/** Quotas in an operator's hands: whose word the policy is, what the rate goes by, what was done. */
export const quotaControl: Migration = {
  version: 6,
  name: "quota control",
  statements: [lastWord, counting, action, auditIndex],
};
