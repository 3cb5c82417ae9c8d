import { MS_PER_HOUR, type RequestHour, UsageError } from "@ipcascade/core";
import {
  diagnoseLatency,
  diagnoseMemory,
  type LatencyOptions,
  profile,
  refreshStale,
} from "@ipcascade/operations";
import {
  createStderrLog,
  openCascade,
  openLatency,
  openMemory,
  readSettings,
  type Settings,
} from "@ipcascade/platform";
import { createSqlRequestHours } from "@ipcascade/store";
import { openPostgresServer, openTempDir, type TempDir, writeEditionPair } from "@ipcascade/testkit";
import { type Lab, openLab } from "@ipcascade/testkit/lab";
import { assert, assertEquals, assertMatch, assertRejects, assertStringIncludes } from "@std/assert";
import postgres from "postgres";
import { openDatabase } from "../packages/platform/open_database.ts";
import { connectServer } from "../packages/store/testing/databases.ts";
import { enrichTexts } from "./cascade_world.ts";

const SILENT = createStderrLog({ level: "error" });

function settingsOf(lab: Lab, dir: TempDir, env: Readonly<Record<string, string>> = {}): Settings {
  const places = { IPCASCADE_DATA_DIR: dir.join("data"), GEOIPUPDATE_DB_DIR: dir.join("editions") };
  return readSettings({ env: { ...lab.env, ...places, ...env }, flags: {}, readFile: () => null });
}

/** What a machine that runs other tests as well may take. */
const BUSY_MACHINE = { roundTripMs: 2_000, firstLookupMs: 2_000, warmLookupMs: 2_000 };

/** Addresses that MaxMind's test editions don't know. */
function strangers(count: number, net: number): string[] {
  return Array.from({ length: count }, (_, index) => `23.0.${net}.${index + 1}`);
}

async function readHours(settings: Settings): Promise<readonly RequestHour[]> {
  const sql = await openDatabase(settings, SILENT);
  try {
    return await createSqlRequestHours(sql).list(Date.now() - 24 * MS_PER_HOUR);
  } finally {
    await sql.close();
  }
}

/** Requests and addresses of the entries that match. */
function count(
  hours: readonly RequestHour[],
  fields: Partial<RequestHour>,
): [requests: number, addresses: number] {
  const found = hours.filter((hour) =>
    Object.entries(fields).every(([name, value]) => hour[name as keyof RequestHour] === value)
  );
  return [
    found.reduce((sum, { requests }) => sum + requests, 0),
    found.reduce((sum, { addresses }) => sum + addresses, 0),
  ];
}

Deno.test("what is recorded is what the providers saw, and a profile says which stages ran", async (t) => {
  await using server = await openPostgresServer();
  for (const name of ["PGlite", "a server"]) {
    await t.step(`on ${name}`, async (part) => {
      await using dir = await openTempDir();
      await using lab = await openLab();
      await writeEditionPair(dir.join("editions"));
      const env: Record<string, string> = name === "PGlite"
        ? {}
        : { DATABASE_URL: await server.createDatabase() };
      const settings = settingsOf(lab, dir, env);
      await part.step("requests are recorded by purpose, channel and outcome", async () => {
        {
          await using cascade = await openCascade(settings, SILENT, "enrich");
          await enrichTexts([...strangers(5, 1), "8.8.8.8"], cascade);
          lab.setFault("greynoise", { kind: "status", status: 500 });
          await enrichTexts(strangers(1, 2), cascade);
          lab.clearFaults();
        }
        {
          await using cascade = await openCascade(settings, SILENT, "refresh-stale");
          await refreshStale(cascade, { sources: ["greynoise"], force: true, limit: 2 });
        }
        const hours = await readHours(settings);
        const { greynoiseRequests, cymruSessions, cymruAddresses } = lab.requests;
        assertEquals(count(hours, { source: "greynoise" }), [greynoiseRequests, greynoiseRequests]);
        assertEquals(
          count(hours, { purpose: "enrich", outcome: "failed" }),
          [3, 3],
          "one address, three tries",
        );
        assertEquals(count(hours, { purpose: "refresh-stale" }), [2, 2]);
        assertEquals(count(hours, { channel: "whois" }), [cymruSessions, cymruAddresses]);
        assertEquals([cymruSessions, count(hours, { channel: "dns" })], [1, [1, 1]]);
        assertEquals(count(hours, { source: "maxmind" }), [2, 7], "one entry for each batch");
      });
      await part.step("cold", async () => {
        await using cascade = await openCascade(settings, SILENT, "profile");
        const before = { ...lab.requests.counts() };
        const first = await profile("23.0.9.1", cascade);
        assertEquals(first.asked, ["maxmind", "cymru", "greynoise"]);
        assertEquals([first.from_inventory, first.quota_spent], [false, 1]);
        for (const { stage, status, calls, duration_ms } of first.stages) {
          const ran = stage === "waiting" ? ["unneeded", false] : ["ran", true];
          assertEquals([status, calls > 0, duration_ms >= 0], [...ran, true], stage);
        }
        const warm = await profile("23.0.9.1", cascade);
        assertEquals([warm.asked, warm.from_inventory, warm.quota_spent], [[], true, 0]);
        assertStringIncludes(warm.summary, "measures the inventory alone");
        assertEquals(warm.stages.filter(({ calls }) => calls > 0).map(({ stage }) => stage), [
          "parse",
          "inventory_read",
        ]);
        const again = await profile("23.0.9.1", cascade, { cold: true });
        assertEquals([again.cold, again.asked.length, again.quota_spent], [true, 3, 1]);
        assertEquals(lab.requests.greynoiseRequests - before.greynoiseRequests, 2);
        const used = await cascade.quota.read("greynoise", Date.now());
        assertEquals(used.used, lab.requests.greynoiseRequests, "a profile is counted as ever");
      });
      await part.step("its waterfall adds up", async () => {
        await using cascade = await openCascade(settings, SILENT, "profile");
        lab.setFault("greynoise", { kind: "delay", ms: 120 });
        const { stages, total_ms } = await profile("23.0.9.2", cascade);
        lab.clearFaults();
        const at = (name: string) => stages.find(({ stage }) => stage === name)!;
        assert(at("greynoise").duration_ms >= 119, String(at("greynoise").duration_ms));
        for (const { stage, start_ms, duration_ms } of stages) {
          assert(
            start_ms + duration_ms <= total_ms + 1,
            `${stage}: ${start_ms} + ${duration_ms} of ${total_ms}`,
          );
        }
        assert(at("store").start_ms >= at("greynoise").start_ms + at("greynoise").duration_ms - 1);
        assert(at("maxmind_warm").start_ms >= at("maxmind_first").start_ms);
      });
      await part.step("its stages cover the total also when a source is asked again", async () => {
        await using cascade = await openCascade(settings, SILENT, "profile");
        lab.setFault("greynoise", { kind: "status", status: 500 });
        const { stages, total_ms } = await profile("23.0.9.4", cascade);
        lab.clearFaults();
        const at = (name: string) => stages.find(({ stage }) => stage === name)!;
        assertEquals([at("greynoise").calls, at("waiting").calls, at("waiting").status], [3, 2, "ran"]);
        const covered = stages.reduce((sum, { duration_ms }) => sum + duration_ms, 0);
        assert(covered >= 0.9 * total_ms, `${covered} of ${total_ms} ms`);
      });
      await part.step("a source that fails is told, and the others are measured", async () => {
        await using cascade = await openCascade(settings, SILENT, "profile");
        lab.setFault("cymruDns", { kind: "rcode", rcode: "SERVFAIL" });
        const { stages, asked, record } = await profile("23.0.9.3", cascade);
        lab.clearFaults();
        const of = (name: string) => stages.find(({ stage }) => stage === name)!.status;
        assertEquals([of("cymru"), of("greynoise"), asked.length], ["failed", "ran", 3]);
        assertEquals(record.asn_number, null);
        await assertRejects(() => profile("8.8.8.0/24", cascade), UsageError, '"8.8.8.0/24"');
        const local = await profile("192.168.1.1", cascade);
        assertEquals([local.scope, local.asked, local.total_ms > 0], ["private", [], true]);
      });
    });
  }
});

Deno.test("diagnoseLatency() finds locks, slow statements and a busy pool on a server", async (t) => {
  await using server = await openPostgresServer();
  await using dir = await openTempDir();
  await using lab = await openLab();
  await writeEditionPair(dir.join("editions"));
  const url = await server.createDatabase();
  const settings = settingsOf(lab, dir, { DATABASE_URL: url, IPCASCADE_DB_POOL: "2" });
  await using opened = await openLatency(settings, SILENT);
  const find = async ({ limits }: LatencyOptions = {}) =>
    await diagnoseLatency(opened.deps, { limits: { ...BUSY_MACHINE, ...limits } });
  /** What another session does takes a moment to be seen. */
  const findWrong = async (options: LatencyOptions = {}) => {
    const endsAtMs = performance.now() + 10_000;
    let found = await find(options);
    while (found.cause === "none" && performance.now() < endsAtMs) found = await find(options);
    return found;
  };
  const sql = postgres(url, { max: 2, onnotice: () => {} });
  try {
    await t.step("nothing is wrong", async () => {
      const calm = await find();
      assertEquals([calm.cause, calm.grade], ["none", "ok"]);
      const checks = calm.findings.map(({ check }) => check);
      for (
        const check of [
          "round_trip",
          "lock_waits",
          "slow_statements",
          "pool",
          "maxmind_first",
          "maxmind_warm",
        ]
      ) {
        assert(checks.includes(check), check);
      }
    });
    await t.step("a session that holds rows is named, without what it wrote", async () => {
      await sql`insert into ip_inventory (ip_address, enrichment) values ('8.8.8.8', '{}')`;
      const holder = await sql.reserve();
      await holder`begin`;
      await holder.unsafe("update ip_inventory set asn_org = 'topsecret' where ip_address = '8.8.8.8'");
      const [{ pid }] = await holder`select pg_backend_pid() as pid` as unknown as [{ pid: number }];
      await holder.unsafe("update ip_inventory set asn_org = 'topsecret' where ip_address = '8.8.8.8'");
      const waiter = connectServer(url, 1);
      const waiting = waiter.query("update ip_inventory set asn_org = null");
      waiting.catch(() => {});
      try {
        const found = await findWrong({ limits: { lockWaitMs: 0 } });
        assertEquals([found.cause, found.grade, found.fix], ["database_locks", "warning", null]);
        assertStringIncludes(
          found.summary,
          `process ${pid} blocks with "update ip_inventory set asn_org = …"`,
        );
        assertMatch(found.summary, /idle in transaction, its transaction open since 20\d\d-/);
        assertStringIncludes(found.steps.join("\n"), `select pg_terminate_backend(${pid})`);
        assertEquals(JSON.stringify(found).includes("topsecret"), false);
      } finally {
        await holder`rollback`;
        holder.release();
        await waiting;
        await waiter.close();
      }
      assertEquals((await find({ limits: { lockWaitMs: 0 } })).cause, "none", "it is over");
    });
    await t.step("a statement that runs for long is named", async () => {
      const sleeping = sql`select pg_sleep(60)`.execute();
      sleeping.catch(() => {});
      const found = await findWrong({ limits: { slowStatementMs: 1 } });
      sleeping.cancel();
      assertEquals(found.cause, "database_slow");
      assertStringIncludes(found.summary, "select pg_sleep(");
      await sleeping.catch(() => {});
    });
    await t.step("a pool whose every connection is busy is told", async () => {
      const pool = postgres(url, {
        max: 2,
        onnotice: () => {},
        connection: { application_name: "ipcascade" },
      });
      const holding = [1, 2].map(() => pool`select pg_sleep(60)`.execute());
      for (const one of holding) one.catch(() => {});
      const found = await findWrong();
      for (const one of holding) one.cancel();
      await Promise.allSettled(holding);
      await pool.end();
      assertEquals(found.cause, "pool_saturated");
      assertStringIncludes(found.summary, "opens 2 at most in one process");
    });
  } finally {
    await sql.end();
  }
});

Deno.test("diagnoseLatency() names a slow source by its record, on the embedded database", async (t) => {
  await using dir = await openTempDir();
  await using lab = await openLab();
  await writeEditionPair(dir.join("editions"));
  const settings = settingsOf(lab, dir, { CYMRU_TIMEOUT: "1s", GREYNOISE_TIMEOUT: "1s" });
  const ask = async (texts: readonly string[]) => {
    await using cascade = await openCascade(settings, SILENT, "enrich");
    await enrichTexts(texts, cascade);
  };
  const find = async () => {
    await using opened = await openLatency(settings, SILENT);
    return await diagnoseLatency(opened.deps, { limits: BUSY_MACHINE });
  };
  await t.step("GreyNoise", async () => {
    lab.setFault("greynoise", { kind: "delay", ms: 650 });
    await ask(strangers(2, 1));
    lab.clearFaults();
    const found = await find();
    assertEquals([found.cause, found.sources.map(({ channel }) => channel)], [
      "greynoise_slow",
      ["local", "whois", "http"],
    ]);
    const { p95_ms, mean_ms } = found.sources.at(-1)!;
    for (const ms of [p95_ms!, mean_ms!]) assert(ms > 550 && ms < 1_000, `${ms} ms`);
    assert(
      found.findings.some(({ message }) => message.includes("do not apply")),
      "one session waits for nobody",
    );
  });
  await t.step("Team Cymru that times out comes first", async () => {
    lab.setFault("cymruDns", { kind: "drop" });
    await ask(strangers(1, 2));
    lab.clearFaults();
    const found = await find();
    assertEquals([found.cause, found.steps[0]], ["cymru_slow", "Wait longer: CYMRU_TIMEOUT=60s"]);
  });
});

Deno.test("diagnoseMemory() measures this process with everything open", async () => {
  await using dir = await openTempDir();
  await using lab = await openLab();
  const pair = await writeEditionPair(dir.join("editions"));
  await using opened = await openMemory(settingsOf(lab, dir), SILENT);
  const { findings, topic } = await diagnoseMemory(opened.deps);
  const observed = Object.fromEntries(findings.map((one) => [one.check, Number(one.observed)]));
  assertEquals(topic, "memory");
  assert(observed.resident! > 50, `${observed.resident} MB`);
  // A process that had one open before grows by nothing: the memory is there already.
  assert(observed.embedded_database! >= 0, `${observed.embedded_database} MB`);
  const sizes = (await Deno.stat(pair.city)).size + (await Deno.stat(pair.asn)).size;
  const { cityBytes, asnBytes } = opened.deps.owners;
  // The metadata behind the data is not kept apart.
  assert(Math.abs(cityBytes! + asnBytes! - sizes) < 2_000, `${cityBytes} + ${asnBytes} of ${sizes}`);
});
