import type { Migration } from "./migration.ts";

// Its row is made when somebody first asks: an embedded database begins as a copy of another one.
const identity = `create table database_identity (
  only_one boolean primary key default true check (only_one),
  id uuid not null,
  created_at timestamptz not null default now()
)`;

/** Which database this is, whatever rows it holds. */
export const databaseIdentity: Migration = {
  version: 12,
  name: "database identity",
  statements: [identity],
};
