import { openPostgresServer, openTempDir } from "@ipcascade/testkit";
import { migrate } from "@ipcascade/store";
import { connectServer } from "../../packages/store/testing/databases.ts";
import { type BackupLoad, digestTables, listDifferences, seedEverything } from "./backup_rows.ts";
import { Claims, type Evidence } from "./figures.ts";
import { type MeasuredRun, runMeasured } from "./measured_run.ts";

/** How much makes the trip, and what it may take. */
export interface RoundTrip extends BackupLoad {
  /** Peak of the processes that work on a server; the embedded database is part of its process. */
  readonly maxServerMb: number;
}

type Env = Readonly<Record<string, string>>;

/** What a manifest says of a table, as far as two backups must agree on it. */
type Chains = Readonly<Record<string, string>>;

/**
 * From a server to the embedded database, and from there to another server: every row, derived column, generator of
 * numbers and constraint is as it was, and three backups of it have the same chains of content checks.
 */
export async function proveRoundTrip(trip: RoundTrip): Promise<Evidence> {
  const claims = new Claims();
  await using dir = await openTempDir();
  await using server = await openPostgresServer();
  const [from, to] = [await server.createDatabase(), await server.createDatabase()];
  const envOf = (more: Env): Env => ({
    BACKUP_DIR: dir.join("backups"),
    GEOIPUPDATE_DB_DIR: dir.join("no-editions"),
    ...more,
  });
  const first = envOf({ DATABASE_URL: from, IPCASCADE_DATA_DIR: dir.join("first") });
  const embedded = envOf({ IPCASCADE_DATA_DIR: dir.join("embedded") });
  const second = envOf({ DATABASE_URL: to, IPCASCADE_DATA_DIR: dir.join("second") });
  const figures: Record<string, number | string> = {};
  const [source, target] = [connectServer(from, 1), connectServer(to, 1)];
  try {
    await migrate(source);
    await seedEverything(source, trip);
    const digests = await digestTables(source);
    const run = async (name: string, args: readonly string[], env: Env): Promise<MeasuredRun> => {
      const result = await runMeasured([...args, "--format", "json"], env);
      claims.check(result.code === 0, `${name} ended with ${result.code}: ${result.stderr.slice(-500)}`);
      figures[`${name} s`] = result.seconds.toFixed(1);
      figures[`${name} peak MB`] = result.peakMb;
      const isOnServer = env.DATABASE_URL !== undefined;
      claims.check(!isOnServer || result.peakMb <= trip.maxServerMb, `${name} took ${result.peakMb} MB`);
      return result;
    };
    const backUp = async (name: string, env: Env) =>
      readBackup(await run(name, ["backup", "create"], env), dir.path);
    const restore = (name: string, id: string, env: Env) => run(name, ["restore", id, "--yes"], env);
    const one = await backUp("back up the server", first);
    await restore("restore into the embedded database", one.id, embedded);
    const two = await backUp("back up the embedded database", embedded);
    await restore("restore into another server", two.id, second);
    const three = await backUp("back up the other server", second);
    for (const [name, other] of [["embedded", two], ["other server", three]] as const) {
      for (const table of Object.keys(digests)) {
        claims.check(
          one.chains[table] === other.chains[table],
          `${name}: ${table} has another chain of checks`,
        );
      }
    }
    const differing = listDifferences(digests, await digestTables(target));
    claims.check(differing.length === 0, `the other server differs: ${differing.join("; ")}`);
    await checkAtWork(target, claims);
    await restore("restore into the first server", three.id, first);
    const again = listDifferences(digests, await digestTables(source));
    claims.check(again.length === 0, `the first server differs in the end: ${again.join("; ")}`);
    return {
      conditions:
        `${trip.rows} inventory rows, ${trip.sessions} sessions, PostgreSQL and PGlite on this machine, ` +
        "each step a process",
      figures: { ...figures, "tables compared": Object.keys(digests).length },
      broken: claims.broken,
    };
  } finally {
    await source.close();
    await target.close();
  }
}

async function readBackup(
  { stdout }: MeasuredRun,
  dir: string,
): Promise<{ readonly id: string; readonly chains: Chains }> {
  const id = String(JSON.parse(stdout || "{}").backup?.id);
  const manifest = JSON.parse(await Deno.readTextFile(`${dir}/backups/${id}/manifest.json`));
  const chains = manifest.tables.map((table: { table: string; rows: number; checks: unknown }) =>
    [table.table, JSON.stringify([table.rows, table.checks])] as const
  );
  return { id, chains: Object.fromEntries(chains) };
}

/** Generators, triggers and constraints of a restored database do what they did. */
async function checkAtWork(sql: ReturnType<typeof connectServer>, claims: Claims): Promise<void> {
  const [before] = await sql.query<{ id: number; ip: string; asn: number; count: number }>(
    `select (select max(id)::int from ip_asn_history) as id, i.ip_address::text as ip, i.asn_number::int as asn,
      (select ip_count::int from asn_inventory a where a.asn_number = i.asn_number) as count
    from ip_inventory i where asn_number is not null order by ip_address desc limit 1`,
  );
  if (before === undefined) return claims.check(false, "there is no row with an ASN");
  await sql.query(
    "update ip_inventory set asn_number = 4200000001, asn_since = now() where ip_address = $1::text::inet",
    [before.ip],
  );
  const [after] = await sql.query<{ id: number; count: number; moved: number }>(
    `select (select max(id)::int from ip_asn_history) as id,
      (select ip_count::int from asn_inventory where asn_number = $1::bigint) as count,
      (select ip_count::int from asn_inventory where asn_number = 4200000001) as moved`,
    [before.asn],
  );
  claims.check((after?.id ?? 0) > before.id, `the history goes on with ${after?.id} after ${before.id}`);
  claims.check(after?.count === before.count - 1 && after.moved === 1, "the counters of ASNs do not go on");
  const twice = await sql.query("insert into ip_inventory (ip_address) values ($1::text::inet)", [before.ip])
    .then(() => "taken", (error: unknown) => String(error));
  claims.check(twice.includes("23505"), `an address is ${twice} twice`);
}
