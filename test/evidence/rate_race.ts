import { openPostgresServer, openTempDir } from "@ipcascade/testkit";
import { type Lab, openLab } from "@ipcascade/testkit/lab";
import postgres from "postgres";
import { readRecords, spawnCli } from "../run_cli.ts";
import { Claims, type Evidence, finish } from "./figures.ts";
import { countLeast, countMost } from "./rate_windows.ts";

/** How many ask, and for how long. */
export interface RateRace {
  readonly processes: number;
  /** Every stretch of so many seconds is looked at. */
  readonly seconds: number;
  /** One process after the other is killed with -9 and started again. */
  readonly killEverySeconds: number;
  /** How much of the rate may stay unused in such a stretch, 0 to 1. */
  readonly maxLoss: number;
  /** How long the database's answers may be held up, which is how much later than granted a slot may count. */
  readonly maxAnswerMs: number;
}

const PER_SECOND = 10;
/** A slot is used at most so much later than it is due (`createSharedLimiter`). */
const MAX_LATE_MS = 100;

/**
 * Processes on one PostgreSQL server ask GreyNoise without end: together they keep its rate, also while some are
 * killed; without a readable ledger they send nothing.
 */
export async function proveRate(race: RateRace): Promise<Evidence> {
  const { processes, seconds, killEverySeconds, maxLoss, maxAnswerMs } = race;
  const claims = new Claims();
  await using lab = await openLab();
  await using dir = await openTempDir();
  await using server = await openPostgresServer();
  const url = await server.createDatabase();
  const env = {
    ...lab.env,
    DATABASE_URL: url,
    IPCASCADE_DATA_DIR: dir.join("data"),
    GREYNOISE_QUOTA: "1000000/month",
  };
  const crew = new Crew(processes, env);
  await waitUntil(() => crew.hasAllAsked(lab));
  const start = Date.now();
  let kills = 0;
  // A little longer, so that there is more than one stretch.
  const end = start + seconds * 1_000 * 1.2;
  for (let next = start + killEverySeconds * 1_000; next < end; next += killEverySeconds * 1_000) {
    await sleepUntil(next);
    await crew.replace(kills++ % processes);
  }
  await sleepUntil(end);
  claims.check(crew.early.length === 0, `a process ended by itself: ${crew.early[0]}`);
  await crew.end();

  const sentAt = lab.requests.of("greynoise").map(({ at }) => Date.parse(at)).sort((a, b) => a - b);
  const longestMs = await readLongestMs(url);
  const most = countMost(sentAt, seconds * 1_000);
  const least = countLeast(sentAt, seconds * 1_000, { start, end });
  const mostInASecond = countMost(sentAt, 1_000);
  // Both ends of a stretch, and what was due before it: granted late, used late, and then under way to the provider.
  const jitter = 1 + Math.ceil((maxAnswerMs + MAX_LATE_MS + longestMs) / (1_000 / PER_SECOND));
  claims.check(
    mostInASecond <= PER_SECOND + jitter,
    `${mostInASecond} requests within a second, ${PER_SECOND} + ${jitter} can be explained`,
  );
  const share = (count: number) => count / (seconds * PER_SECOND);
  claims.check(share(least) >= 1 - maxLoss, `only ${least} requests within ${seconds} s`);
  claims.check(
    most <= Math.max(seconds * PER_SECOND * 1.05, seconds * PER_SECOND + jitter),
    `${most} requests within ${seconds} s`,
  );
  const sentBlind = await askBlind(url, { env, lab, claims });
  return {
    conditions: `${processes} processes on one PostgreSQL server, lab on loopback, ${PER_SECOND}/s, ` +
      `one killed every ${killEverySeconds} s, stretches of ${seconds} s`,
    figures: {
      leastPerSecond: (least / seconds).toFixed(2),
      mostPerSecond: (most / seconds).toFixed(2),
      mostInASecond,
      explainedInASecond: PER_SECOND + jitter,
      longestRequestMs: longestMs,
      kills,
      sentBlind,
    },
    broken: claims.broken,
  };
}

type Environment = Readonly<Record<string, string>>;

/** Processes that each ask about addresses of their own. */
class Crew {
  readonly #env: Environment;
  readonly #members: Member[] = [];
  /** What processes said that ended although nobody told them to. */
  readonly early: string[] = [];
  #started = 0;

  constructor(size: number, env: Environment) {
    this.#env = env;
    for (let index = 0; index < size; index++) this.#members.push(this.#start());
  }

  hasAllAsked(lab: Lab): boolean {
    const asked = new Set(lab.requests.of("greynoise").map(({ addresses }) => addresses?.[0]?.split(".")[1]));
    return this.#members.every(({ octet }) => asked.has(String(octet)));
  }

  /** Kills one and starts another in its place. */
  async replace(index: number): Promise<void> {
    await kill(this.#members[index]!);
    this.#members[index] = this.#start();
  }

  async end(): Promise<void> {
    await Promise.all(this.#members.map(kill));
  }

  #start(): Member {
    const octet = ++this.#started;
    const args = ["enrich", `5.${octet}.0.0/18`, "--sources", "greynoise", "--batch-size", "5"];
    const child = spawnCli([...args, "--format", "ndjson"], this.#env);
    const member: Member = { octet, child, isKilled: false, done: Promise.resolve() };
    member.done = finish(child).then(({ code, stderr }) => {
      if (!member.isKilled) this.early.push(`status ${code}: ${stderr.slice(-300)}`);
    });
    return member;
  }
}

interface Member {
  /** Second number of its addresses. */
  readonly octet: number;
  readonly child: Deno.ChildProcess;
  isKilled: boolean;
  done: Promise<void>;
}

async function kill(member: Member): Promise<void> {
  member.isKilled = true;
  try {
    member.child.kill("SIGKILL");
  } catch {
    // It has ended already, which `early` tells.
  }
  await member.done;
}

/** The longest request that a process saw, in milliseconds. */
async function readLongestMs(url: string): Promise<number> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  const [row] = await sql`select
    ceil(max((enrichment #>> '{_meta,sources,greynoise,duration_ms}')::float8))::int as ms from ip_inventory`;
  await sql.end();
  return row?.ms ?? 0;
}

/** Asks while the ledger can't be read, and gives the number of requests sent. */
async function askBlind(
  url: string,
  { env, lab, claims }: { readonly env: Environment; readonly lab: Lab; readonly claims: Claims },
): Promise<number> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  await sql`alter table source_rate rename to source_rate_gone`;
  lab.requests.reset();
  const args = [
    "enrich",
    "9.9.9.1",
    "9.9.9.2",
    "9.9.9.3",
    "--sources",
    "cymru,greynoise",
    "--format",
    "json",
  ];
  const result = await finish(spawnCli(args, env));
  const [ledger] = await sql`select sum(used)::int as used from quota_ledger`;
  const before = ledger?.used;
  await finish(spawnCli([...args, "--refresh"], env));
  const [after] = await sql`select sum(used)::int as used from quota_ledger`;
  await sql.end();
  claims.check(
    result.code === 3,
    `it ended with ${result.code} without a ledger: ${result.stderr.slice(-300)}`,
  );
  claims.check(after?.used === before, `${after?.used - before} units of quota were spent without a ledger`);
  const reasons = readRecords(result).flatMap((record) =>
    "error" in record ? ["error"] : [
      record.enrichment._meta.sources.cymru?.reason,
      record.enrichment._meta.sources.greynoise?.reason,
    ]
  );
  claims.check(
    reasons.length === 6 && reasons.every((reason) => reason === "rate_unknown"),
    `without a ledger the records say ${reasons}`,
  );
  const { greynoiseRequests, cymruConnections } = lab.requests;
  const sent = greynoiseRequests + cymruConnections;
  claims.check(sent === 0, `${sent} requests were sent without a readable ledger`);
  return sent;
}

async function waitUntil(holds: () => boolean): Promise<void> {
  for (let i = 0; i < 1_200 && !holds(); i++) await new Promise((resolve) => setTimeout(resolve, 50));
}

function sleepUntil(instant: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, instant - Date.now())));
}
