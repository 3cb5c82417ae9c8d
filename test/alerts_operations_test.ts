import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import {
  type Alert,
  type AlertObservation,
  type AlertStates,
  MS_PER_DAY,
  MS_PER_HOUR,
  type Notifier,
  NotifierError,
  StoreError,
} from "@ipcascade/core";
import {
  listAlerts,
  observeQuota,
  reportUnknownQuota,
  sendAlerts,
  testNotifiers,
} from "@ipcascade/operations";
import { renderAlertBody, renderAlertList, renderAlertReport, renderAlertSubject } from "@ipcascade/render";
import { createSqlAlertStates } from "@ipcascade/store";
import { createFileAlertStates } from "@ipcascade/platform";
import { FakeClock, openTempDir } from "@ipcascade/testkit";
import { openSharedPglite } from "./cascade_world.ts";

const GONE = () => Promise.reject(new StoreError("Cannot use the database: it is gone"));
/** The memory of a database that is away. */
const AWAY: AlertStates = { take: GONE, end: GONE, adopt: GONE, forget: GONE, list: GONE };

/** A notifier that keeps what it was told, until it is told to fail or to hang. */
class KeepingNotifier implements Notifier {
  readonly alerts: Alert[] = [];
  mood: "works" | "fails" | "hangs" = "works";
  attempts = 0;
  constructor(readonly name: string) {}

  send(alert: Alert): Promise<string | null> {
    this.attempts++;
    if (this.mood === "hangs") return new Promise(() => {});
    if (this.mood === "fails") return Promise.reject(new NotifierError("Cannot send: 550 no such user"));
    this.alerts.push(alert);
    return Promise.resolve(null);
  }

  get told(): string[] {
    return this.alerts.map(({ kind, grade, key }) => `${kind} ${key} ${grade}`);
  }
}

async function openWorld() {
  const clock = new FakeClock();
  const states = createSqlAlertStates(await openSharedPglite());
  const [mail, webhook] = [new KeepingNotifier("mail"), new KeepingNotifier("webhook")];
  const lines: string[] = [];
  const add = (message: string, fields = {}) => void lines.push(`${message} ${JSON.stringify(fields)}`);
  const log = { debug: add, info: add, warn: add, error: add };
  const deps = { notifiers: [mail, webhook], states, local: null, clock, log, host: "honeypot-1" };
  const observe = (grade: AlertObservation["grade"], key = "quota"): AlertObservation => ({
    key,
    grade,
    title: `it is ${grade}`,
    message: `All of it is ${grade}`,
    fix: "ipcascade quota",
    at: clock.now(),
  });
  const send = (...observations: AlertObservation[]) => sendAlerts(deps, observations);
  return { clock, states, mail, webhook, lines, deps, observe, send };
}

Deno.test("trap 47: sendAlerts() fires on change, reminds once a day and tells of recovery", async () => {
  const { clock, mail, webhook, observe, send } = await openWorld();
  const step = async (grade: AlertObservation["grade"], hours: number) => {
    await clock.advance(hours * 3_600_000);
    const { sent, reminded, recovered, suppressed, failed, status } = await send(observe(grade));
    return [sent, reminded, recovered, suppressed, failed, status];
  };
  assertEquals(await step("ok", 0), [0, 0, 0, 0, 0, "done"]);
  assertEquals(await step("critical", 4), [2, 0, 0, 0, 0, "done"]);
  for (let check = 0; check < 5; check++) {
    assertEquals(await step("critical", 4), [0, 0, 0, 2, 0, "done"]);
  }
  assertEquals(await step("critical", 4), [0, 2, 0, 0, 0, "done"]);
  assertEquals(await step("warning", 4), [2, 0, 0, 0, 0, "done"]);
  assertEquals(await step("info", 4), [0, 0, 2, 0, 0, "done"]);
  assertEquals(await step("ok", 4), [0, 0, 0, 0, 0, "done"]);
  assertEquals(mail.told, [
    "fire quota critical",
    "remind quota critical",
    "fire quota warning",
    "recover quota ok",
  ]);
  assertEquals(webhook.told, mail.told);
  assertEquals(mail.alerts.map(renderAlertSubject), [
    "[ipcascade] CRITICAL quota: it is critical",
    "[ipcascade] CRITICAL quota: it is critical (still)",
    "[ipcascade] WARNING quota: it is warning",
    "[ipcascade] OK quota: no longer warning: it is info",
  ]);
  assertEquals(mail.alerts.map(({ previousGrade }) => previousGrade), [
    null,
    "critical",
    "critical",
    "warning",
  ]);
  assertStringIncludes(renderAlertBody(mail.alerts[0]!), "  Now     critical\n");
  assertStringIncludes(renderAlertBody(mail.alerts[1]!), "  Since   2026-11-23 16:00 UTC\n");
  const recovery = renderAlertBody(mail.alerts[3]!);
  assertStringIncludes(recovery, "no longer warning: All of it is info.\n");
  assertEquals(recovery.includes("Next"), false, recovery);
});

Deno.test("sendAlerts() retries a notifier that failed, and tells the others meanwhile", async () => {
  const { clock, mail, webhook, lines, observe, send } = await openWorld();
  mail.mood = "fails";
  const first = await send(observe("critical"));
  assertEquals([first.status, first.sent, first.failed], ["partly_failed", 1, 1]);
  assertEquals(first.notifiers.map(({ notifier, failures }) => [notifier, failures]), [
    ["mail", [{ key: "quota", message: "Cannot send: 550 no such user" }]],
    ["webhook", []],
  ]);
  assertStringIncludes(
    lines.join("\n"),
    'Alert is not sent {"notifier":"mail","key":"quota","reason":"Cannot',
  );
  assertStringIncludes(renderAlertReport(first), "mail: failed: Cannot send: 550 no such user\n");
  await clock.advance(60_000);
  mail.mood = "works";
  const second = await send(observe("critical"));
  assertEquals([second.sent, second.suppressed, mail.told.length, webhook.told.length], [1, 1, 1, 1]);
  assertEquals(mail.alerts[0]!.since, clock.now() - 60_000, "since it was seen, not since it was told");
});

Deno.test("sendAlerts() waits for no notifier that hangs, and tells all it can in its time", async () => {
  const { clock, mail, webhook, observe, send } = await openWorld();
  mail.mood = "hangs";
  const keys = ["a", "b", "c", "d", "e"];
  const sending = send(...keys.map((key) => observe("critical", key)));
  for (let tries = 0; tries < 3; tries++) {
    await untilTrue(() => mail.attempts === tries + 1 && webhook.alerts.length === 5);
    await clock.advance(15_000);
  }
  const report = await sending;
  assertEquals([report.sent, report.failed, webhook.told.length], [5, 5, 5]);
  assertEquals(report.notifiers[0]!.failures.map(({ message }) => message), [
    "no answer within 15 s",
    "no answer within 15 s",
    "no answer within 15 s",
    "no time was left",
    "no time was left",
  ]);
});

Deno.test("sendAlerts() without a memory tells what is bad each time and says so", async () => {
  const { mail, deps, observe } = await openWorld();
  for (const states of [null, AWAY]) {
    const report = await sendAlerts({ ...deps, states }, [observe("ok", "fine"), observe("unknown")]);
    assertEquals(report.notifiers[0]!.memory, "none");
    assertEquals([report.status, report.sent, report.notifiers[0]!.is_remembered], ["done", 2, false]);
  }
  assertEquals(mail.told, ["fire quota unknown", "fire quota unknown"]);
  assertStringIncludes(renderAlertBody(mail.alerts[0]!), "may be told again at every check");
  assertEquals([mail.alerts[0]!.since, mail.alerts[0]!.previousGrade], [null, null]);
});

Deno.test("sendAlerts() without the database tells once, and of recovery when it is back", async () => {
  await using dir = await openTempDir();
  const { clock, mail, webhook, deps, states, observe } = await openWorld();
  const local = createFileAlertStates(dir.path);
  const check = async (memory: AlertStates | null, ...grades: readonly AlertObservation["grade"][]) => {
    await clock.advance(MS_PER_HOUR);
    const observations = grades.map((grade, index) => observe(grade, `key${index}`));
    return await sendAlerts({ ...deps, states: memory, local }, observations);
  };
  const first = await check(null, "critical", "unknown");
  assertEquals([first.sent, first.notifiers[0]!.memory, first.notifiers[0]!.is_remembered], [
    4,
    "local",
    true,
  ]);
  assertStringIncludes(renderAlertBody(mail.alerts[0]!), "each machine remembers by itself");
  const second = await check(AWAY, "critical", "unknown");
  assertEquals([second.sent, second.suppressed], [0, 4]);
  assertEquals((await check(states, "critical", "ok")).notifiers[0]!.memory, "database");
  assertEquals(mail.told, ["fire key0 critical", "fire key1 unknown", "recover key1 ok"]);
  assertEquals(webhook.told, mail.told);
  assertEquals(await local.list(9), []);
  await check(states, "ok", "ok");
  assertEquals(mail.told.slice(3), ["recover key0 ok"]);
  assertEquals(mail.alerts[3]!.remark, null);
});

Deno.test("sendAlerts() reminds without the database once a day, and tells of recovery", async () => {
  await using dir = await openTempDir();
  const { clock, mail, deps, observe } = await openWorld();
  const away = { ...deps, states: null, local: createFileAlertStates(dir.path) };
  for (const grade of ["critical", "critical", "ok", "ok"] as const) {
    await sendAlerts(away, [observe(grade)]);
    await clock.advance(MS_PER_DAY);
  }
  assertEquals(mail.told, ["fire quota critical", "remind quota critical", "recover quota ok"]);
});

Deno.test("sendAlerts() that can't note what it told counts it as sent, and logs it", async () => {
  const { deps, states, lines, mail, observe } = await openWorld();
  const forgetful = { ...states, end: () => Promise.reject(new StoreError("Cannot use the database: gone")) };
  const report = await sendAlerts({ ...deps, states: forgetful, notifiers: [mail] }, [observe("critical")]);
  assertEquals([report.status, report.sent, report.failed, report.notifiers[0]!.is_remembered], [
    "done",
    1,
    0,
    false,
  ]);
  assertStringIncludes(lines.join("\n"), "What was told can't be remembered");
});

Deno.test("sendAlerts() counts apart what another process has the right to tell", async () => {
  const { clock, deps, states, mail, observe } = await openWorld();
  const look = () => sendAlerts({ ...deps, notifiers: [mail] }, [observe("critical")]);
  await states.take("mail", observe("critical"), { now: clock.now(), claimMs: 60_000 });
  const report = await look();
  assertEquals([report.elsewhere, report.suppressed, mail.told], [1, 0, []]);
  assertStringIncludes(renderAlertReport(report), "mail: another process is telling it\n");
});

Deno.test("sendAlerts() without a notifier is off", async () => {
  const { deps, observe } = await openWorld();
  const report = await sendAlerts({ ...deps, notifiers: [] }, [observe("critical")]);
  assertEquals([report.status, report.notifiers, renderAlertReport(report)], ["off", [], ""]);
});

Deno.test("listAlerts() tells what is so, what was told, and what could not be told", async () => {
  const { clock, states, webhook, observe, send } = await openWorld();
  webhook.mood = "fails";
  assertEquals(
    renderAlertList(await listAlerts({ states, clock })),
    "Nothing was looked at with alerts yet\n",
  );
  await send(observe("critical"));
  const { alerts } = await listAlerts({ states, clock });
  assertEquals(
    alerts.map(({ notifier, grade, told_grade, told_at, failure }) => [
      notifier,
      grade,
      told_grade,
      told_at,
      failure,
    ]),
    [
      ["mail", "critical", "critical", "2026-11-23T12:00:00.000Z", null],
      ["webhook", "critical", "ok", null, "Cannot send: 550 no such user"],
    ],
  );
  const page = renderAlertList(await listAlerts({ states, clock }));
  assertStringIncludes(
    page,
    "quota  mail      critical  2026-11-23 12:00 UTC  2026-11-23 12:00 UTC  critical  2026-11-23 12:00 UTC",
  );
  assertStringIncludes(page, "it is critical; not told: Cannot send: 550 no such user");
});

Deno.test("listAlerts() has the worst first, and leaves out what is well and was never told", async () => {
  const { clock, states, observe, deps, mail } = await openWorld();
  const grades = { a: "ok", b: "warning", c: "unknown", d: "critical", e: "critical" } as const;
  const look = async (changed: Readonly<Record<string, AlertObservation["grade"]>>) => {
    await clock.advance(60_000);
    const observations = Object.entries(changed).map(([key, grade]) => observe(grade, key));
    await sendAlerts({ ...deps, notifiers: [mail] }, observations);
  };
  await look(grades);
  await look({ e: "ok" });
  const shown = await listAlerts({ states, clock });
  assertEquals(shown.alerts.map(({ key, grade }) => `${key} ${grade}`), [
    "d critical",
    "c unknown",
    "b warning",
    "e ok",
  ]);
  assertEquals(shown.hidden, 1);
  assertStringIncludes(renderAlertList(shown), "1 more well, never told: see --all\n");
  const all = await listAlerts({ states, clock }, { all: true });
  assertEquals([all.alerts.map(({ key }) => key).join(""), all.hidden], ["dcbae", 0]);
});

Deno.test("testNotifiers() tries each and touches no memory", async () => {
  const { clock, deps, states, mail, webhook } = await openWorld();
  webhook.mood = "fails";
  const report = await testNotifiers(deps);
  assertEquals([report.status, report.notifiers.map(({ status }) => status)], [
    "partly_failed",
    ["sent", "failed"],
  ]);
  assertEquals(renderAlertSubject(mail.alerts[0]!), "[ipcascade] TEST test: alerts arrive here");
  assertEquals((await listAlerts({ states, clock })).alerts, []);
  assertEquals((await testNotifiers({ ...deps, notifiers: [webhook] })).status, "failed");
  assertEquals((await testNotifiers({ ...deps, notifiers: [] })).status, "off");
});

Deno.test("trap 4: observeQuota() makes an alert of a number that can't be had", () => {
  const error = new StoreError("Cannot use the database: it is gone");
  const observation = observeQuota(reportUnknownQuota(error, MS_PER_DAY, { refreshShare: 0.8 }));
  assertEquals(observation, {
    key: "quota",
    grade: "unknown",
    title: "it is not known what is left",
    message: "GreyNoise quota: the quota ledger can't be read: Cannot use the database: it is gone",
    fix: "docs/health.md#the-database",
    at: MS_PER_DAY,
  });
});

/** Lets the database of the test do its work, until something is so. */
async function untilTrue(isSo: () => boolean): Promise<void> {
  for (let turn = 0; turn < 5_000 && !isSo(); turn++) await new Promise((resolve) => setTimeout(resolve, 1));
  assert(isSo());
}
