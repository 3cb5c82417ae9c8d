import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { openPostgresServer, type PostgresServer } from "@ipcascade/testkit";
import { type HookServer, openHookServer, openSmtpServer, type SmtpServer } from "@ipcascade/testkit/lab";
import postgres from "postgres";
import { type CliResult, openCliWorld, spawnCli } from "./run_cli.ts";

const HOOK_PATH = "/services/T000/B000/secretsecret";

/** The `quota` of a fresh database on a server, with a mail server and a webhook. */
async function openWorld(server: PostgresServer, smtp: SmtpServer, hook: HookServer) {
  const cli = await openCliWorld({ editions: false });
  const DATABASE_URL = await server.createDatabase();
  const env = {
    DATABASE_URL,
    GREYNOISE_QUOTA: "100/month",
    SMTP_URL: `smtp://mailer:hunter2@127.0.0.1:${smtp.port}`,
    ALERT_EMAIL_TO: "ops@example.com",
    ALERT_WEBHOOK_URL: hook.url + HOOK_PATH,
  };
  const run = (args: readonly string[], more: Record<string, string> = {}) =>
    cli.run(args, { env: { ...env, ...more } });
  return {
    run,
    env: { ...cli.env, ...env } as Record<string, string>,
    check: (more: Record<string, string> = {}) => run(["quota", "--alert"], more),
    use: (count: number) => run(["quota", "set", "100/month", "--used", String(count)]),
    sql: postgres(DATABASE_URL, { max: 1, onnotice: () => {} }),
    [Symbol.asyncDispose]: () => cli[Symbol.asyncDispose](),
  };
}

function subjects(smtp: SmtpServer): string[] {
  return smtp.mails.map(({ subject }) => subject);
}

/** The first lines of what was posted. */
function posts(hook: HookServer): string[] {
  return hook.requests.map(({ body }) => JSON.parse(body).text.split("\n")[0]);
}

function assertNoSecret(...results: readonly CliResult[]): void {
  for (const { stdout, stderr } of results) {
    assertEquals(/hunter2|secretsecret/.test(stdout + stderr), false, stdout + stderr);
  }
}

Deno.test("trap 47: quota --alert on a server, with real mail and a real webhook", async (t) => {
  await using server = await openPostgresServer();
  const login = { user: "mailer", password: "hunter2" };

  await t.step("four processes at once tell each change once, and recovery once", async () => {
    await using smtp = await openSmtpServer({ login });
    await using hook = await openHookServer();
    await using world = await openWorld(server, smtp, hook);
    // So slow that all of them look before the first one has told.
    smtp.setFault({ kind: "delay", ms: 40 });
    hook.setFault({ kind: "delay", ms: 300 });
    const race = () => Promise.all(Array.from({ length: 4 }, () => world.check()));
    assertEquals((await race()).map(({ code }) => code), [0, 0, 0, 0]);
    assertEquals([subjects(smtp), posts(hook)], [[], []], "all is well");
    await world.use(95);
    const results = await race();
    assertEquals(results.map(({ code }) => code), [0, 0, 0, 0]);
    const critical = ["[ipcascade] CRITICAL quota: 5 of 100 left"];
    assertEquals([subjects(smtp), posts(hook)], [critical, critical]);
    await race();
    assertEquals([subjects(smtp), posts(hook)], [critical, critical], "told already");
    await world.use(10);
    await race();
    const all = [...critical, "[ipcascade] OK quota: 90 of 100 left"];
    assertEquals([subjects(smtp), posts(hook)], [all, all]);
    assertStringIncludes(smtp.mails[1]!.text, "  Now     ok, was critical\n");
    assertNoSecret(...results);
    await world.sql.end();
  });

  await t.step(
    "a mail server that fails changes no exit status, is told on stderr, and told again",
    async () => {
      await using smtp = await openSmtpServer({ login });
      await using hook = await openHookServer();
      await using world = await openWorld(server, smtp, hook);
      await world.use(95);
      smtp.setFault({ kind: "reply", command: "RCPT", reply: "550 no such user" });
      const failed = await world.run(["quota", "--alert", "--format", "json"]);
      assertEquals(failed.code, 0);
      assertMatch(
        failed.stderr,
        /error: Alert is not sent notifier=mail key=quota reason=".*550 no such user"/,
      );
      const report = JSON.parse(failed.stdout);
      assertEquals([report.operation, report.grade, report.alerts.status], [
        "check-quota",
        "critical",
        "partly_failed",
      ]);
      assertEquals([report.alerts.sent, report.alerts.failed], [1, 1]);
      assertStringIncludes(report.alerts.notifiers[0].failures[0].message, "550 no such user");
      const listed = await world.run(["alerts"]);
      assertEquals(listed.code, 0);
      assertMatch(
        listed.stdout,
        /quota +mail +critical .* nothing .*not told: Cannot send mail .* 550 no such user/,
      );
      assertMatch(listed.stdout, /quota +webhook +critical .* critical +20/);
      smtp.setFault(null);
      const again = await world.check();
      assertStringIncludes(again.stdout, "  alert     mail: sent\n  alert     webhook: told already\n");
      assertEquals([subjects(smtp).length, posts(hook).length], [1, 1]);
      const unknown = await world.run(["alerts", "forget", "quot"]);
      assertEquals([unknown.code, unknown.stdout], [1, ""]);
      assertStringIncludes(unknown.stderr, 'Cannot forget the alert "quot": nothing is remembered');
      // A day later: what was told then, seen from now.
      await world.sql`update alert_state set told_at = told_at - interval '24 hours'`;
      await world.check();
      assertEquals(subjects(smtp)[1], "[ipcascade] CRITICAL quota: 5 of 100 left (still)");
      assertEquals([subjects(smtp).length, posts(hook).length], [2, 2]);
      const forgotten = await world.run(["alerts", "forget", "quota"]);
      assertEquals([forgotten.code, forgotten.stdout], [0, "Forgotten for 2 notifiers: quota\n"]);
      assertEquals((await world.run(["alerts"])).stdout, "Nothing was looked at with alerts yet\n");
      assertNoSecret(failed, listed, again);
      await world.sql.end();
    },
  );

  await t.step("trap 4: a number that can't be had is told, also without a database", async () => {
    await using smtp = await openSmtpServer({ login });
    await using hook = await openHookServer();
    await using world = await openWorld(server, smtp, hook);
    assertEquals((await world.check()).code, 0);
    await world.sql`alter table quota_ledger rename to quota_ledger_gone`;
    const unreadable = await world.check();
    assertEquals([unreadable.code, subjects(smtp)], [1, [
      "[ipcascade] UNKNOWN quota: it is not known what is left",
    ]]);
    await world.check();
    assertEquals(smtp.mails.length, 1, "the memory is there");
    await world.sql`alter table quota_ledger_gone rename to quota_ledger`;
    await world.check();
    assertEquals(subjects(smtp)[1], "[ipcascade] OK quota: 100 of 100 left");
    const away = { DATABASE_URL: `postgres://op:hunter2@127.0.0.1:${server.port}/nowhere` };
    const gone = await world.check(away);
    assertEquals([gone.code, smtp.mails.length, hook.requests.length], [1, 3, 3]);
    assertStringIncludes(gone.stderr, "Cannot use the database");
    assertStringIncludes(smtp.mails[2]!.text, "each machine remembers by itself");
    const still = await world.check(away);
    assertStringIncludes(still.stdout, "  alert     mail: told already\n");
    assertEquals([still.code, smtp.mails.length, hook.requests.length], [1, 3, 3]);
    assertEquals(/hunter2/.test(smtp.mails[2]!.raw + hook.requests[2]!.body), false);
    await world.check();
    assertEquals([subjects(smtp)[3], posts(hook)[3]], Array(2).fill("[ipcascade] OK quota: 100 of 100 left"));
    const nowhere = { ...away, IPCASCADE_DATA_DIR: "/dev/null" };
    await world.check(nowhere);
    assertStringIncludes(smtp.mails[4]!.text, "may be told again at every check");
    assertNoSecret(unreadable, gone);
    await world.sql.end();
  });

  await t.step("a sender that is killed before it has told silences nobody", async () => {
    await using smtp = await openSmtpServer({ login });
    await using hook = await openHookServer();
    await using world = await openWorld(server, smtp, hook);
    await world.use(95);
    const mailOnly = { ALERT_WEBHOOK_URL: "" };
    smtp.setFault({ kind: "silent" });
    const child = spawnCli(["quota", "--alert"], { ...world.env, ...mailOnly });
    await untilTrue(() => smtp.connections > 0);
    child.kill("SIGKILL");
    await child.output();
    smtp.setFault(null);
    const waiting = await world.check(mailOnly);
    assertEquals(smtp.mails.length, 0, "the claim is waited for");
    assertStringIncludes(waiting.stdout, "  alert     mail: another process is telling it\n");
    const [claim] = await world.sql`select claim_until - clock_timestamp() < interval '2 minutes' as is_short
      from alert_state`;
    assertEquals(claim, { is_short: true });
    await world.sql`update alert_state set claim_until = clock_timestamp()`;
    await world.check(mailOnly);
    assertEquals(subjects(smtp), ["[ipcascade] CRITICAL quota: 5 of 100 left"]);
    await world.sql.end();
  });

  await t.step("without a notifier it checks, says so, and ends as the check alone", async () => {
    await using smtp = await openSmtpServer();
    await using hook = await openHookServer();
    await using world = await openWorld(server, smtp, hook);
    const none = { SMTP_URL: "", ALERT_EMAIL_TO: "", ALERT_WEBHOOK_URL: "" };
    const check = await world.check(none);
    assertEquals(check.code, 0);
    assertStringIncludes(check.stdout, "GreyNoise quota: ok");
    assertStringIncludes(check.stderr, "No notifier is configured: set SMTP_URL with ALERT_EMAIL_TO");
    const history = await world.run(["jobs", "history", "--format", "json"]);
    const [run] = JSON.parse(history.stdout).runs;
    assertEquals([run.job, run.state, run.counts.sent], ["check-quota", "succeeded", 0]);
    const tests = await world.run(["alerts", "test"], none);
    assertEquals([tests.code, tests.stdout], [2, ""]);
    assertStringIncludes(tests.stderr, "No notifier is configured");
    await world.sql.end();
  });
});

Deno.test("a token of the webhook's URL that its server quotes is masked wherever it would be told", async () => {
  await using hook = await openHookServer();
  await using cli = await openCliWorld({ editions: false });
  const env = { ALERT_WEBHOOK_URL: `${hook.url}/services/T000/SECRETTOKEN`, GREYNOISE_QUOTA: "1/day" };
  await cli.run(["quota", "set", "1/day", "--used", "1"], { env });
  hook.setFault({ kind: "status", status: 404, body: "token SECRETTOKEN unknown" });
  const results = [
    await cli.run(["alerts", "test"], { env }),
    await cli.run(["quota", "--alert", "--format", "json"], { env }),
    // Without the setting nothing is masked any more: what is stored is shown as it is.
    await cli.run(["alerts", "--format", "json"]),
  ];
  for (const { stdout, stderr } of results) {
    assertStringIncludes(stdout, "answered 404: token *** unknown");
    assertEquals((stdout + stderr).includes("SECRETTOKEN"), false, stdout + stderr);
  }
});

Deno.test("alerts test: tries every notifier and says how each went", async () => {
  await using smtp = await openSmtpServer();
  await using hook = await openHookServer();
  await using cli = await openCliWorld({ editions: false });
  const env = {
    SMTP_URL: `smtp://127.0.0.1:${smtp.port}`,
    ALERT_EMAIL_TO: "ops@example.com,night@example.com",
    ALERT_WEBHOOK_URL: hook.url + HOOK_PATH,
  };
  const well = await cli.run(["alerts", "test", "--format", "json"], { env });
  assertEquals([well.code, JSON.parse(well.stdout).status], [0, "done"]);
  assertEquals(smtp.mails[0]!.to, ["ops@example.com", "night@example.com"]);
  const night = "night@example.com";
  smtp.setFault({ kind: "reply", command: "RCPT", reply: "550 no such user", to: night });
  const refused = await cli.run(["alerts", "test"], { env: { ...env, ALERT_WEBHOOK_URL: "" } });
  assertEquals(refused.code, 3);
  assertMatch(refused.stdout, /mail +partly_sent .*the mail server refuses night@example\.com/);
  smtp.setFault(null);
  hook.setFault({ kind: "status", status: 403 });
  const partly = await cli.run(["alerts", "test"], { env });
  assertEquals(partly.code, 3);
  assertMatch(partly.stdout, /mail +sent .*\nwebhook +failed .*answered 403/);
  assertStringIncludes(partly.stderr, "ipcascade: webhook: Cannot post to the webhook at 127.0.0.1:");
  smtp.setFault({ kind: "greeting", reply: "421 too busy" });
  assertEquals((await cli.run(["alerts", "test"], { env })).code, 1);
  assertEquals((await cli.run(["alerts", "test"], { env: { ...env, ALERT_WEBHOOK_URL: "" } })).code, 1);
  const query = { ...env, SMTP_URL: `${env.SMTP_URL}?tls=maybe` };
  for (const args of [["alerts", "test"], ["quota", "--alert"]]) {
    const bad = await cli.run(args, { env: query });
    assertEquals([bad.code, bad.stdout], [2, ""]);
    assertStringIncludes(bad.stderr, "Cannot read the query of SMTP_URL: allowed are tls=auto|required|off");
  }
  assertNoSecret(well, partly);
  const usage: readonly [args: readonly string[], message: string][] = [
    [["alerts", "frob"], 'Cannot run alerts "frob": allowed are list, test, forget'],
    [["alerts", "test", "mail"], 'Cannot run alerts test "mail": it takes no argument'],
    [["alerts", "forget"], "Cannot run alerts forget: give one key"],
    [["alerts", "forget", "a", "b"], "Cannot run alerts forget: give one key"],
    [["alerts", "test", "--all"], "Cannot use --all with alerts test"],
    [["alerts", "--format", "xml"], "allowed are table, json"],
    [["quota", "set", "5/day", "--alert"], "Cannot use --alert with quota set"],
  ];
  for (const [args, message] of usage) {
    const { code, stderr } = await cli.run(args, { env });
    assertEquals(code, 2, args.join(" "));
    assertStringIncludes(stderr, message);
  }
});

Deno.test("quota --alert: an embedded database that another process uses is waited for", async () => {
  await using smtp = await openSmtpServer();
  await using cli = await openCliWorld({ editions: false });
  cli.lab.setFault("greynoise", { kind: "drop" });
  const child = spawnCli(["enrich", "23.0.0.1", "--sources", "greynoise"], cli.env);
  await untilTrue(() => cli.lab.requests.greynoiseRequests > 0);
  const env = { SMTP_URL: `smtp://127.0.0.1:${smtp.port}`, ALERT_EMAIL_TO: "ops@example.com" };
  using contenders = Deno.watchFs(`${cli.env.IPCASCADE_DATA_DIR}/postgres.lock`);
  const checking = cli.run(["quota", "--alert"], { env });
  await contenders[Symbol.asyncIterator]().next();
  child.kill("SIGKILL");
  await child.output();
  const { code, stdout } = await checking;
  assertEquals([code, smtp.mails.length], [0, 0], stdout);
});

Deno.test("quota --alert: a PostgreSQL server that hangs is told in bounded time", async () => {
  await using server = await openPostgresServer();
  await using smtp = await openSmtpServer();
  await using hook = await openHookServer();
  await using world = await openWorld(server, smtp, hook);
  const started = performance.now();
  Deno.kill(server.pid, "SIGSTOP");
  try {
    const frozen = await world.check({
      SMTP_URL: `smtp://127.0.0.1:${smtp.port}`,
      DATABASE_URL: `${server.url}?connect_timeout=1`,
    });
    assertEquals([frozen.code, smtp.mails.length, hook.requests.length], [1, 1, 1]);
    assertStringIncludes(smtp.mails[0]!.subject, "UNKNOWN quota");
    assert(performance.now() - started < 60_000);
  } finally {
    Deno.kill(server.pid, "SIGCONT");
    await world.sql.end({ timeout: 1 });
  }
});

/** Waits for what another process does. */
async function untilTrue(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 5));
}

Deno.test("quota --alert and health --alert that are stopped end soon, tell nobody, and are recorded as stopped", async () => {
  await using server = await openPostgresServer();
  await using smtp = await openSmtpServer();
  await using hook = await openHookServer();
  await using pings = await openHookServer();
  await using world = await openWorld(server, smtp, hook);
  assertEquals((await world.check()).code, 0);
  const env = { ...world.env, HC_PING_URL: `${pings.url}/{job}` };
  try {
    await world.sql.begin(async (locked) => {
      await locked`lock table quota_ledger in access exclusive mode`;
      for (
        const [job, args] of [["check-quota", ["quota"]], ["check-health", [
          "health",
          "--timeout",
          "60",
        ]]] as const
      ) {
        const child = spawnCli([...args, "--alert"], env);
        while (!pings.requests.some(({ path }) => path.startsWith(`/${job}/start`))) {
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
        const stoppedAt = performance.now();
        child.kill("SIGTERM");
        assertEquals((await child.output()).code, 143, job);
        assert(performance.now() - stoppedAt < 8_000, `${job} took ${performance.now() - stoppedAt} ms`);
        assert(pings.requests.some(({ path }) => path.startsWith(`/${job}/143`)), job);
      }
    });
  } finally {
    await world.sql.end();
  }
  assertEquals([subjects(smtp), posts(hook)], [[], []]);
  const history = await world.run(["jobs", "history"]);
  assertEquals(history.stdout.match(/check-(?:quota|health) +stopped/g)?.length, 2, history.stdout);
});
