import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { dayOf, monthOf } from "@ipcascade/core";
import { createStderrLog, openCoverage, readSettings } from "@ipcascade/platform";
import { openSmtpServer } from "@ipcascade/testkit/lab";
import { NO_FIGURES } from "../packages/store/testing/coverage_contract.ts";
import { type CliWorld, openCliWorld } from "./run_cli.ts";

/** Puts a snapshot of 2020-02-29 into the embedded database, as if it had been taken then. */
async function addOldSnapshot({ env }: CliWorld): Promise<void> {
  const settings = readSettings({ env, flags: {}, readFile: () => null });
  await using opened = await openCoverage(settings, createStderrLog({ level: "error" }));
  const measuredAt = Date.parse("2020-02-29T23:55:00Z");
  const { quota, figures } = {
    quota: {
      limit: 50,
      period: "week",
      origin: "setting",
      used: 1,
      remaining: 49,
      startsAt: measuredAt,
      endsAt: measuredAt,
    } as const,
    figures: {
      ...NO_FIGURES,
      rows: 4,
      addresses: 4,
      ipv4: 4,
      withAsn: 3,
      topAsns: [{ number: 1, org: "=X", addresses: 3 }],
    },
  };
  await opened.deps.coverage.write({ day: "2020-02-29", measuredAt, figures, quota }, Date.now());
}

Deno.test("report: today's snapshot, the month to date, a past month in every form, and a month without data", async () => {
  await using world = await openCliWorld({ editions: false });
  const present = monthOf(Date.now()).name;
  const snapshot = await world.run(["report", "snapshot", "--format", "json"]);
  assertEquals(snapshot.code, 0, snapshot.stderr);
  assertEquals(JSON.parse(snapshot.stdout).is_kept, true);
  assert(JSON.parse(snapshot.stdout).day <= dayOf(Date.now()));

  const toDate = await world.run(["report", "--format", "json"]);
  assertEquals([toDate.code, JSON.parse(toDate.stdout).period.month], [0, present]);

  await addOldSnapshot(world);
  const page = await world.run(["report"]);
  assertEquals(page.code, 0, page.stderr);
  assertMatch(page.stdout, /^Enrichment coverage, February 2020\nFrom the snapshot of the month's last day/);
  const csv = await world.run(["report", "--month", "2020-02", "--format", "csv"]);
  assertStringIncludes(csv.stdout, "2020-02,top_asns,AS1,'=X,addresses,3\r\n");
  const path = world.dir.join("report.html");
  const html = await world.run(["report", "--month", "2020-02", "--format", "html", "--output", path]);
  assertEquals([html.code, html.stdout], [0, ""]);
  assertStringIncludes(html.stderr, path);
  assertMatch(await Deno.readTextFile(path), /^<!doctype html>\n[\s\S]*<svg role="img"[\s\S]*<\/html>\n$/);

  for (const output of ["-", "/dev/stdout"]) {
    const shown = await world.run(["report", "--month", "2020-02", "--format", "csv", "--output", output]);
    assertEquals([shown.code, shown.stdout, shown.stderr], [0, csv.stdout, ""], output);
  }

  const none = await world.run(["report", "--month", "2020-03", "--format", "json", "--output", path]);
  assertEquals([none.code, JSON.parse(none.stdout).status], [1, "no_data"]);
  assertStringIncludes(none.stderr, 'Cannot report "2020-03": no snapshot was taken in it');
  assertMatch(
    await Deno.readTextFile(path),
    /^<!doctype html>/,
    "a report there was none of replaces nothing",
  );

  await using smtp = await openSmtpServer();
  smtp.setFault({ kind: "reply", command: "RCPT", reply: "550 no such user" });
  const mailing = { SMTP_URL: `smtp://127.0.0.1:${smtp.port}`, ALERT_EMAIL_TO: "ops@example.com" };
  const unmailed = await world.run(["report", "--mail", "--format", "json"], { env: mailing });
  const { mail, message: basis } = JSON.parse(unmailed.stdout);
  assertEquals([unmailed.code, mail.status, mail.error.code], [3, "failed", "NOTIFIER_FAILED"]);
  assertStringIncludes(unmailed.stderr, mail.error.message);

  const history = await world.run(["jobs", "history", "--format", "json"]);
  const runs: { job: string; state: string; error: unknown; message: string }[] =
    JSON.parse(history.stdout).runs;
  assertEquals([runs[0]!.error, runs[0]!.message], [mail.error, `2020-02: ${basis}; not mailed`]);
  assertEquals(runs.map(({ job, state }) => [job, state]), [
    ["report-coverage", "partly_failed"],
    ["report-coverage", "succeeded"],
    ["report-coverage", "succeeded"],
    ["snapshot-coverage", "succeeded"],
  ]);
});

Deno.test("report: bad usage is told before anything is opened", async () => {
  await using world = await openCliWorld({ editions: false });
  const cases: readonly (readonly [args: readonly string[], message: string])[] = [
    [["--month", "2026-13"], 'Cannot read the month "2026-13": allowed is YYYY-MM'],
    [["--format", "pdf"], "allowed are text, table, json, csv, markdown, html"],
    [["snapshot", "--month", "2026-01"], "Cannot use --month with report snapshot"],
    [["snapshot", "--format", "html"], "allowed are text, table, json"],
    [["--output="], 'Cannot read --output ""'],
    [["--output", ""], 'Cannot read --output ""'],
    [["monthly"], "allowed are show, snapshot"],
  ];
  for (const [args, message] of cases) {
    const result = await world.run(["report", ...args]);
    assertEquals([result.code, result.stdout], [2, ""], args.join(" "));
    assertStringIncludes(result.stderr, message);
  }
  assertEquals(Array.from(Deno.readDirSync(world.dir.path)).filter(({ name }) => name === "data"), []);
});
