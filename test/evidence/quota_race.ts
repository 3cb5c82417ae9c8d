import { openLab } from "@ipcascade/testkit/lab";
import { openPostgresServer, openTempDir } from "@ipcascade/testkit";
import postgres from "postgres";
import { spawnCli } from "../run_cli.ts";
import { Claims, type Evidence, finish } from "./figures.ts";

/** How hard to race. */
export interface QuotaRace {
  readonly processes: number;
  /** Look-ups that each process wants. */
  readonly lookups: number;
  readonly limit: number;
  /** Rounds in which half of the processes are killed in mid-flight. */
  readonly killRounds: number;
}

/**
 * Processes race for a quota on a PostgreSQL server: the limit is never exceeded at the provider, neither when
 * processes are killed in mid-flight nor when the ledger can't be read.
 */
export async function proveQuota(race: QuotaRace): Promise<Evidence> {
  const { processes, lookups, limit, killRounds } = race;
  const claims = new Claims();
  await using lab = await openLab();
  await using dir = await openTempDir();
  await using server = await openPostgresServer();
  const start = (url: string, round: number, index: number) => {
    const env = {
      ...lab.env,
      DATABASE_URL: url,
      IPCASCADE_DATA_DIR: dir.join("data"),
      GREYNOISE_QUOTA: `${limit}/month`,
    };
    const addresses = Array.from({ length: lookups }, (_, i) => `5.${round}.${index}.${i + 1}`);
    return spawnCli(["enrich", ...addresses, "--sources", "greynoise", "--format", "ndjson"], env);
  };

  const url = await server.createDatabase();
  const raced = await Promise.all(
    Array.from({ length: processes }, (_, index) => finish(start(url, 0, index))),
  );
  const sentInRace = lab.requests.greynoiseRequests;
  const failed = raced.find(({ code }) => code !== 0);
  claims.check(failed === undefined, `a process ended with ${failed?.code}: ${failed?.stderr.slice(-200)}`);
  claims.check(sentInRace === limit, `${sentInRace} requests were sent, the quota is ${limit}`);

  let sentWithKills = 0;
  let killed = 0;
  for (let round = 1; round <= killRounds; round++) {
    lab.requests.reset();
    lab.setFault("greynoise", { kind: "delay", ms: 300 });
    const fresh = await server.createDatabase();
    const children = Array.from({ length: processes }, (_, index) => start(fresh, round, index));
    const victims = children.filter((_, index) => index % 2 === 0);
    await waitUntil(() => lab.requests.greynoiseRequests >= limit / 4);
    for (const child of victims) killed += tryToKill(child);
    const ends = await Promise.all(children.map(finish));
    const survivors = ends.filter((_, index) => index % 2 === 1);
    const wrong = survivors.find(({ code }) => code !== 0);
    claims.check(wrong === undefined, `a survivor ended with ${wrong?.code}: ${wrong?.stderr.slice(-200)}`);
    lab.setFault("greynoise", null);
    // Those that follow must not get back what the killed ones took.
    await Promise.all(
      Array.from({ length: processes }, (_, index) => finish(start(fresh, round + 100, index))),
    );
    const sent = lab.requests.greynoiseRequests;
    sentWithKills = Math.max(sentWithKills, sent);
    claims.check(sent <= limit, `${sent} requests were sent in kill round ${round}, the quota is ${limit}`);
    const sql = postgres(fresh, { max: 1, onnotice: () => {} });
    const [row] = await sql`select sum(used)::int as used from quota_ledger where source = 'greynoise'`;
    await sql.end();
    claims.check(row?.used >= sent, `the ledger says ${row?.used} in kill round ${round}, ${sent} were sent`);
  }

  lab.requests.reset();
  const broken = await server.createDatabase();
  await finish(start(broken, 200, 0));
  const spent = lab.requests.greynoiseRequests;
  const sql = postgres(broken, { max: 1, onnotice: () => {} });
  await sql`alter table quota_ledger rename to quota_ledger_gone`;
  await sql.end();
  await finish(start(broken, 201, 1));
  const sentBlind = lab.requests.greynoiseRequests - spent;
  claims.check(sentBlind === 0, `${sentBlind} requests were sent without a readable ledger`);

  return {
    conditions:
      `${processes} processes × ${lookups} look-ups, quota ${limit}, PostgreSQL server, lab on loopback`,
    figures: { sentInRace, killRounds, killed, mostSentInAKillRound: sentWithKills, sentBlind },
    broken: claims.broken,
  };
}

/** 1 when the process was still there. */
function tryToKill(child: Deno.ChildProcess): number {
  try {
    child.kill("SIGKILL");
    return 1;
  } catch {
    return 0;
  }
}

async function waitUntil(holds: () => boolean): Promise<void> {
  for (let i = 0; i < 600 && !holds(); i++) await new Promise((resolve) => setTimeout(resolve, 50));
}
