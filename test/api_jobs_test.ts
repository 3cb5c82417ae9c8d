import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { JOB_NAMES, type JobName } from "@ipcascade/core";
import type { JobListReport, ListedRun } from "@ipcascade/operations";
import { openPostgresServer } from "@ipcascade/testkit";
import { openHookServer, openSmtpServer } from "@ipcascade/testkit/lab";
import { type ApiWorld, openApiWorld } from "./api_world.ts";

/** In this order each has something to work with. */
const ORDER: readonly JobName[] = [
  "update-editions",
  "refresh-stale",
  "backfill-asn",
  "snapshot-coverage",
  "report-coverage",
  "check-quota",
  "check-health",
  "recover-editions",
  "back-up",
  "prune",
];

/** A long time for a short job. */
const LIMIT_MS = 30_000;

function post(world: ApiWorld, job: string, headers: Record<string, string> = {}): Promise<Response> {
  return world.fetch(`/v1/jobs/${job}/runs`, { method: "POST", headers });
}

/** Begins a run, follows its address to its end and gives its record. */
async function run(world: ApiWorld, job: JobName): Promise<ListedRun> {
  const response = await post(world, job);
  const begun = await response.json() as ListedRun;
  assertEquals([response.status, begun.state, begun.started_by], [202, "running", "http"], job);
  return await follow(world, response.headers.get("location")!);
}

async function follow(world: ApiWorld, path: string): Promise<ListedRun> {
  const endsAt = performance.now() + LIMIT_MS;
  for (;;) {
    const found = await (await world.fetch(path)).json() as ListedRun;
    if (found.state !== "running") return found;
    assert(performance.now() < endsAt, `${path} goes on and on`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Each job over HTTP, beside requests. */
async function runEveryJob(database: Record<string, string>) {
  await using hook = await openHookServer();
  await using smtp = await openSmtpServer();
  await using world = await openApiWorld({
    env: {
      ...database,
      ALERT_WEBHOOK_URL: `${hook.url}/alerts`,
      SMTP_URL: `smtp://127.0.0.1:${smtp.port}`,
      ALERT_EMAIL_TO: "soc@example.com",
      HC_PING_URL: `${hook.url}/{job}`,
    },
    // The lab's releases are older than those of other worlds, and updating never goes back.
    editions: false,
  });
  const before = await (await world.fetch("/v1/jobs")).json() as JobListReport;
  assertEquals(
    before.jobs.map(({ name, last_run }) => [name, last_run]),
    JOB_NAMES.map((name) => [name, null]),
  );
  assertEquals((await world.fetch("/v1/ips/8.8.8.8")).status, 200);
  const ended: Partial<Record<JobName, ListedRun>> = {};
  for (const job of ORDER) {
    const [record] = await Promise.all([run(world, job), world.fetch("/v1/ips/1.1.1.1")]);
    ended[job] = record;
    assertEquals([job, record.state, record.error], [job, "succeeded", null]);
  }
  const counts = (job: JobName) => ended[job]!.counts;
  assertEquals(counts("update-editions"), { installed: 2 });
  assertEquals(counts("snapshot-coverage"), { addresses: 2 });
  assertEquals(counts("report-coverage"), { addresses: 2, with_asn: 2 });
  assertMatch(ended["report-coverage"]!.message!, /; mailed$/);
  assertEquals(Object.keys(counts("refresh-stale")).includes("attempted"), true);
  assertEquals(counts("prune"), { pruned: 0, removed: 0 });
  assert(counts("back-up").rows! > 2 && counts("back-up").file_bytes! > 1_000);
  assertEquals(Object.keys(counts("check-health")).toSorted(), [
    "failed",
    "failing",
    "recovered",
    "reminded",
    "sent",
  ]);
  assertEquals(smtp.mails.some((mail) => JSON.stringify(mail).includes("Coverage of")), true);
  const pings = hook.requests.map(({ path }) => path.split("?")[0]);
  for (const job of ORDER) {
    assertEquals(pings.filter((path) => path?.startsWith(`/${job}/`)), [`/${job}/start`, `/${job}/0`]);
  }
  const after = await (await world.fetch("/v1/jobs")).json() as JobListReport;
  assertEquals(after.jobs.map((job) => job.last_run?.id), JOB_NAMES.map((job) => ended[job]!.id));
  const update = after.jobs.find(({ name }) => name === "update-editions")!;
  assertEquals([update.schedule, update.grade], ["0 2 * * SUN", "ok"]);
  assertMatch(update.next_at!, /T02:00:00\.000Z$/);
  assertMatch(ended["back-up"]!.actor, /(127\.0\.0\.1|somewhere), by .+@.+/);
  const { checks } = await world.operations.checkHealth();
  assertMatch(
    JSON.stringify(checks.backup),
    /the newest verified backup is \d minutes? old, of [\d: -]+ UTC"/,
  );
  assertEquals(world.logged.filter((line) => line.startsWith("error")), []);
}

/** The part of the routes that needs a run which does not end by itself. */
async function meetRunUnderWay(database: Record<string, string>) {
  await using world = await openApiWorld({ env: database, editions: false });
  using silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const env = {
    ...world.lab.env,
    ...database,
    GEOIPUPDATE_HOST: `http://127.0.0.1:${silent.addr.port}`,
  };
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "-q", new URL("../apps/cli/main.ts", import.meta.url).pathname, "editions", "update"],
    env: {
      ...env,
      IPCASCADE_DATA_DIR: world.dir.join("data"),
      GEOIPUPDATE_DB_DIR: world.dir.join("editions"),
    },
    stdout: "null",
    stderr: "null",
  }).spawn();
  try {
    using _asked = await silent.accept();
    const refused = await post(world, "update-editions");
    assertEquals([refused.status, refused.headers.get("content-type")], [409, "application/problem+json"]);
    const problem = await refused.json();
    const path = refused.headers.get("location")!;
    assertEquals([problem.code, problem.location], ["JOB_RUNNING", path]);
    const found = await (await world.fetch(path)).json() as ListedRun;
    assertEquals([found.state, found.started_by], ["running", "command"]);
    // Of another job nothing is under way.
    assertEquals((await run(world, "check-quota")).state, "succeeded");
  } finally {
    child.kill("SIGTERM");
    await child.status;
  }
  assertEquals((await run(world, "update-editions")).state, "succeeded");
}

/** What a run installs is there when the run is over. */
async function serveAtOnce(database: Record<string, string>) {
  await using world = await openApiWorld({ env: database, editions: false });
  const city = async () => {
    const { items } = await (await world.fetch("/v1/editions")).json();
    return items.find(({ kind }: { kind: string }) => kind === "city").file;
  };
  const country = async () => {
    const record = await (await world.fetch("/v1/ips/8.8.8.8?offline=1")).json();
    return record.geo_country;
  };
  assertEquals([await city(), await country()], [null, null]);
  assertEquals((await run(world, "update-editions")).state, "succeeded");
  assertEquals(await country(), "US");
  assert(await city() !== null);
}

async function repeatKeys(database: Record<string, string>) {
  await using world = await openApiWorld({ env: database });
  const key = { "idempotency-key": "8e03978e-40d5-43dd-bc93-6894a57f9324" };
  const answers = await Promise.all([1, 2, 3, 4, 5, 6].map(() => post(world, "check-quota", key)));
  assertEquals(answers.map(({ status }) => status).toSorted(), [200, 200, 200, 200, 200, 202]);
  const ids = new Set(
    await Promise.all(answers.map(async (answer) => (await answer.json() as ListedRun).id)),
  );
  assertEquals(ids.size, 1);
  await follow(world, answers[0]!.headers.get("location")!);
  const again = await post(world, "check-quota", key);
  assertEquals([again.status, (await again.json() as ListedRun).state], [200, "succeeded"]);
  assertEquals((await post(world, "snapshot-coverage", key)).status, 202, "of another job");
  const other = await post(world, "check-quota", { "idempotency-key": "b" });
  assertEquals(other.status, 202);
  await follow(world, other.headers.get("location")!);
  const listed = await (await world.fetch("/v1/jobs/check-quota/runs?limit=1")).json();
  assertEquals(listed.runs.map(({ id }: ListedRun) => id), [(await other.json() as ListedRun).id]);
}

async function refuse(database: Record<string, string>) {
  await using world = await openApiWorld({ env: database });
  const problemOf = async (response: Response) => [response.status, (await response.json()).code] as const;
  const unknown = await post(world, "nonsense");
  assertEquals(unknown.status, 404);
  const { code, detail } = await unknown.json();
  assertEquals(code, "NO_JOB");
  for (const word of ['"nonsense"', ...JOB_NAMES]) assertStringIncludes(detail, word);
  assertEquals(await problemOf(await world.fetch("/v1/jobs/nonsense/runs")), [404, "NO_JOB"]);
  const none = "/v1/jobs/back-up/runs/00000000-0000-4000-8000-000000000001";
  assertEquals(await problemOf(await world.fetch(none)), [404, "NO_RUN"]);
  assertEquals(await problemOf(await world.fetch("/v1/jobs/back-up/runs/'%00")), [404, "NO_RUN"]);
  for (const limit of ["0", "1001", "x", "1.5"]) {
    const response = await world.fetch(`/v1/jobs/back-up/runs?limit=${limit}`);
    assertEquals(await problemOf(response), [400, "BAD_USAGE"], limit);
  }
  for (const key of ["", "a b", "é", "k".repeat(201)]) {
    assertEquals(await problemOf(await post(world, "check-quota", { "idempotency-key": key })), [
      400,
      "BAD_USAGE",
    ], key);
  }
  const { id } = await run(world, "check-quota");
  assertEquals(await problemOf(await world.fetch(`/v1/jobs/back-up/runs/${id}`)), [404, "NO_RUN"]);
}

Deno.test("jobs over HTTP on the embedded database", async (t) => {
  await t.step("every job runs beside requests and is recorded", () => runEveryJob({}));
  await t.step("a run from a shell is in the way, and is shown", () => meetRunUnderWay({}));
  await t.step("editions serve once they are installed", () => serveAtOnce({}));
  await t.step("a key begins one run", () => repeatKeys({}));
  await t.step("what is no job, no run, no limit and no key is refused", () => refuse({}));
});

Deno.test("jobs over HTTP on a server", async (t) => {
  await using server = await openPostgresServer();
  const database = async () => ({ DATABASE_URL: await server.createDatabase() });
  await t.step("every job runs beside requests and is recorded", async () => runEveryJob(await database()));
  await t.step(
    "a run from a shell is in the way, and is shown",
    async () => meetRunUnderWay(await database()),
  );
  await t.step("a key begins one run", async () => repeatKeys(await database()));
});
