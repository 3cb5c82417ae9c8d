import type { Migration } from "./migration.ts";

// `next_at` is the first slot that nobody has, by the database's clock.
const sourceRate = `create table source_rate (
  name text primary key,
  next_at timestamptz not null
)`;

/** One rate for each source, and one trial of each circuit, for all processes together. */
export const rates: Migration = {
  version: 7,
  name: "rates",
  statements: [sourceRate, "alter table source_state add column circuit_trial_until timestamptz"],
};
