import { ASN_LOCK } from "./0002_asn_triggers.ts";
import type { Migration } from "./migration.ts";

// As before, but what the update found is not looked for a second time: nearly every large batch has some ASN that is
// new. A list under `not in` is hashed as long as it fits into `work_mem`, whatever the settings for joins say; for those
// the planner would read the whole table.
const applyDeltas = `create or replace function apply_asn_deltas(deltas asn_delta[]) returns void
  language plpgsql set enable_hashjoin = off set enable_mergejoin = off as $body$
begin
  perform pg_advisory_xact_lock(${ASN_LOCK});
  with known as (
    update asn_inventory a set
      asn_org = coalesce(d.maxmind_org, a.asn_org, d.any_org),
      registry = coalesce(d.registry, a.registry),
      country_code = case when d.registry is null then a.country_code else d.country_code end,
      ip_count = a.ip_count + d.delta,
      last_seen_at = case when d.delta > 0 then now() else a.last_seen_at end
    from unnest(deltas) d where a.asn_number = d.asn_number
    returning a.asn_number
  )
  insert into asn_inventory as a (asn_number, asn_org, registry, country_code, ip_count)
  select d.asn_number, coalesce(d.maxmind_org, d.any_org), d.registry, d.country_code, d.delta
  from unnest(deltas) d
  where d.asn_number not in (select k.asn_number from known k)
  order by d.asn_number
  on conflict (asn_number) do update set
    ip_count = a.ip_count + excluded.ip_count,
    last_seen_at = case when excluded.ip_count > 0 then now() else a.last_seen_at end;
end
$body$`;

/** ASNs are looked for once a batch. */
export const asnCountingOnce: Migration = {
  version: 16,
  name: "asn counting once",
  statements: [applyDeltas],
};
