import { FakeRandom, MmdbWriter, openPostgresServer, openTempDir } from "@ipcascade/testkit";
import postgres from "postgres";
import { runCli } from "../run_cli.ts";
import { Claims, type Evidence } from "./figures.ts";

/** How much overlap. */
export interface Overlap {
  readonly processes: number;
  /** Addresses that each process enriches. */
  readonly addresses: number;
  /** Distinct addresses that all of them choose from. */
  readonly pool: number;
  readonly asns: number;
}

/** Processes enrich overlapping addresses over few ASNs at once: no row lost, none doubled, no deadlock. */
export async function proveOverlap(overlap: Overlap): Promise<Evidence> {
  const { processes, addresses, pool, asns } = overlap;
  const claims = new Claims();
  await using dir = await openTempDir();
  await writeAsnEdition(dir.join("GeoLite2-ASN.mmdb"), asns);
  await using server = await openPostgresServer();
  const url = await server.createDatabase();
  const env = { DATABASE_URL: url, GEOIPUPDATE_DB_DIR: dir.path, IPCASCADE_DATA_DIR: dir.join("data") };
  const choices = Array.from({ length: processes }, (_, seed) => choose(addresses, pool, seed + 1));
  const started = performance.now();
  const ends = await Promise.all(
    choices.map((choice) =>
      runCli(["enrich", "-", "--sources", "maxmind", "--format", "ndjson", "--batch-size", "1000"], {
        env,
        stdin: `${choice.join("\n")}\n`,
      })
    ),
  );
  const seconds = (performance.now() - started) / 1000;
  for (const [index, end] of ends.entries()) {
    claims.check(end.code === 0, `process ${index} ended with ${end.code}: ${end.stderr.slice(-200)}`);
    const lines = end.stdout.split("\n").length - 1;
    claims.check(lines === addresses, `process ${index} gave ${lines} records instead of ${addresses}`);
  }
  const distinct = new Set(choices.flat()).size;
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  const [counts] =
    await sql`select count(*)::int as rows, count(asn_number)::int as with_asn from ip_inventory`;
  const drift = await sql`select asn_number from asn_inventory full join
    (select asn_number, count(*) as ips from ip_inventory where asn_number is not null group by 1) as truth
    using (asn_number) where ip_count is distinct from ips`;
  const [known] = await sql`select count(*)::int as asns from asn_inventory`;
  const [database] =
    await sql`select deadlocks::int from pg_stat_database where datname = current_database()`;
  await sql.end();
  claims.check(counts?.rows === distinct, `${counts?.rows} rows for ${distinct} distinct addresses`);
  claims.check(counts?.with_asn === distinct, `${counts?.with_asn} of ${distinct} rows have an ASN`);
  claims.check(drift.length === 0, `${drift.length} ASN counters differ from a recount`);
  const named = Math.min(asns, Math.ceil(pool / 256));
  claims.check(known?.asns === named, `asn_inventory holds ${known?.asns} ASNs instead of ${named}`);
  claims.check(database?.deadlocks === 0, `${database?.deadlocks} deadlocks`);
  return {
    conditions:
      `${processes} processes × ${addresses} of ${pool} addresses, ${asns} ASNs, batches of 1000, PostgreSQL`,
    figures: { distinct, rows: counts?.rows, deadlocks: database?.deadlocks, seconds: seconds.toFixed(1) },
    broken: claims.broken,
  };
}

function choose(count: number, pool: number, seed: number): string[] {
  const all = Array.from({ length: pool }, (_, i) => `5.${i >> 16}.${(i >> 8) & 255}.${i & 255}`);
  return new FakeRandom(seed).shuffle(all).slice(0, count);
}

/** Writes an edition that knows each /24 of 5.0.0.0/8, over few ASNs. */
export async function writeAsnEdition(path: string, asns: number): Promise<void> {
  const writer = new MmdbWriter({ databaseType: "GeoLite2-ASN", buildEpoch: 1_795_000_000 });
  for (let net = 0; net < 65_536; net++) {
    const asn = 64_500 + (net % asns);
    const record = { autonomous_system_number: asn, autonomous_system_organization: `EXAMPLE-${asn}` };
    writer.insert(`5.${net >> 8}.${net & 255}.0/24`, record);
  }
  await Deno.writeFile(path, writer.toBytes());
}
