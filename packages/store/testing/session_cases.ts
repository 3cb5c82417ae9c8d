import type { SessionEvent, SessionFragment } from "@ipcascade/core";
import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { createSqlSessionStore } from "../session_store.ts";
import type { SqlClient } from "../sql_client.ts";
import type { ContractCase } from "../../testkit/contract.ts";
import { sessionFragment, START_US } from "./session_contract.ts";

/** What imports leave in the tables. */
export const SESSION_CASES: readonly ContractCase<SqlClient>[] = [
  {
    name: "importFragments() stores what the fragment says, to the microsecond",
    run: async (sql) => {
      const kinds = ["other", "login", "login", "command", "download", "other"] as const;
      const endedAtUs = START_US + 5_000_000;
      const fields = { startedAtUs: START_US, endedAtUs, durationMs: 5_001 };
      await createSqlSessionStore(sql).importFragments([sessionFragment("a", kinds, fields)]);
      assertEquals(
        await sql.query(
          `select session_id, host(source_ip) as ip, in_inventory, duration_ms::int as ms,
            to_char(started_at at time zone 'utc', 'HH24:MI:SS.US') as started,
            to_char(ended_at at time zone 'utc', 'HH24:MI:SS.US') as ended,
            login_attempts::int as logins, commands::int as commands, downloads::int as downloads,
            covered = tstzmultirange(tstzrange(started_at, ended_at, '[]')) as covered, snapshot_at
          from sessions`,
        ),
        [{
          session_id: "a",
          ip: "203.0.113.1",
          in_inventory: true,
          ms: 5_001,
          started: "12:00:00.123456",
          ended: "12:00:05.123456",
          logins: 2,
          commands: 1,
          downloads: 1,
          covered: true,
          snapshot_at: null,
        }],
      );
      assertEquals(await readActivity(sql), [
        { ip: "203.0.113.1", sessions: 1, first: START_US, last: endedAtUs, revision: 0 },
      ]);
    },
  },
  {
    name: "importFragments() changes not even a stamp when it comes again",
    run: async (sql) => {
      const store = createSqlSessionStore(sql);
      const fragments = [sessionFragment("a", ["login", "command"]), sessionFragment("b", ["login"])];
      const versions = async () => [
        await sql.query(
          "select session_id, ctid::text as place, xmin::text as writer from sessions order by 1",
        ),
        await sql.query("select ctid::text as place, xmin::text as writer from ip_inventory"),
      ];
      await store.importFragments(fragments);
      const before = await versions();
      await store.importFragments(fragments);
      await store.importFragments([sessionFragment("a", ["login"])]);
      assertEquals(await versions(), before);
    },
  },
  {
    name: "importFragments() counts a session for its address when a later fragment names it",
    run: async (sql) => {
      const store = createSqlSessionStore(sql);
      const early = sessionFragment("a", ["login"], { sourceIp: null, inInventory: false });
      await store.importFragments([early]);
      assertEquals(await readActivity(sql), []);
      const late = { events: [{ kind: "command", atUs: START_US + 9_000_000 }] as const };
      await store.importFragments([sessionFragment("a", [], late)]);
      await store.importFragments([early]);
      assertEquals(await readActivity(sql), [
        { ip: "203.0.113.1", sessions: 1, first: START_US, last: START_US + 9_000_000, revision: 0 },
      ]);
    },
  },
  {
    name: "importFragments() gives the same totals however the log was cut, ordered and repeated",
    run: (sql) => fc.assert(fc.asyncProperty(CUT_LOGS, (log) => checkCutLog(sql, log)), { numRuns: 30 }),
  },
  {
    name: "importFragments() loses nothing when imports and enrichment run at once",
    run: async (sql) => {
      const store = createSqlSessionStore(sql);
      const imports = Array.from({ length: 8 }, (_, part) =>
        store.importFragments(
          Array.from({ length: 40 }, (_, index) => {
            const sourceIp = `203.0.113.${index % 10}`;
            return sessionFragment(`s${index + part * 20}`, ["login"], { sourceIp });
          }),
        ));
      await Promise.all(imports);
      const [totals] = await sql.query(
        `select (select count(*)::int from sessions) as sessions,
          (select sum(observation_count)::int from ip_inventory) as observed`,
      );
      assertEquals(totals, { sessions: 180, observed: 180 });
    },
  },
];

interface CutLog {
  readonly sessions: readonly (readonly SessionEvent["kind"][])[];
  /** Where each session's stretches begin and end, as shares of its length. */
  readonly stretches: readonly { readonly session: number; readonly from: number; readonly to: number }[];
}

const KIND = fc.constantFrom<SessionEvent["kind"]>("login", "command", "download", "other");
const CUT_LOGS: fc.Arbitrary<CutLog> = fc.record({
  sessions: fc.array(fc.array(KIND, { minLength: 1, maxLength: 12 }), { minLength: 1, maxLength: 4 }),
  stretches: fc.array(
    fc.record({
      session: fc.nat(3),
      from: fc.double({ min: 0, max: 1, noNaN: true }),
      to: fc.double({ min: 0, max: 1, noNaN: true }),
    }),
    { maxLength: 12 },
  ),
});

async function checkCutLog(sql: SqlClient, log: CutLog): Promise<void> {
  const store = createSqlSessionStore(sql);
  const whole = log.sessions.map((kinds, index) => wholeFragment(index, kinds));
  await sql.query("delete from sessions");
  await sql.query("delete from ip_inventory");
  for (const fragment of whole) await store.importFragments([fragment]);
  const expected = await readTotals(sql);

  await sql.query("delete from sessions");
  await sql.query("delete from ip_inventory");
  const parts = log.stretches.map(({ session, from, to }) => cut(whole[session % whole.length]!, from, to));
  for (const part of parts) await store.importFragments([part]);
  // What no stretch held comes last, cut in two; what was held is repeated by it.
  await store.importFragments(whole.flatMap((fragment) => [cut(fragment, 0, 0.5), cut(fragment, 0.5, 1)]));
  await store.importFragments(parts);
  assertEquals(await readTotals(sql), expected);
}

function wholeFragment(index: number, kinds: readonly SessionEvent["kind"][]): SessionFragment {
  const events = kinds.map((kind, at) => ({ kind, atUs: START_US + index * 77 + at * 3 }));
  const [first, last] = [events[0]!.atUs, events.at(-1)!.atUs];
  const times = { startedAtUs: first, endedAtUs: last, durationMs: 17 };
  return sessionFragment(`s${index}`, [], { events, sourceIp: `203.0.113.${index % 2}`, ...times });
}

/** The stretch of a log between two shares of its length, knowing only what its events tell. */
function cut(fragment: SessionFragment, one: number, other: number): SessionFragment {
  const { length } = fragment.events;
  const from = Math.min(length - 1, Math.floor(Math.min(one, other) * length));
  const to = Math.max(from + 1, Math.ceil(Math.max(one, other) * length));
  const events = fragment.events.slice(from, to);
  const isFirst = from === 0;
  const isLast = to >= length;
  return {
    ...fragment,
    events,
    sourceIp: isFirst || isLast ? fragment.sourceIp : null,
    inInventory: isFirst || isLast,
    startedAtUs: isFirst ? fragment.startedAtUs : null,
    endedAtUs: isLast ? fragment.endedAtUs : null,
    durationMs: isLast ? fragment.durationMs : null,
  };
}

async function readTotals(sql: SqlClient) {
  const sessions = await sql.query(
    `select session_id, host(source_ip) as ip, in_inventory, login_attempts::int as logins, commands::int as commands,
      downloads::int as downloads, started_at::text as started, ended_at::text as ended, duration_ms::int as ms,
      lower(covered)::text as first, upper(covered)::text as last
    from sessions order by session_id`,
  );
  return { sessions, activity: await readActivity(sql) };
}

/** The activity columns of the inventory, in microseconds. */
export function readActivity(sql: SqlClient) {
  return sql.query(
    `select host(ip_address) as ip, observation_count::int as sessions, revision::int as revision,
      (extract(epoch from first_seen_at) * 1000000)::float8 as first,
      (extract(epoch from last_seen_at) * 1000000)::float8 as last
    from ip_inventory order by ip_address`,
  );
}
