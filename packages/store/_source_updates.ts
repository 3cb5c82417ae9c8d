import {
  countryCode,
  type InstalledEditions,
  type MaxmindAnswer,
  type SourceName,
  type SourceUpdate,
} from "@ipcascade/core";
import { arrayLiteral, cleanJson, joinTexts, textList } from "./_parameters.ts";
import { provenanceSet } from "./_provenance_sql.ts";
import { SqlParameters } from "./_sql_parameters.ts";
import type { SqlClient } from "./sql_client.ts";

/**
 * Writes what one source said into rows that are there. Only columns of that source change, and those that are derived
 * from its answer; the rest stays as it is, to the last digit. Rows that the transaction did not lock before are to be
 * given to `lockRows` first. Gives how many were written.
 */
export async function updateRows(
  tx: SqlClient,
  source: SourceName,
  updates: readonly SourceUpdate[],
  installed: InstalledEditions | null = null,
): Promise<number> {
  if (updates.length === 0) return 0;
  const params = new SqlParameters();
  const columns = commonColumns(updates, params);
  const more = source === "maxmind" ? maxmindColumns(updates, installed!, params) : [];
  const all = [...columns, ...more];
  const document = `case when r.answered_ms is null then i.enrichment
    when r.answer is null then i.enrichment - '${source}'
    else i.enrichment || jsonb_build_object('${source}', r.answer::jsonb) end`;
  const [done] = await tx.query<{ count: number }>(
    `with r as (
      select * from unnest(${all.map(({ list }) => list).join(", ")}) as u(${
      all.map(({ name }) => name).join(", ")
    })
    ), written as (
    update ip_inventory i set
      enrichment = ${provenanceSet(`(${document})`, source, "r.provenance::jsonb")},
      ${source}_outcome = r.outcome,
      ${source}_attempted_at = to_timestamp(r.attempted_ms / 1000),
      ${source}_retry_at = to_timestamp(r.retry_ms / 1000),
      ${source}_failures = r.failures,
      ${DERIVED[source].map(([column, value]) => `${column} = ${whenAnswered(column, value)}`).join(",\n")},
      revision = i.revision + 1,
      updated_at = now()
    from r where i.ip_address = r.ip
    returning 1
    )
    select count(*)::int as count from written`,
    params.values,
  );
  return done!.count;
}

/** Locks rows in one order for every writer, so that two batches can't wait for each other in a circle. */
export async function lockRows(tx: SqlClient, addresses: readonly string[]): Promise<void> {
  await tx.query(
    `select count(*)::int as count from (
      select from unnest($1::text::inet[]) with ordinality as u(ip, place)
      join ip_inventory i on i.ip_address = u.ip order by u.place for no key update of i
    ) locked`,
    [arrayLiteral([...addresses].sort())],
  );
}

function whenAnswered(column: string, value: string): string {
  return `case when r.answered_ms is null then i.${column} else ${value} end`;
}

const ANSWERED_AT = "to_timestamp(r.answered_ms / 1000)";
/** What others wrote in its place is no ASN. */
const CYMRU_ASN = `case when i.enrichment #>> '{cymru,asn}' ~ '^[0-9]{1,10}$'
  then (i.enrichment #>> '{cymru,asn}')::bigint end`;
/** MaxMind's ASN, else the one that Cymru named. */
const NEW_ASN = `coalesce(r.asn, ${CYMRU_ASN})`;
/** MaxMind's word counts for more than Cymru's. */
const byCymru = (column: string, value: string) =>
  `case when i.asn_source = 'maxmind' then i.${column} else ${value} end`;

/** What an answer changes besides the source's own columns. */
const DERIVED: Readonly<Record<SourceName, readonly (readonly [column: string, value: string])[]>> = {
  maxmind: [
    ["geo_country", "r.country"],
    ["geo_city", "r.answer::jsonb ->> 'city'"],
    ["geo_latitude", "(r.answer::jsonb ->> 'latitude')::float8"],
    ["geo_longitude", "(r.answer::jsonb ->> 'longitude')::float8"],
    ["asn_number", NEW_ASN],
    [
      "asn_org",
      "case when r.asn is null then i.enrichment #>> '{cymru,asn_org}' else r.answer::jsonb ->> 'asn_org' end",
    ],
    [
      "asn_source",
      `case when r.asn is not null then 'maxmind' when ${CYMRU_ASN} is not null then 'cymru' end`,
    ],
    ["asn_since", sinceOf(NEW_ASN)],
    ["city_build_epoch", "r.city_build"],
    ["asn_build_epoch", "r.asn_build"],
    ["enrichment_ts", ANSWERED_AT],
  ],
  cymru: [
    ["asn_number", byCymru("asn_number", "(r.answer::jsonb ->> 'asn')::bigint")],
    ["asn_org", byCymru("asn_org", "r.answer::jsonb ->> 'asn_org'")],
    ["asn_source", byCymru("asn_source", "case when r.answer is not null then 'cymru' end")],
    ["asn_since", byCymru("asn_since", sinceOf("(r.answer::jsonb ->> 'asn')::bigint"))],
    ["enrichment_ts", ANSWERED_AT],
  ],
  greynoise: [
    ["is_scanner", "coalesce((r.answer::jsonb ->> 'noise')::boolean, false)"],
    ["scanner_ts", ANSWERED_AT],
  ],
};

function sinceOf(asn: string): string {
  return `case when i.asn_number is not distinct from ${asn} then i.asn_since
    when ${asn} is not null then ${ANSWERED_AT} end`;
}

interface SentColumn {
  readonly name: string;
  /** The placeholder as an array to unnest. */
  readonly list: string;
}

function commonColumns(updates: readonly SourceUpdate[], params: SqlParameters): SentColumn[] {
  const numbers = (name: string, valueOf: (update: SourceUpdate) => number | null, type = "float8") => {
    return { name, list: `${params.bind(arrayLiteral(updates.map(valueOf)))}::text::${type}[]` };
  };
  const texts = (name: string, valueOf: (update: SourceUpdate) => string | null) => {
    return { name, list: textList(params.bind(joinTexts(updates.map(valueOf)))) };
  };
  return [
    {
      name: "ip",
      list: `${params.bind(arrayLiteral(updates.map((update) => update.ipAddress)))}::text::inet[]`,
    },
    texts("answer", ({ answer }) => answer === null ? null : cleanJson(answer)),
    texts("provenance", ({ provenance }) => cleanJson(provenance)),
    texts("outcome", ({ attempt }) => attempt.outcome),
    numbers("answered_ms", ({ answeredAt }) => answeredAt),
    numbers("attempted_ms", ({ attempt }) => attempt.attemptedAt),
    numbers("retry_ms", ({ attempt }) => attempt.retryAt),
    numbers("failures", ({ attempt }) => attempt.failures, "int"),
  ];
}

function maxmindColumns(
  updates: readonly SourceUpdate[],
  installed: InstalledEditions,
  params: SqlParameters,
): SentColumn[] {
  const answers = updates.map(({ answer }) => answer as MaxmindAnswer | null);
  const countries = answers.map((answer) => countryCode(answer?.country_code));
  const asns = answers.map((answer) => answer?.asn ?? null);
  const same = (value: number | null) =>
    `array_fill(${params.bind(value)}::text::bigint, array[${updates.length}])`;
  return [
    { name: "country", list: textList(params.bind(joinTexts(countries))) },
    { name: "asn", list: `${params.bind(arrayLiteral(asns))}::text::bigint[]` },
    { name: "city_build", list: same(installed.cityBuildEpoch) },
    { name: "asn_build", list: same(installed.asnBuildEpoch) },
  ];
}
