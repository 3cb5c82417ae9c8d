import type { Migration } from "./migration.ts";

// Generated from the columns that say when a source answered or failed, so that they are right whoever wrote those. The
// step to UTC and back makes adding days independent of the session's zone, which a generated column has to be.
const cymruDue = `alter table ip_inventory add column cymru_due_at timestamptz generated always as (
  case
    when asn_source = 'maxmind' then null
    when cymru_outcome = 'failed' then coalesce(cymru_retry_at, '-infinity')
    when cymru_outcome in ('hit', 'miss') then coalesce(
      (least(cymru_attempted_at, enrichment_ts) at time zone 'UTC' + interval '90 days') at time zone 'UTC',
      '-infinity')
    else '-infinity'
  end
) stored`;

const greynoiseDue = `alter table ip_inventory add column greynoise_due_at timestamptz generated always as (
  case
    when family(ip_address) <> 4 then null
    when greynoise_outcome = 'failed' then coalesce(greynoise_retry_at, '-infinity')
    else coalesce(
      (least(greynoise_attempted_at, scanner_ts) at time zone 'UTC' + interval '7 days') at time zone 'UTC',
      '-infinity')
  end
) stored`;

// Claims are worth nothing after a crash of the server, so they are not logged.
const workHolder = `create unlogged table work_holder (
  id text primary key,
  owner text not null,
  expires_at timestamptz not null
)`;

const workClaim = `create unlogged table work_claim (
  source text not null,
  ip_address inet not null,
  holder text not null references work_holder (id) on delete cascade,
  primary key (source, ip_address)
)`;

/** When a row's sources are due, and who works on it. */
export const refresh: Migration = {
  version: 5,
  name: "refresh",
  statements: [
    cymruDue,
    greynoiseDue,
    "create index ip_inventory_cymru_due on ip_inventory (cymru_due_at) where cymru_due_at is not null",
    "create index ip_inventory_greynoise_due on ip_inventory (greynoise_due_at) where greynoise_due_at is not null",
    // Without the address: all rows of one build are a few entries, which costs an insert almost nothing.
    `create index ip_inventory_builds on ip_inventory
      (coalesce(city_build_epoch, 0), coalesce(asn_build_epoch, 0))`,
    `create index ip_inventory_maxmind_failed on ip_inventory (ip_address) where maxmind_outcome = 'failed'`,
    workHolder,
    workClaim,
    "create index work_claim_holder on work_claim (holder)",
  ],
};
