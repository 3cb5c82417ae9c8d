import { assert, assertEquals, assertRejects } from "@std/assert";
import { JobRunningError, type Log, MS_PER_SECOND, VERSION } from "@ipcascade/core";
import { openJobRuns, openOperations, readSettings, type Settings } from "@ipcascade/platform";
import { openPostgresServer, openTempDir, type TempDir } from "@ipcascade/testkit";
import { openLab } from "@ipcascade/testkit/lab";

const LOG: Log = { debug() {}, info() {}, warn() {}, error() {} };
const ORDER = { job: "update-editions", actor: "a test" } as const;

/** Settings with a provider of editions that takes connections and never answers. */
function settingsOf(dir: TempDir, silentPort: number, env: Record<string, string>): Settings {
  const own = {
    IPCASCADE_DATA_DIR: dir.join("data"),
    GEOIPUPDATE_HOST: `http://127.0.0.1:${silentPort}`,
    GEOIPUPDATE_ACCOUNT_ID: "1",
    GEOIPUPDATE_LICENSE_KEY: "lab-key-0000",
  };
  return readSettings({ env: { ...own, ...env }, flags: {}, readFile: () => null });
}

/** Ends while a job waits for its provider. */
async function endDuringRun(env: Record<string, string>) {
  await using dir = await openTempDir();
  using silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const settings = settingsOf(dir, silent.addr.port, env);
  const operations = await openOperations(settings, LOG, { version: VERSION });
  const { run } = await operations.startJob(ORDER);
  using _asked = await silent.accept();
  await assertRejects(() => operations.startJob(ORDER), JobRunningError, run.id);
  const startedMs = performance.now();
  await operations[Symbol.asyncDispose]();
  assert(performance.now() - startedMs < 6 * MS_PER_SECOND);
  await using opened = await openJobRuns(settings, LOG);
  const found = await opened.runs.find(run.id);
  assertEquals([found?.outcome, found?.error === null], ["stopped", false]);
}

Deno.test("operations that end stop a run, which is recorded as stopped", async (t) => {
  await t.step("on the embedded database", () => endDuringRun({}));
  await t.step("on a server", async () => {
    await using server = await openPostgresServer();
    await endDuringRun({ DATABASE_URL: await server.createDatabase() });
  });
});

Deno.test("two processes' operations on one server begin one run of a job", async () => {
  await using server = await openPostgresServer();
  await using dir = await openTempDir();
  await using lab = await openLab();
  using silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const env = { ...lab.env, DATABASE_URL: await server.createDatabase() };
  const settings = settingsOf(dir, silent.addr.port, {
    ...env,
    GEOIPUPDATE_HOST: `http://127.0.0.1:${silent.addr.port}`,
  });
  await using first = await openOperations(settings, LOG, { version: VERSION });
  await using second = await openOperations(settings, LOG, { version: VERSION });
  const begun = await Promise.allSettled(
    [first, second, first, second, first, second].map((operations) => operations.startJob(ORDER)),
  );
  assertEquals(begun.filter(({ status }) => status === "fulfilled").length, 1);
  for (const result of begun) {
    if (result.status === "rejected") assert(result.reason instanceof JobRunningError, String(result.reason));
  }
  const listed = await second.listJobs();
  const job = listed.jobs.find(({ name }) => name === "update-editions")!;
  assertEquals([job.last_run?.state, job.grade, job.last_success_at], ["running", "ok", null]);
});
