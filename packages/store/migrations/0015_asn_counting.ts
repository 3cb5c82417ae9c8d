import { ASN_LOCK } from "./0002_asn_triggers.ts";
import type { Migration } from "./migration.ts";

// As before, but known ASNs are updated and only others inserted: an insert that turns into an update locks its row
// first, which takes twice as long. The planner would read the whole table to join it with the ASNs of one batch.
const applyDeltas = `create or replace function apply_asn_deltas(deltas asn_delta[]) returns void
  language plpgsql set enable_hashjoin = off set enable_mergejoin = off as $body$
declare
  known bigint;
begin
  perform pg_advisory_xact_lock(${ASN_LOCK});
  update asn_inventory a set
    asn_org = coalesce(d.maxmind_org, a.asn_org, d.any_org),
    registry = coalesce(d.registry, a.registry),
    country_code = case when d.registry is null then a.country_code else d.country_code end,
    ip_count = a.ip_count + d.delta,
    last_seen_at = case when d.delta > 0 then now() else a.last_seen_at end
  from unnest(deltas) d where a.asn_number = d.asn_number;
  get diagnostics known = row_count;
  if known = cardinality(deltas) then return; end if;
  insert into asn_inventory as a (asn_number, asn_org, registry, country_code, ip_count)
  select d.asn_number, coalesce(d.maxmind_org, d.any_org), d.registry, d.country_code, d.delta
  from unnest(deltas) d
  where not exists (select from asn_inventory k where k.asn_number = d.asn_number)
  order by d.asn_number
  on conflict (asn_number) do update set
    ip_count = a.ip_count + excluded.ip_count,
    last_seen_at = case when excluded.ip_count > 0 then now() else a.last_seen_at end;
end
$body$`;

/** ASNs are counted faster. The room in its pages lets most updates leave the index alone. */
export const asnCounting: Migration = {
  version: 15,
  name: "asn counting",
  statements: [applyDeltas, "alter table asn_inventory set (fillfactor = 70)"],
};
