import { DENO_RUN, openPostgresServer } from "@ipcascade/testkit";
import postgres from "postgres";
import { migrate } from "../../packages/store/migrate.ts";
import { connectServer } from "../../packages/store/testing/databases.ts";
import { Claims, type Evidence, finish } from "./figures.ts";

/** How hard to race. The racers' quota is 1 000, and those with a share may use 800 of it. */
export interface ShareRace {
  /** Processes of each kind. */
  readonly processes: number;
  /** Reservations of each of the four takers in a process. */
  readonly rounds: number;
}

const LIMIT = 1_000;
const SHARE_LIMIT = 800;
const RACER = new URL("../../packages/store/testing/racer.ts", import.meta.url).pathname;

// Every change of the counter as the database made it, with who made it.
const WITNESS = [
  "create table witness (who text not null, units bigint not null, used bigint not null)",
  `create function note() returns trigger language plpgsql as $$ begin
    insert into witness values (current_setting('application_name'), new.used - coalesce(old.used, 0), new.used);
    return new;
  end $$`,
  "create trigger witness after insert or update on quota_ledger for each row execute function note()",
];

/**
 * Processes with and without a share take from one quota on a PostgreSQL server at the same time: nobody brings the
 * counter above the limit, those with a share never above their part, and nothing of either is left over.
 */
export async function proveShares({ processes, rounds }: ShareRace): Promise<Evidence> {
  const claims = new Claims();
  await using server = await openPostgresServer();
  const shared = Array.from({ length: processes }, () => "reserve-share");
  const free = Array.from({ length: processes }, () => "reserve");

  const alone = await openWitnessed(await server.createDatabase());
  const aloneKept = sum(await race(alone, shared, rounds));
  claims.check(aloneKept === SHARE_LIMIT, `with a share alone ${aloneKept} were kept, not ${SHARE_LIMIT}`);
  const restKept = sum(await race(alone, free, rounds));
  claims.check(aloneKept + restKept === LIMIT, `${aloneKept} + ${restKept} were kept of ${LIMIT}`);
  await checkWitness(alone, claims, LIMIT);

  const both = await openWitnessed(await server.createDatabase());
  const kept = await race(both, [...shared, ...free], rounds);
  const [sharedKept, freeKept] = [sum(kept.slice(0, processes)), sum(kept.slice(processes))];
  claims.check(sharedKept + freeKept === LIMIT, `${sharedKept} + ${freeKept} were kept of ${LIMIT} at once`);
  const highest = await checkWitness(both, claims, LIMIT);

  return {
    conditions: `2 × ${processes} processes × 4 takers × ${rounds} reservations of 1 to 7, PostgreSQL server`,
    figures: { aloneKept, restKept, sharedKept, freeKept, ...highest },
    broken: claims.broken,
  };
}

async function openWitnessed(url: string): Promise<string> {
  const sql = connectServer(url, 1);
  try {
    await migrate(sql);
    for (const statement of WITNESS) await sql.query(statement);
  } finally {
    await sql.close();
  }
  return url;
}

/** What each process kept; they start together. */
async function race(url: string, tasks: readonly string[], rounds: number): Promise<number[]> {
  await using gate = await closeGate(url);
  const children = tasks.map((task, index) =>
    new Deno.Command(Deno.execPath(), {
      args: [
        ...DENO_RUN,
        RACER,
        `${url}?application_name=${task}`,
        task,
        String(rounds),
        `${index + 1}`,
      ],
      stdout: "piped",
      stderr: "piped",
    }).spawn()
  );
  const finishing = Promise.all(children.map(finish));
  await gate.open(tasks.length);
  const ends = await finishing;
  return ends.map(({ code, stdout, stderr }) => {
    if (code !== 0) throw new Error(`Cannot race: a process ended with ${code}: ${stderr.slice(-200)}`);
    return JSON.parse(stdout).kept;
  });
}

const START_LOCK = 77;

/** A racer that died does not keep the others waiting for longer; its exit status tells. */
const MAX_POLLS = 3_000;

/** Holds the racers' starting lock until so many of them wait for it. */
async function closeGate(url: string) {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  await sql`select pg_advisory_lock(${START_LOCK})`;
  return {
    open: async (racers: number) => {
      for (let waiting = 0, polls = 0; waiting < racers && polls < MAX_POLLS; polls++) {
        const [row] = await sql`select count(*)::int as waiting from pg_locks
          where locktype = 'advisory' and not granted`;
        waiting = row?.waiting;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      await sql`select pg_advisory_unlock(${START_LOCK})`;
    },
    [Symbol.asyncDispose]: () => sql.end(),
  };
}

/** Checks every change of the counter, not the sums alone. */
async function checkWitness(url: string, claims: Claims, expected: number) {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  const [row] = await sql`select max(used)::int as highest, sum(units)::int as units,
    coalesce(max(used) filter (where who = 'reserve-share' and units > 0), 0)::int as highest_shared,
    count(distinct who)::int as kinds, count(*)::int as changes from witness`;
  await sql.end();
  const { highest, highest_shared: highestShared, units, kinds, changes } = row!;
  claims.check(kinds === 2, `${kinds} kinds of processes were seen`);
  claims.check(highest === expected, `the counter rose to ${highest}, not to ${expected}`);
  claims.check(units === expected, `the counter ended at ${units}, not at ${expected}`);
  claims.check(
    highestShared <= SHARE_LIMIT,
    `a process with a share brought the counter to ${highestShared} of ${SHARE_LIMIT}`,
  );
  return { highest, highestShared, changes };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
