import type { Migration } from "./migration.ts";

// `figures` and `quota` are documents: a report shows them as they were measured, and nobody searches in them.
const snapshot = `create table coverage_snapshot (
  day date primary key,
  measured_at timestamptz not null,
  version int not null,
  figures jsonb not null,
  quota jsonb not null
)`;

/** What the inventory knew, once a day. */
export const coverage: Migration = { version: 10, name: "coverage", statements: [snapshot] };
