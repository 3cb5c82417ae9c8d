import type { Migration } from "./migration.ts";

const ipInventory = `create table ip_inventory (
  ip_address inet primary key,
  geo_country text check (geo_country <> 'XX'),
  geo_city text,
  geo_latitude double precision,
  geo_longitude double precision,
  asn_number bigint,
  asn_org text,
  asn_source text check (asn_source in ('maxmind', 'cymru')),
  asn_since timestamptz,
  is_scanner boolean not null default false,
  enrichment jsonb not null
    default '{"address": {"scope": "global"}, "_meta": {"version": 1, "sources": {}}}'
    check (jsonb_typeof(enrichment) = 'object'),
  enrichment_ts timestamptz,
  scanner_ts timestamptz,
  maxmind_outcome text check (maxmind_outcome in ('hit', 'miss', 'failed', 'skipped')),
  maxmind_attempted_at timestamptz,
  maxmind_retry_at timestamptz,
  maxmind_failures int not null default 0,
  cymru_outcome text check (cymru_outcome in ('hit', 'miss', 'failed', 'skipped')),
  cymru_attempted_at timestamptz,
  cymru_retry_at timestamptz,
  cymru_failures int not null default 0,
  greynoise_outcome text check (greynoise_outcome in ('hit', 'miss', 'failed', 'skipped')),
  greynoise_attempted_at timestamptz,
  greynoise_retry_at timestamptz,
  greynoise_failures int not null default 0,
  city_build_epoch bigint,
  asn_build_epoch bigint,
  observation_count bigint not null default 0,
  first_seen_at timestamptz,
  last_seen_at timestamptz,
  revision bigint not null default 0,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  check (masklen(ip_address) = case family(ip_address) when 4 then 32 else 128 end)
)`;

const asnInventory = `create table asn_inventory (
  asn_number bigint primary key,
  asn_org text,
  registry text,
  country_code text,
  ip_count bigint not null default 0,
  first_seen_at timestamptz not null default now(),
  last_seen_at timestamptz not null default now()
)`;

const ipAsnHistory = `create table ip_asn_history (
  id bigint generated always as identity primary key,
  ip_address inet not null,
  asn_number bigint not null,
  asn_org text,
  asn_source text,
  valid_from timestamptz not null,
  valid_to timestamptz
)`;

const sessions = `create table sessions (
  session_id text collate "C" primary key,
  source_ip inet,
  in_inventory boolean not null default false,
  started_at timestamptz,
  ended_at timestamptz,
  duration_ms bigint,
  login_attempts bigint not null default 0,
  commands bigint not null default 0,
  downloads bigint not null default 0,
  covered tstzmultirange not null default '{}',
  snapshot_asn bigint,
  snapshot_country text,
  snapshot_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
)`;

/** The inventory, the history of its ASNs, and the sessions. */
export const inventory: Migration = {
  version: 1,
  name: "inventory",
  statements: [
    ipInventory,
    asnInventory,
    ipAsnHistory,
    "create index ip_asn_history_ip_address on ip_asn_history (ip_address, valid_from)",
    "create unique index ip_asn_history_open on ip_asn_history (ip_address) where valid_to is null",
    sessions,
    "create index sessions_source_ip on sessions (source_ip)",
    "create index sessions_pending on sessions (session_id) where snapshot_at is null",
  ],
};
