import type { Migration } from "./migration.ts";

/** Guards `asn_inventory`: "asn" in ASCII. Taken by the triggers only, after the inventory's own row locks. */
export const ASN_LOCK = 0x61736e;

const asnDelta = `create type asn_delta as (
  asn_number bigint,
  delta bigint,
  maxmind_org text,
  any_org text,
  registry text,
  country_code text
)`;

// The lock makes the transactions that move addresses between ASNs take turns at `asn_inventory`: whatever their
// order of ASNs, they cannot wait for each other in a circle.
const applyDeltas =
  `create function apply_asn_deltas(deltas asn_delta[]) returns void language plpgsql as $body$
begin
  perform pg_advisory_xact_lock(${ASN_LOCK});
  insert into asn_inventory as a (asn_number, asn_org, registry, country_code, ip_count)
  select d.asn_number, coalesce(d.maxmind_org, known.asn_org, d.any_org),
    d.registry, d.country_code, d.delta
  from unnest(deltas) d
  left join asn_inventory known on known.asn_number = d.asn_number
  order by d.asn_number
  on conflict (asn_number) do update set
    asn_org = excluded.asn_org,
    registry = coalesce(excluded.registry, a.registry),
    country_code = case when excluded.registry is null then a.country_code else excluded.country_code end,
    ip_count = a.ip_count + excluded.ip_count,
    last_seen_at = case when excluded.ip_count > 0 then now() else a.last_seen_at end;
end
$body$`;

/** The columns of one `asn_delta` over rows `r` of a new assignment, one group for each ASN. */
const arrivals = `max(r.asn_org) filter (where r.asn_source = 'maxmind') as maxmind_org,
      max(r.asn_org) as any_org,
      max(case when r.asn_source = 'cymru' and r.enrichment #>> '{cymru,asn}' = r.asn_number::text
        then concat_ws(',', r.enrichment #>> '{cymru,registry}', r.enrichment #>> '{cymru,country_code}')
      end) as registered`;

const deltaOf = `row(g.asn_number, g.delta, g.maxmind_org, g.any_org,
    nullif(split_part(g.registered, ',', 1), ''), nullif(split_part(g.registered, ',', 2), ''))::asn_delta`;

const onInsert = `create function ip_inventory_after_insert() returns trigger language plpgsql as $body$
declare
  deltas asn_delta[];
begin
  select array_agg(${deltaOf}) into deltas
  from (
    select r.asn_number, count(*) as delta,
      ${arrivals}
    from new_rows r where r.asn_number is not null group by r.asn_number
  ) g;
  if deltas is not null then perform apply_asn_deltas(deltas); end if;
  return null;
end
$body$`;

const moved = `moved as (
    select o.ip_address, o.asn_number as old_asn, o.asn_org as old_org, o.asn_source as old_source,
      coalesce(o.asn_since, o.enrichment_ts, o.created_at) as old_since,
      n.asn_number, n.asn_org, n.asn_source,
      case when n.asn_since is distinct from o.asn_since then coalesce(n.asn_since, now()) else now() end as at
    from old_rows o join new_rows n on n.ip_address = o.ip_address
    where o.asn_number is not null and o.asn_number is distinct from n.asn_number
  )`;

const onUpdate = `create function ip_inventory_after_update() returns trigger language plpgsql as $body$
declare
  deltas asn_delta[];
begin
  with changed as (
    select o.asn_number as old_asn, n.asn_number, n.asn_org, n.asn_source, n.enrichment
    from old_rows o full join new_rows n on n.ip_address = o.ip_address
    where o.asn_number is distinct from n.asn_number or o.asn_org is distinct from n.asn_org
  )
  select array_agg(${deltaOf}) into deltas
  from (
    select r.asn_number, sum(r.delta)::bigint as delta,
      ${arrivals}
    from (
      select old_asn as asn_number, -1 as delta, null as asn_org, null as asn_source, null::jsonb as enrichment
      from changed where old_asn is not null
      union all
      select asn_number, 1, asn_org, asn_source, enrichment from changed where asn_number is not null
    ) r group by r.asn_number
  ) g;
  if deltas is null then return null; end if;
  perform apply_asn_deltas(deltas);

  with ${moved}, closed as (
    update ip_asn_history h set valid_to = greatest(m.at, h.valid_from)
    from moved m where h.ip_address = m.ip_address and h.valid_to is null
    returning h.ip_address
  )
  insert into ip_asn_history (ip_address, asn_number, asn_org, asn_source, valid_from, valid_to)
  select m.ip_address, m.old_asn, m.old_org, m.old_source, m.old_since, greatest(m.at, m.old_since)
  from moved m where not exists (select from closed c where c.ip_address = m.ip_address);

  with ${moved}
  insert into ip_asn_history (ip_address, asn_number, asn_org, asn_source, valid_from)
  select m.ip_address, m.asn_number, m.asn_org, m.asn_source, m.at
  from moved m where m.asn_number is not null;
  return null;
end
$body$`;

const onDelete = `create function ip_inventory_after_delete() returns trigger language plpgsql as $body$
declare
  deltas asn_delta[];
begin
  select array_agg(row(g.asn_number, g.delta, null, null, null, null)::asn_delta) into deltas
  from (
    select o.asn_number, -count(*) as delta from old_rows o where o.asn_number is not null group by o.asn_number
  ) g;
  if deltas is not null then perform apply_asn_deltas(deltas); end if;
  update ip_asn_history h set valid_to = greatest(now(), h.valid_from)
  from old_rows o where h.ip_address = o.ip_address and h.valid_to is null;
  return null;
end
$body$`;

const onTruncate = `create function ip_inventory_after_truncate() returns trigger language plpgsql as $body$
begin
  perform pg_advisory_xact_lock(${ASN_LOCK});
  update asn_inventory set ip_count = 0;
  update ip_asn_history set valid_to = greatest(now(), valid_from) where valid_to is null;
  return null;
end
$body$`;

/**
 * Keeps `asn_inventory` and `ip_asn_history` by statement triggers on `ip_inventory`, so that they are right whoever
 * writes, under races too. A statement that moves no address and renames no ASN costs one comparison of its rows.
 */
export const asnTriggers: Migration = {
  version: 2,
  name: "asn_triggers",
  statements: [
    asnDelta,
    applyDeltas,
    onInsert,
    onUpdate,
    onDelete,
    onTruncate,
    `create trigger ip_inventory_after_insert after insert on ip_inventory
      referencing new table as new_rows
      for each statement execute function ip_inventory_after_insert()`,
    `create trigger ip_inventory_after_update after update on ip_inventory
      referencing old table as old_rows new table as new_rows
      for each statement execute function ip_inventory_after_update()`,
    `create trigger ip_inventory_after_delete after delete on ip_inventory
      referencing old table as old_rows
      for each statement execute function ip_inventory_after_delete()`,
    `create trigger ip_inventory_after_truncate after truncate on ip_inventory
      for each statement execute function ip_inventory_after_truncate()`,
  ],
};
