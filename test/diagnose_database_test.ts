import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { diagnoseAll } from "@ipcascade/operations";
import { createStderrLog, openDiagnoses, readSettings } from "@ipcascade/platform";
import { openPostgresServer } from "@ipcascade/testkit";
import postgres from "postgres";
import { openPgliteDatabase } from "../packages/platform/pglite_database.ts";
import { type CliWorld, openCliWorld } from "./run_cli.ts";

async function diagnose(world: CliWorld, args: readonly string[], env: Record<string, string> = {}) {
  const DIAGNOSE_REFERENCES = world.lab.env.GREYNOISE_API_SERVER.replace("http://", "");
  const { code, stdout, stderr } = await world.run(["diagnose", ...args, "--format", "json"], {
    env: { DIAGNOSE_REFERENCES, ...env },
  });
  return { code, stderr, text: stdout, report: JSON.parse(stdout) };
}

const LOOK_MS = 1_500;

/** How long looking at everything and closing takes, without the start of the program. */
async function timeLook(world: CliWorld, more: Record<string, string>): Promise<number> {
  const env = { ...world.env, DIAGNOSE_REFERENCES: "off", ...more };
  const settings = readSettings({ env, flags: {}, readFile: () => null });
  const log = createStderrLog({ level: "error" });
  const startedAt = performance.now();
  {
    await using opened = openDiagnoses(settings, log, { isProbing: false, timeoutMs: LOOK_MS });
    const options = { timeoutMs: LOOK_MS - 250, signal: new AbortController().signal, clock: opened.clock };
    await diagnoseAll(opened.tools, options);
  }
  return performance.now() - startedAt;
}

Deno.test("diagnose says what is wrong with a server, in its words, in time, with steps that help", async (t) => {
  await using world = await openCliWorld();
  await using server = await openPostgresServer();
  const DATABASE_URL = await server.createDatabase();
  const sql = postgres(DATABASE_URL, { max: 1, onnotice: () => {} });
  const { pathname, port, password, host } = new URL(DATABASE_URL);
  try {
    await t.step("nothing is wrong", async () => {
      const { code, report } = await diagnose(world, ["latency"], { DATABASE_URL });
      assertEquals([code, report.cause], [0, "none"], JSON.stringify(report.findings));
    });
    await t.step("a wrong password and a refused port are database_unreachable", async () => {
      const wrong = DATABASE_URL.replace(`:${password}@`, ":wrong-and-secret@");
      for (
        const [url, words] of [
          [wrong, "password authentication failed"],
          [DATABASE_URL.replace(`:${port}/`, ":1/"), "ECONNREFUSED"],
        ] as const
      ) {
        const { code, report, text } = await diagnose(world, ["latency"], { DATABASE_URL: url });
        assertEquals([code, report.cause], [1, "database_unreachable"]);
        assertStringIncludes(report.summary, words);
        assertStringIncludes(report.steps[0], "DATABASE_URL");
        assertEquals(text.includes("wrong-and-secret"), false);
        const cymru = await diagnose(world, ["cymru", "--fix"], { DATABASE_URL: url });
        assertEquals([cymru.code, cymru.report.cause, cymru.report.fix.applied], [3, "unknown", false]);
        assertStringIncludes(cymru.report.fix.result, words);
        assertEquals(cymru.report.steps, ["See what is wrong with the database: ipcascade diagnose latency"]);
        // Memory is this process's own.
        assertEquals((await diagnose(world, ["memory"], { DATABASE_URL: url })).code, 0);
      }
    });
    await t.step("a reader's database is database_read_only, each way", async () => {
      await sql.unsafe(
        `create role reader login password 'lab'; grant select on all tables in schema public to reader;
        grant usage on schema public to reader`,
      );
      const reading = `postgres://reader:lab@${host}${pathname}`;
      const barred = await diagnose(world, ["latency"], { DATABASE_URL: reading });
      assertEquals([barred.code, barred.report.cause], [1, "database_read_only"], barred.report.summary);
      assertStringIncludes(barred.report.summary, '"reader" may not write the tables ');
      await sql.unsafe(`alter database ${pathname.slice(1)} set default_transaction_read_only = on`);
      const frozen = await diagnose(world, ["latency"], { DATABASE_URL });
      assertEquals([frozen.code, frozen.report.cause], [1, "database_read_only"], frozen.report.summary);
      assertStringIncludes(frozen.report.summary, "read-only transactions");
      await sql.unsafe(
        `begin read write; alter database ${pathname.slice(1)} reset default_transaction_read_only; commit`,
      );
    });
    await t.step("a server that has no connection to spare is pool_saturated", async () => {
      await sql.unsafe(`create role crowd login password 'lab' connection limit 0`);
      const full = await diagnose(world, ["latency"], {
        DATABASE_URL: `postgres://crowd:lab@${host}${pathname}`,
      });
      assertEquals([full.code, full.report.cause], [1, "pool_saturated"]);
      assertStringIncludes(full.report.summary, "too many connections for role");
    });
    await t.step("a frozen one is database_slow, and every look ends within its time", async () => {
      Deno.kill(server.pid, "SIGSTOP");
      try {
        const looks = await Promise.all(
          [["latency"], ["greynoise"], ["cymru"], ["memory"], []].map((topic) =>
            diagnose(world, [...topic, "--timeout", "4"], { DATABASE_URL })
          ),
        );
        assertEquals(looks.map(({ code }) => code), [1, 1, 3, 0, 1]);
        assertEquals(looks.slice(0, 4).map(({ report }) => report.cause), [
          "database_slow",
          "ledger_unreadable",
          "unknown",
          "none",
        ]);
        const tookMs = await timeLook(world, { DATABASE_URL });
        assert(tookMs < LOOK_MS + 1_000, `${tookMs} ms`);
      } finally {
        Deno.kill(server.pid, "SIGCONT");
      }
    });
  } finally {
    await sql.end();
  }
});

Deno.test("diagnose says who has the embedded database, and never that nothing is wrong", async () => {
  await using world = await openCliWorld();
  const held = await openPgliteDatabase(world.env.IPCASCADE_DATA_DIR!);
  try {
    for (const topic of ["cymru", "greynoise", "latency", "memory"]) {
      const { code, report } = await diagnose(world, [topic, "--fix"]);
      assertEquals([code, report.grade, report.fix.applied], [3, "unknown", false], topic);
      assertStringIncludes(report.summary, "has it open", topic);
      assertStringIncludes(report.steps.join("\n"), "has ended", topic);
      const unread = report.findings.filter(({ message }: { message: string }) =>
        /not recorded/.test(message)
      );
      assertEquals(unread, [], "what can't be read may well be recorded");
    }
  } finally {
    await held.close();
  }
});

Deno.test("diagnose records its requests, so that what was spent adds up with the ledger", async () => {
  await using world = await openCliWorld();
  await diagnose(world, ["cymru"]);
  const probed = await diagnose(world, ["greynoise", "--probe"]);
  const { report } = await diagnose(world, ["greynoise"]);
  for (const { findings } of [probed.report, report]) {
    const spent = findings.filter(({ check }: { check: string }) => check === "spent");
    assertEquals(spent.length, 1);
    assertEquals([spent[0].observed, spent[0].message.startsWith("diagnose on ")], [1, true]);
  }
  const cymru = await diagnose(world, ["cymru"]);
  const own = cymru.report.findings.find(({ check }: { check: string }) => check === "own_requests");
  assertStringIncludes(own.message, "1 whois session about 2 addresses");
});
