import type { HealthWorld } from "../health_world.ts";
import { query, type Situation } from "./situation.ts";

/** Takes the ASN from so many of the hundred rows, as if Cymru was never asked. */
const uncover = (rows: number) => async (world: HealthWorld) => {
  await world.sql.query(
    `update ip_inventory set asn_number = null, asn_org = null, asn_source = null, cymru_outcome = null,
      cymru_attempted_at = null
    where ip_address in (select ip_address from ip_inventory order by ip_address limit $1::int)`,
    [rows],
  );
};
const BACKFILL = "ipcascade backfill";

/** Coverage and answers that are due. */
export const INVENTORY: readonly Situation[] = [
  { rows: 5, grade: "ok" as const },
  { rows: 6, grade: "warning" as const },
  { rows: 10, grade: "warning" as const },
  { rows: 11, grade: "critical" as const },
].map(({ rows, grade }): Situation => ({
  name: `${100 - rows} % of the addresses have an ASN`,
  damage: uncover(rows),
  check: "coverage",
  grade,
  message: new RegExp(`^${100 - rows} % of 100 addresses have an ASN`),
  fix: grade === "ok" ? null : BACKFILL,
  ...grade === "ok" ? { mend: (world: HealthWorld) => world.run(["backfill"]) } : {},
})).concat([
  {
    name: "private addresses and `{}` answers don't count for coverage",
    damage: query(
      `insert into ip_inventory (ip_address, enrichment) select ('10.0.0.' || n)::inet, '{}'
      from generate_series(1, 50) n`,
    ),
    check: "coverage",
    grade: "ok",
    message: /^100 % of 100 addresses/,
    fix: null,
    mend: query("delete from ip_inventory where ip_address <<= '10.0.0.0/8'"),
  },
  {
    name: "the inventory is empty",
    damage: query("delete from ip_inventory"),
    check: "coverage",
    grade: "info",
    message: /no address is stored yet/,
    fix: "docs/enrich.md",
    mend: (world) => world.heal(),
  },
  {
    name: "Cymru's answers are 91 days old",
    damage: query(
      `update ip_inventory set enrichment_ts = now() - interval '91 days',
        cymru_attempted_at = now() - interval '91 days'`,
    ),
    check: "cymru_stale",
    grade: "info",
    message: /^100 answers of Cymru are older than 90 days/,
    fix: "ipcascade refresh --source cymru",
  },
  {
    name: "GreyNoise's answers are 8 days old",
    damage: query(
      `update ip_inventory set scanner_ts = now() - interval '8 days',
        greynoise_attempted_at = now() - interval '8 days' where ip_address < '23.0.0.9'`,
    ),
    check: "greynoise_stale",
    grade: "info",
    message: /^9 answers of GreyNoise are older than 7 days/,
    fix: "ipcascade refresh --source greynoise",
  },
  {
    name: "GreyNoise was never asked about some addresses",
    damage: query(
      `update ip_inventory set scanner_ts = null, greynoise_attempted_at = null, greynoise_outcome = null
      where ip_address < '23.0.0.5'`,
    ),
    check: "greynoise_never_asked",
    grade: "info",
    message: /^5 addresses that GreyNoise was never asked about/,
    fix: "ipcascade refresh --source greynoise",
  },
]);
