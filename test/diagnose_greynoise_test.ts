import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { MS_PER_DAY, MS_PER_HOUR, MS_PER_MINUTE, type QuotaPolicy, StoreError } from "@ipcascade/core";
import {
  createGreynoiseDiagnosis,
  type DiagnosisTool,
  mendDiagnosis,
  type RecordedUse,
  resetQuota,
  setQuota,
} from "@ipcascade/operations";
import { renderDiagnosis } from "@ipcascade/render";
import { createGreynoiseSource, createTokenBucket } from "@ipcascade/sources";
import {
  createSqlCircuitStore,
  createSqlQuotaControl,
  createSqlQuotaLedger,
  type SqlClient,
} from "@ipcascade/store";
import { type Lab, openLab } from "@ipcascade/testkit/lab";
import { createFetch } from "../packages/platform/http.ts";
import { createNetworkProbes } from "../packages/platform/network_probes.ts";
import { findClosedPort } from "../packages/platform/testing/blackhole.ts";
import { openSharedPglite, SettableClock } from "./cascade_world.ts";

const ACTOR = "alice@honeypot-1";
const KEY = "a-key-that-is-secret";

interface WorldOptions {
  readonly limit?: number;
  readonly server?: string;
  readonly spent?: readonly RecordedUse[];
  /** `GREYNOISE_TIMEOUT`. */
  readonly greynoiseMs?: number;
  /** Of the look. */
  readonly timeoutMs?: number;
}

/** GreyNoise as the product wires it, against the lab and a database. */
async function openWorld(lab: Lab, options: WorldOptions = {}) {
  const sql = await openSharedPglite();
  const clock = new SettableClock();
  const server = options.server ?? lab.env.GREYNOISE_API_SERVER;
  const policy: QuotaPolicy = { limit: options.limit ?? 10_000, period: "month" };
  const stores = { sql, policies: { greynoise: policy } };
  const { spent, greynoiseMs = 1_000 } = options;
  let announced = 0;
  const pattern = spent === undefined
    ? null
    : { perHour: () => Promise.resolve([]), list: () => Promise.resolve(spent) };
  const deps = {
    probes: createNetworkProbes(clock.elapsed),
    greynoise: createGreynoiseSource({
      fetch: createFetch({ timeoutMs: greynoiseMs }),
      clock,
      server,
      apiKey: KEY,
      limiter: createTokenBucket({ ratePerSecond: 100, burst: 10, clock }),
      timeoutMs: greynoiseMs,
    }),
    ledger: createSqlQuotaLedger(stores),
    control: createSqlQuotaControl(stores),
    circuits: createSqlCircuitStore(sql),
    pattern,
    clock,
  };
  const { hostname, port } = new URL(server);
  const wire = (isProbing: boolean): DiagnosisTool =>
    createGreynoiseDiagnosis(deps, {
      place: { host: hostname, port: Number(port) },
      hasKey: true,
      isProbing,
      onProbe: () => announced++,
      actor: ACTOR,
    });
  const bounds = { timeoutMs: options.timeoutMs ?? 6_000, signal: new AbortController().signal, clock };
  return {
    sql,
    clock,
    deps,
    get announced() {
      return announced;
    },
    use: (count: number) => deps.ledger.reserve("greynoise", count, clock.now()),
    read: () => deps.ledger.read("greynoise", clock.now()),
    look: () => wire(false).diagnose(bounds),
    probe: () => wire(true).diagnose(bounds),
    mend: async () => {
      const tool = wire(false);
      return await mendDiagnosis(await tool.diagnose(bounds), tool, bounds);
    },
  };
}

Deno.test("diagnoseGreynoise() asks nobody unless it probes, and then counts one request in the ledger", async () => {
  await using lab = await openLab();
  const world = await openWorld(lab);
  const found = await world.look();
  assertEquals([found.cause, found.grade, lab.requests.greynoiseRequests], ["none", "ok", 0]);
  assertStringIncludes(found.summary, "whether the key is accepted was not asked (--probe)");
  const probed = await world.probe();
  assertEquals([probed.cause, probed.grade, lab.requests.greynoiseRequests], ["none", "ok", 1]);
  assertEquals((await world.read()).used, 1);
  assertEquals(
    lab.requests.log.filter(({ provider }) => provider === "greynoise").map(({ addresses }) => addresses),
    [
      ["8.8.8.8"],
    ],
  );
  assertStringIncludes(
    probed.findings.find(({ check }) => check === "key")?.message ?? "",
    "GreyNoise answers",
  );
});

Deno.test("diagnoseGreynoise() names a refused key, by the probe and by the circuit, and never tells the key", async () => {
  await using lab = await openLab({ faults: { greynoise: { kind: "status", status: 401 } } });
  const world = await openWorld(lab);
  const probed = await world.probe();
  assertEquals([probed.cause, probed.grade], ["key_refused", "critical"]);
  assertStringIncludes(probed.steps.join("\n"), "GREYNOISE_API_KEY");
  assertEquals((renderDiagnosis(probed) + JSON.stringify(probed)).includes(KEY), false);
  const found = await world.look();
  assertEquals([found.cause, lab.requests.greynoiseRequests], ["key_refused", 1], "it is remembered");
});

Deno.test("trap 33: diagnoseGreynoise() learns from a 429 that the ledger differs, and closes GreyNoise", async () => {
  await using lab = await openLab({ greynoise: { limit: 0, rateLimit: "25-W" } });
  const world = await openWorld(lab);
  const found = await world.probe();
  assertEquals([found.cause, found.grade, found.fix], ["ledger_differs", "critical", null]);
  assertEquals(found.steps.join("\n").includes("--fix"), false, "the ledger goes by it already");
  assertMatch(
    found.summary,
    /answered 429 at .*, naming 25\/week, when our ledger had 9999 left; closed until /,
  );
  const status = await world.read();
  assertEquals([status.policy, status.origin, status.remaining], [
    { limit: 25, period: "week" },
    "provider",
    0,
  ]);
  assertEquals(
    [(await world.probe()).cause, lab.requests.greynoiseRequests],
    ["ledger_differs", 1],
    "not asked twice",
  );
});

Deno.test("diagnoseGreynoise() finds that an operator's limit contradicts the last 429, and its fix sets the learned one", async () => {
  await using lab = await openLab();
  const world = await openWorld(lab);
  const learned = { limit: 25, period: "week" } as const;
  const { ledger, clock } = world.deps;
  await ledger.close("greynoise", { now: clock.now(), learned, retryAt: null, reason: "HTTP 429" });
  await setQuota(world.deps, { policy: { limit: 5_000, period: "day" }, actor: ACTOR });
  await resetQuota(world.deps, { actor: ACTOR, reason: "hope" });
  const found = await world.look();
  assertEquals([found.cause, found.fix?.applied], ["ledger_differs", false]);
  assertStringIncludes(found.fix?.command ?? "", "ipcascade quota set 25/week --reason");
  assertStringIncludes(found.steps.join("\n"), "25/week: ipcascade diagnose greynoise --fix");
  assertStringIncludes(found.summary, "naming 25/week");
  assertStringIncludes(found.summary, "the ledger goes by 5000/day");
  const mended = await world.mend();
  assertEquals([mended.fix?.applied, mended.fix?.grade_after], [true, "ok"]);
  assertStringIncludes(mended.fix?.result ?? "", "the limit is 25/week (was 5000/day)");
  const [change] = await world.deps.control.listChanges("greynoise", 1);
  assertEquals([change?.action, change?.actor, change?.reason], [
    "set",
    ACTOR,
    "GreyNoise named this limit in its 429",
  ]);
});

Deno.test("diagnoseGreynoise() does not take a 429 of an earlier window for news", async () => {
  await using lab = await openLab();
  const world = await openWorld(lab);
  await world.deps.ledger.close("greynoise", {
    now: world.clock.now(),
    learned: { limit: 100, period: "day" },
    retryAt: null,
    reason: "HTTP 429",
  });
  assertEquals((await world.look()).cause, "ledger_differs");
  world.clock.move(2 * MS_PER_DAY);
  assertEquals((await world.look()).cause, "none");
});

Deno.test("trap 35: diagnoseGreynoise() of an empty quota says who spent it, when, and hours and minutes to the reset", async () => {
  await using lab = await openLab();
  const dayAt = Date.UTC(2026, 10, 23);
  const use = { source: "greynoise", outcome: "answered" } as const;
  const spent: readonly RecordedUse[] = [
    { ...use, hourAt: dayAt, purpose: "enrich", requests: 3 },
    { ...use, hourAt: dayAt + MS_PER_DAY, purpose: "refresh-stale", requests: 4 },
    {
      ...use,
      hourAt: dayAt + MS_PER_DAY + MS_PER_HOUR,
      purpose: "refresh-stale",
      outcome: "failed",
      requests: 3,
    },
    { ...use, hourAt: dayAt, purpose: "enrich", outcome: "unsent", requests: 50 },
    { ...use, hourAt: dayAt, purpose: "enrich", source: "cymru", requests: 60 },
  ];
  const world = await openWorld(lab, { limit: 10, spent });
  await world.use(9);
  assertEquals([(await world.look()).cause, (await world.look()).grade], ["quota_low", "warning"]);
  await world.use(1);
  const found = await world.look();
  assertEquals([found.cause, found.grade], ["quota_exhausted", "critical"]);
  assertMatch(found.summary, /^10 of 10\/month are used; resets at .*Z, in \d+ h \d+ min$/);
  assertEquals(
    found.findings.filter(({ check }) => check === "spent").map((
      { message, observed },
    ) => [message, observed]),
    [["refresh-stale on 2026-11-24", 7], ["enrich on 2026-11-23", 3]],
  );
  assertEquals([(await world.probe()).cause, lab.requests.greynoiseRequests], ["quota_exhausted", 0]);
  assertEquals(world.announced, 0, "nothing is said to be spent");
});

Deno.test("traps 4 and 32: diagnoseGreynoise() without a readable ledger sends nothing, also when it is to probe", async () => {
  await using lab = await openLab();
  const world = await openWorld(lab);
  await world.sql.query("alter table quota_ledger rename to quota_ledger_gone");
  try {
    for (const look of [world.look, world.probe]) {
      const found = await look();
      assertEquals([found.cause, found.grade], ["ledger_unreadable", "critical"]);
    }
    assertEquals(lab.requests.greynoiseRequests, 0);
  } finally {
    await world.sql.query("alter table quota_ledger_gone rename to quota_ledger");
  }
});

Deno.test("diagnoseGreynoise() tells an unreachable, a failing, a silent and a wrong server apart", async () => {
  await using lab = await openLab();
  const away = await openWorld(lab, { server: `http://127.0.0.1:${findClosedPort()}` });
  assertEquals([(await away.look()).cause, (await away.probe()).cause], ["unreachable", "unreachable"]);
  assertEquals((await away.read()).used, 0, "what never left is given back");
  const world = await openWorld(lab);
  const cases = [
    [{ kind: "status", status: 503 }, "server_error"],
    [{ kind: "html" }, "wrong_answer"],
    [{ kind: "drop" }, "unreachable"],
  ] as const;
  for (const [fault, cause] of cases) {
    lab.setFault("greynoise", fault);
    const found = await world.probe();
    assertEquals([found.cause, found.grade], [cause, "critical"], found.summary);
  }
  assertEquals((await world.read()).used, 3, "what may have arrived is counted");
  assertEquals((await world.deps.circuits.readCircuit("greynoise")).failures, 3, "and so are failures");
});

Deno.test("diagnoseGreynoise() names an open circuit, and an answered probe closes it", async () => {
  await using lab = await openLab();
  const world = await openWorld(lab);
  await world.deps.circuits.changeCircuit("greynoise", (state) => ({
    ...state,
    failures: 10,
    openedAt: world.clock.now(),
    openUntil: world.clock.now() + MS_PER_MINUTE,
    reason: "server_error: the server fails",
  }));
  const found = await world.look();
  assertEquals([found.cause, found.grade], ["circuit_open", "warning"]);
  const probed = await world.probe();
  assertEquals(probed.cause, "none");
  assertEquals(
    probed.findings.find(({ check }) => check === "circuit")?.message,
    "closed",
    "as it is afterwards",
  );
  assertEquals([(await world.look()).cause, await readOpenUntil(world.sql)], ["none", null]);
});

Deno.test("diagnoseGreynoise() gives a probe GREYNOISE_TIMEOUT, and blames nobody when the look ends before", async () => {
  await using lab = await openLab({ faults: { greynoise: { kind: "delay", ms: 700 } } });
  const patient = await openWorld(lab, { greynoiseMs: 1_500, timeoutMs: 2_000 });
  const found = await patient.probe();
  assertEquals([found.cause, found.grade, patient.announced], ["none", "ok", 1], found.summary);
  const hasty = await openWorld(lab, { greynoiseMs: 1_500, timeoutMs: 300 });
  const cut = await hasty.probe();
  assertEquals([cut.cause, cut.grade], ["unknown", "unknown"]);
  assertMatch(cut.summary, /gave no answer within \d+ ms, which is less than GREYNOISE_TIMEOUT/);
  assertStringIncludes(cut.steps.join("\n"), "--timeout 60");
  const silent = await openWorld(lab, { greynoiseMs: 200, timeoutMs: 2_000 });
  assertEquals([(await silent.probe()).cause], ["unreachable"]);
});

Deno.test("diagnoseGreynoise() is unknown where the circuit can't be read", async () => {
  await using lab = await openLab();
  const world = await openWorld(lab);
  world.deps.circuits.readCircuit = () => Promise.reject(new StoreError("Cannot use the database: gone"));
  const found = await world.look();
  assertEquals([found.cause, found.grade], ["unknown", "unknown"]);
  assertEquals(found.steps, ["See what is wrong with the database: ipcascade diagnose latency"]);
});

async function readOpenUntil(sql: SqlClient): Promise<unknown> {
  const [row] = await sql.query<{ until: unknown }>(
    "select circuit_open_until as until from source_state where source = 'greynoise'",
  );
  return row?.until;
}
