import { openPostgresServer, openTempDir, type PostgresServer } from "@ipcascade/testkit";
import { type Lab, openLab } from "@ipcascade/testkit/lab";
import { runCli } from "../run_cli.ts";
import { AnswerJudge } from "./answer_judge.ts";
import { type ApiServer, pass, startApiServer } from "./api_server.ts";
import { type Callers, startCallers } from "./chaos_callers.ts";
import { type ChaosAddress, listChaosAddresses, publishNew } from "./chaos_world.ts";
import { Claims, type Evidence } from "./figures.ts";

/** How long each part takes. */
export interface ChaosScale {
  /** Whether editions are changed, which takes the ten seconds between two looks of the server. */
  readonly hasSwitch: boolean;
  readonly awaySeconds: number;
  /** Of quiet load between the parts. */
  readonly calmSeconds: number;
}

interface World {
  readonly env: Readonly<Record<string, string>>;
  readonly lab: Lab;
  readonly postgres: PostgresServer;
  readonly server: ApiServer;
  readonly addresses: readonly ChaosAddress[];
  readonly judge: AnswerJudge;
  readonly callers: Callers;
  readonly claims: Claims;
  readonly figures: Record<string, number | string>;
}

/** The server looks for other editions each ten seconds, and opening them takes a moment. */
const SWITCH_MS = 11_500;
/** After the database is back. */
const MAX_RECOVERY_MS = 5_000;
/** Offline look-ups while it was away. */
const MIN_GOING_ON = 100;
const MAX_END_MS = 10_000;

/** Editions change, the database goes and comes, the server ends, all while it is asked: no answer is wrong. */
export async function proveApiChaos(scale: ChaosScale): Promise<Evidence> {
  await using dir = await openTempDir();
  await using lab = await openLab();
  await using postgres = await openPostgresServer();
  const env = {
    ...lab.env,
    DATABASE_URL: await postgres.createDatabase(),
    IPCASCADE_DATA_DIR: dir.join("data"),
  };
  const claims = new Claims();
  await update(env, claims);
  await using server = await startApiServer(env);
  const addresses = listChaosAddresses();
  await fill(server, addresses);
  const judge = new AnswerJudge(claims);
  const callers = startCallers({ port: server.port, addresses, judge });
  const figures: Record<string, number | string> = { addresses: addresses.length };
  const world: World = { env, lab, postgres, server, addresses, judge, callers, claims, figures };
  const startedAt = performance.now();
  await pass(scale.calmSeconds * 1_000);
  if (scale.hasSwitch) await switchEditions(world);
  await loseDatabase(world, scale);
  await pass(scale.calmSeconds * 1_000);
  const seconds = (performance.now() - startedAt) / 1_000;
  await endServer(world);
  figures.longestAnswerMs = Math.round(judge.longestMs);
  Object.assign(figures, Object.fromEntries(Object.entries(judge.counts).sort()));
  const answers = Object.values(judge.counts).reduce((sum, count) => sum + count, 0);
  return {
    conditions:
      `ipcascade serve on PostgreSQL, ${Math.round(answers / seconds)} questions a second over 12 ` +
      `connections, 3 streams at a time, ${Math.round(seconds)} s, database away for ${scale.awaySeconds} s`,
    figures,
    broken: claims.broken,
  };
}

async function switchEditions(world: World): Promise<void> {
  const { env, lab, judge, claims, figures } = world;
  publishNew(lab);
  judge.circumstances.oldUntil = performance.now();
  await update(env, claims);
  const installedAt = performance.now();
  judge.circumstances.newFrom = installedAt + SWITCH_MS;
  await pass(SWITCH_MS + 3_000);
  figures.newAnswersAfterInstallMs = Math.round(judge.firstNewAt - installedAt);
  for (const caller of ["fresh", "inventory", "offline"]) {
    for (const release of ["old", "new"]) {
      const count = judge.counts[`${caller} 200 ${release}`] ?? 0;
      claims.check(count > 100, `only ${count} answers to "${caller}" are of the ${release} editions`);
    }
  }
}

async function loseDatabase(world: World, { awaySeconds }: ChaosScale): Promise<void> {
  const { postgres, judge, claims, figures } = world;
  const before = { ...judge.counts };
  judge.circumstances.awayFrom = performance.now();
  await postgres.stop();
  await pass(awaySeconds * 1_000);
  await postgres.start();
  const backAt = performance.now();
  judge.circumstances.awayUntil = backAt + MAX_RECOVERY_MS;
  await pass(Math.min(MAX_RECOVERY_MS, 2_000 * awaySeconds));
  figures.recoveredAfterMs = Math.max(0, Math.round(judge.lastAwayAt - backAt));
  const refused = Object.entries(judge.counts).filter(([what]) => what.includes("STORE_FAILED"));
  claims.check(refused.length > 0, "nobody missed the database");
  const isOfflineGoingOn = Object.entries(judge.counts).some(([what, count]) =>
    what.startsWith("offline 200") && count > (before[what] ?? 0) + MIN_GOING_ON
  );
  claims.check(isOfflineGoingOn, "offline look-ups did not go on");
}

async function endServer({ server, judge, callers, claims, figures }: World): Promise<void> {
  const sentAt = performance.now();
  judge.circumstances.endingFrom = sentAt;
  const code = await server.stop("SIGTERM");
  const ms = performance.now() - sentAt;
  await callers.stop();
  figures.endedAfterMs = Math.round(ms);
  figures.refusedConnections = callers.refused;
  claims.check(code === 143, `the server ended with ${code}`);
  claims.check(ms < MAX_END_MS, `the server took ${Math.round(ms)} ms to end`);
  const errors = (await server.logged).split("\n").filter((line) => /\berror\b/i.test(line));
  claims.check(!errors.some((line) => line.includes("A request failed")), `it logged ${errors[0]}`);
  figures.loggedErrors = errors.length;
}

async function update(env: Readonly<Record<string, string>>, claims: Claims): Promise<void> {
  const { code, stderr } = await runCli(["editions", "update"], { env });
  claims.check(code === 0, `editions update ended with ${code}: ${stderr.slice(-200)}`);
}

/** Makes every address known. */
async function fill({ address }: ApiServer, addresses: readonly ChaosAddress[]): Promise<void> {
  const response = await fetch(`${address}/v1/ips`, {
    method: "POST",
    headers: { "content-type": "text/plain" },
    body: addresses.map(({ text }) => text).join("\n"),
  });
  await response.text();
}
