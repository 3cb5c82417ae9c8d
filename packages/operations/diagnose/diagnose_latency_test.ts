import {
  type ConnectionUse,
  type DatabaseActivity,
  LATENCY_BUCKETS,
  latencyBucket,
  LockHeldError,
  type LockWait,
  type MaxmindSource,
  type RequestHour,
  type SlowStatement,
  StoreError,
  type WriteBar,
} from "@ipcascade/core";
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { JumpingClock, NOON } from "../testing/fakes.ts";
import { diagnoseLatency, type LatencyDeps } from "./diagnose_latency.ts";

/** What the parts say; everything is fast unless told otherwise. */
interface World {
  readonly hours?: readonly RequestHour[];
  readonly bar?: WriteBar;
  readonly pingMs?: number;
  readonly waits?: readonly LockWait[];
  readonly slow?: readonly SlowStatement[];
  readonly connections?: Partial<ConnectionUse>;
  readonly isEmbedded?: boolean;
  readonly firstMs?: number;
  readonly warmMs?: number;
  readonly isInstalled?: boolean;
}

/** Nobody's patience ends while something is measured by hand. */
class PatientClock extends JumpingClock {
  override sleep(_ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason)));
  }
}

function createDeps(world: World, clock: JumpingClock = new PatientClock()): LatencyDeps {
  const { hours = [], pingMs = 1, waits = [], slow = [], isEmbedded = false } = world;
  const onServer = <T>(value: T) => Promise.resolve(isEmbedded ? null : value);
  const database: DatabaseActivity = {
    ping: async () => {
      await Promise.resolve();
      clock.ms += pingMs;
    },
    findWriteBar: () => Promise.resolve(world.bar ?? null),
    listLockWaits: () => onServer(waits),
    listSlowStatements: () => onServer(slow),
    readConnections: () => onServer({ limit: 97, open: 5, own: 4, ownBusy: 1, ...world.connections }),
  };
  return {
    clock,
    database,
    poolSize: isEmbedded ? null : 4,
    requests: { list: () => Promise.resolve(hours), perHour: () => Promise.resolve([]) },
    timeouts: { cymruMs: 30_000, greynoiseMs: 10_000, greynoiseServer: "http://greynoise.example:8080" },
    openEditions: () => Promise.resolve(createEditions(clock, world)),
  };
}

function createEditions(clock: JumpingClock, { firstMs = 20, warmMs = 1, isInstalled = true }: World) {
  let lookups = 0;
  const maxmind: MaxmindSource = {
    installed: isInstalled ? { cityBuildEpoch: 1, asnBuildEpoch: 1 } : null,
    lookUp: () => {
      clock.ms += lookups++ === 0 ? firstMs : warmMs;
      return { status: "miss", durationMs: 1 };
    },
  };
  return { maxmind, [Symbol.asyncDispose]: () => Promise.resolve() };
}

function hour(fields: Partial<RequestHour>, durationsMs: readonly number[]): RequestHour {
  const buckets = new Array<number>(LATENCY_BUCKETS).fill(0);
  for (const duration of durationsMs) buckets[latencyBucket(duration)]!++;
  return {
    hourAt: NOON,
    source: "cymru",
    channel: "dns",
    purpose: "enrich",
    outcome: "answered",
    requests: durationsMs.length,
    addresses: durationsMs.length,
    durationMs: durationsMs.reduce((sum, one) => sum + one, 0),
    buckets,
    ...fields,
  };
}

const WAIT: LockWait = {
  waitingPid: 11,
  waitingStatement: "insert into ip_inventory",
  waitedMs: 5_000,
  blockingPid: 22,
  blockingStatement: "lock table ip_inventory",
  blockingState: "idle in transaction",
  blockingSince: NOON,
};
const SLOW: SlowStatement = { pid: 33, statement: "select count(*) from ip_inventory", runningMs: 9_000 };
const many = (count: number, ms: number) => Array.from({ length: count }, () => ms);

Deno.test("diagnoseLatency() names the likeliest cause of each situation, with steps", async () => {
  const cases: readonly [label: string, world: World, cause: string, evidence: string][] = [
    ["nothing", {}, "none", "Nothing is slow"],
    ["nothing, embedded", { isEmbedded: true }, "none", "Nothing is slow"],
    ["no edition", { isInstalled: false }, "none", "Nothing is slow"],
    ["fast sources", { hours: [hour({}, many(50, 200))] }, "none", "Nothing is slow"],
    ["slow DNS", { hours: [hour({}, many(50, 20_000))] }, "cymru_slow", "Team Cymru by DNS"],
    [
      "DNS that times out",
      { hours: [hour({}, many(9, 50)), hour({ outcome: "timeout" }, [30_000])] },
      "cymru_slow",
      "1 timed out",
    ],
    [
      "slow sessions",
      { hours: [hour({ channel: "whois", addresses: 20 }, many(2, 20_000))] },
      "cymru_slow",
      "2 sessions about 20 addresses",
    ],
    [
      "sessions that are long because they are large",
      { hours: [hour({ channel: "whois", addresses: 20_000 }, many(2, 60_000))] },
      "none",
      "Nothing is slow",
    ],
    [
      "slow GreyNoise",
      { hours: [hour({ source: "greynoise", channel: "http" }, many(9, 7_000))] },
      "greynoise_slow",
      "9 requests",
    ],
    ["a far database", { pingMs: 120 }, "database_slow", "120 ms"],
    ["a slow statement", { slow: [SLOW] }, "database_slow", "process 33"],
    ["a lock", { waits: [WAIT], slow: [SLOW] }, "database_locks", "process 22 blocks"],
    ["a lock for a moment", { waits: [{ ...WAIT, waitedMs: 20 }] }, "none", "Nothing is slow"],
    ["a full server", { connections: { open: 90 } }, "pool_saturated", "90 of 97"],
    ["a busy pool", { connections: { own: 4, ownBusy: 4 } }, "pool_saturated", "has 4, 4 busy"],
    ["a cold edition", { firstMs: 51 }, "maxmind_cold", "51 ms"],
    ["as the runbook expects", { firstMs: 50, warmMs: 5 }, "none", "Nothing is slow"],
    ["slow look-ups", { warmMs: 6 }, "maxmind_cold", "6 ms"],
    [
      "all at once",
      { waits: [WAIT], hours: [hour({}, many(5, 29_000))], firstMs: 90 },
      "database_locks",
      "22",
    ],
  ];
  for (const [label, world, cause, evidence] of cases) {
    const found = await diagnoseLatency(createDeps(world));
    assertEquals([found.topic, found.cause], ["latency", cause], label);
    assertStringIncludes(found.summary, evidence, label);
    assertEquals(
      [found.grade, found.steps.length > 0],
      cause === "none" ? ["ok", false] : ["warning", true],
      label,
    );
  }
});

Deno.test("diagnoseLatency() names the head of a queue of locks, and ends nobody by itself", async () => {
  const waits = [
    { ...WAIT, waitingPid: 10, blockingPid: 11, waitedMs: 9_000 },
    WAIT,
  ];
  const { summary, steps, fix } = await diagnoseLatency(createDeps({ waits }));
  assertStringIncludes(summary, "process 22 blocks");
  assertStringIncludes(summary, "open since 2026-11-23T12:00:00.000Z");
  assertStringIncludes(steps.join("\n"), "select pg_terminate_backend(22)");
  assertEquals(fix, null);
});

Deno.test("diagnoseLatency() raises Cymru's timeout only where it is below the runbook's", async () => {
  const deps = createDeps({ hours: [hour({}, many(50, 59_000))] });
  const steps = async (cymruMs: number) => {
    const found = await diagnoseLatency({ ...deps, timeouts: { ...deps.timeouts, cymruMs } });
    return [found.cause, found.steps.join(" ").includes("CYMRU_TIMEOUT=60s")];
  };
  assertEquals(await steps(30_000), ["cymru_slow", true]);
  assertEquals(await steps(60_000), ["cymru_slow", false]);
});

Deno.test("diagnoseLatency() gives up a database that does not answer, and still measures the rest", async () => {
  const deps = createDeps({}, new JumpingClock());
  const silent = { ...deps.database, ping: () => new Promise<void>(() => {}) };
  const found = await diagnoseLatency({ ...deps, database: silent });
  assertEquals([found.grade, found.cause], ["critical", "database_slow"]);
  assertEquals(found.findings.some(({ check }) => check === "maxmind_first"), true);
});

Deno.test("diagnoseLatency() sums the record up by source and channel", async () => {
  const { sources } = await diagnoseLatency(createDeps({
    hours: [
      hour({ source: "maxmind", channel: "local", requests: 2, addresses: 4_000, durationMs: 8 }, [
        0.002,
        0.002,
      ]),
      hour({}, many(19, 100)),
      hour({ purpose: "work" }, [1_000]),
      hour({ outcome: "unsent" }, [1]),
    ],
  }));
  const [maxmind, dns] = sources;
  assertEquals([sources.length, maxmind!.channel, maxmind!.addresses, maxmind!.mean_ms], [
    2,
    "local",
    4_000,
    0.002,
  ]);
  assertEquals([dns!.requests, dns!.outcomes], [21, { answered: 20, unsent: 1 }]);
  assertEquals(dns!.mean_ms, 145);
  assert(Math.abs(dns!.p50_ms! / 100 - 1) < 0.125, `${dns!.p50_ms} ms`);
  assert(Math.abs(dns!.p99_ms! / 1_000 - 1) < 0.125, `${dns!.p99_ms} ms`);
});

Deno.test("diagnoseLatency() says in the server's words why the database can't be used, and still measures the rest", async () => {
  class BusyError extends StoreError {
    override readonly isBusy = true;
  }
  const cases: readonly [thrown: Error, cause: string, grade: string, step: string][] = [
    [new StoreError("password is wrong"), "database_unreachable", "critical", "DATABASE_URL"],
    [new BusyError("too many clients"), "pool_saturated", "critical", "max_connections"],
    [new LockHeldError("process 7 has it open"), "database_in_use", "unknown", "other process has ended"],
  ];
  for (const [thrown, cause, grade, step] of cases) {
    const deps = createDeps({});
    const failing = { ...deps.database, ping: () => Promise.reject(thrown) };
    const found = await diagnoseLatency({ ...deps, database: failing });
    assertEquals([found.cause, found.grade], [cause, grade]);
    assertStringIncludes(found.summary, thrown.message);
    assertStringIncludes(found.steps.join("\n"), step);
    const checks = new Map(found.findings.map((one) => [one.check, one.grade]));
    assertEquals([checks.get("requests"), checks.get("maxmind_first")], ["unknown", "ok"]);
  }
});

Deno.test("diagnoseLatency() names a database that takes no writes, before anything that is slow", async () => {
  const bar = { reason: "read_only", message: 'transactions of "reader" are read-only here' } as const;
  const found = await diagnoseLatency(createDeps({ bar, waits: [WAIT] }));
  assertEquals([found.cause, found.grade], ["database_read_only", "critical"]);
  assertStringIncludes(found.summary, bar.message);
});

Deno.test("diagnoseLatency() asks GreyNoise by hand where the settings do", async () => {
  const hours = [hour({ source: "greynoise", channel: "http" }, many(9, 7_000))];
  const { steps } = await diagnoseLatency(createDeps({ hours }));
  assertStringIncludes(steps.join("\n"), "http://greynoise.example:8080/");
});
