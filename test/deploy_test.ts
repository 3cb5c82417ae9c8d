import { assert, assertEquals } from "@std/assert";
import { JOB_NAMES, type JobName } from "@ipcascade/core";
import { openPostgresServer, S3Server } from "@ipcascade/testkit";
import { openLab } from "@ipcascade/testkit/lab";
import { pass } from "./evidence/api_server.ts";
import { type DeployApp, runDeployJob, startDeployApp } from "./deploy_app.ts";

const KEYS = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "lab-secret" };

/** All that can be asked for. */
const PATHS = [
  "/v1/health",
  "/v1/editions",
  "/v1/quota",
  "/v1/alerts",
  "/v1/reports/coverage",
  "/v1/diagnostics/maxmind",
  "/v1/diagnostics/memory",
  "/v1/jobs",
  "/metrics",
  "/readyz",
  "/",
];

async function checkLookup(app: DeployApp): Promise<void> {
  const record = await (await app.ask("/v1/ips/8.8.8.8")).json();
  assertEquals([record.asn_number, record.geo_country], [15169, "US"], JSON.stringify(record));
}

Deno.test("the app for Deno Deploy runs every job and answers everything without a disk", async () => {
  await using server = await openPostgresServer();
  await using lab = await openLab();
  await using s3 = await new S3Server({ bucket: "backups", ...KEYS }).open();
  await using app = startDeployApp({
    ...lab.env,
    DATABASE_URL: server.url,
    EDITION_STORE: "postgres",
    BACKUP_DIR: "s3://backups/app",
    AWS_ACCESS_KEY_ID: KEYS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: KEYS.secretAccessKey,
    AWS_ENDPOINT_URL_S3: s3.endpoint,
  });
  const first: JobName = "update-editions";
  for (const job of [first, ...JOB_NAMES.filter((name) => name !== first)]) {
    const run = await runDeployJob(app, job);
    assertEquals([run.state, run.error], ["succeeded", null], `${job}: ${app.logged()}`);
  }
  await checkLookup(app);
  for (const path of PATHS) {
    const response = await app.ask(path);
    const text = await response.text();
    assertEquals(response.status, 200, `${path}: ${text}`);
  }
  assert([...s3.objects.keys()].some((key) => key.endsWith("/manifest.json")));
  const warnings = app.logged().split("\n").filter((line) => /^(warn|error)/.test(line));
  assertEquals(warnings.filter((line) => !line.includes("worked on without a lock")), []);
  assertEquals(await app.stop(), 130);
});

Deno.test("the app for Deno Deploy listens without settings and ends at the first signal", async () => {
  await using app = startDeployApp({});
  // Nothing was opened, since the tokens alone are no database: the embedded one has no place.
  assertEquals((await app.ask("/livez")).status, 503);
  assertEquals(await app.stop("SIGTERM"), 143);
});

/** Deno Deploy kills five seconds after its signal; the rest is for a machine with much else to do. */
const KILLED_AFTER_MS = 6_500;

Deno.test("the app for Deno Deploy ends in time with a tick and a request waiting for a frozen database", async () => {
  await using server = await openPostgresServer();
  const others = JOB_NAMES.filter((job) => job !== "prune");
  await using app = startDeployApp({
    ...Object.fromEntries(others.map((job) => [`SCHEDULE_${job.toUpperCase().replaceAll("-", "_")}`, "off"])),
    DATABASE_URL: server.url,
    EDITION_STORE: "postgres",
    DENO_CRON_TEST_SCHEDULE_OFFSET: "100",
  });
  assertEquals((await app.ask("/v1/jobs")).status, 200);
  while (!app.logged().includes("prune")) await pass(20);
  const frozen = await listFamily(server.pid);
  for (const pid of frozen) Deno.kill(pid, "SIGSTOP");
  try {
    const waiting = app.ask("/v1/jobs").then((response) => response.text()).catch(() => "cut off");
    // The next tick fires.
    await pass(300);
    const askedAt = performance.now();
    assertEquals(await app.stop(), 130, app.logged());
    const tookMs = performance.now() - askedAt;
    assert(tookMs < KILLED_AFTER_MS, `${tookMs} ms`);
    await waiting;
  } finally {
    for (const pid of frozen) Deno.kill(pid, "SIGCONT");
  }
});

/** A process and those that it started. */
async function listFamily(pid: number): Promise<readonly number[]> {
  const children = await Deno.readTextFile(`/proc/${pid}/task/${pid}/children`);
  return [pid, ...children.trim().split(/\s+/).map(Number)];
}
