import type { Migration } from "./migration.ts";

// `lease_token` tells whose staging a set is until it is complete.
const editionSet = `create table edition_set (
  id text collate "C" primary key,
  manifest jsonb,
  complete boolean not null default false,
  lease_token text not null,
  created_at timestamptz not null default now(),
  check (manifest is not null or not complete)
)`;

// The size is null while the file is being written.
const edition = `create table edition (
  id bigint generated always as identity primary key,
  set_id text collate "C" not null references edition_set (id) on delete cascade,
  file text not null,
  size_bytes bigint check (size_bytes >= 0),
  sha256 text,
  unique (set_id, file)
)`;

const editionChunk = `create table edition_chunk (
  edition_id bigint not null references edition (id) on delete cascade,
  number int not null check (number >= 0),
  bytes bytea not null,
  primary key (edition_id, number)
)`;

// Without cascade: the set that serves can't be removed by mistake.
const editionCurrent = `create table edition_current (
  only_one boolean primary key default true check (only_one),
  set_id text collate "C" not null references edition_set (id),
  switched_at timestamptz not null default now()
)`;

const editionState = `create table edition_state (
  only_one boolean primary key default true check (only_one),
  state jsonb not null,
  updated_at timestamptz not null default now()
)`;

const editionLease = `create table edition_lease (
  only_one boolean primary key default true check (only_one),
  owner text not null,
  token text not null,
  acquired_at timestamptz not null,
  expires_at timestamptz not null
)`;

/** Sets of editions for machines without a lasting disk, and the lock of updating them. */
export const editions: Migration = {
  version: 4,
  name: "editions",
  statements: [
    editionSet,
    edition,
    editionChunk,
    // Databases hardly shrink: packing them would cost more time than it saves.
    "alter table edition_chunk alter column bytes set storage external",
    editionCurrent,
    editionState,
    editionLease,
  ],
};
