import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { JOB_NAMES, type JobName } from "@ipcascade/core";
import { scheduleName } from "@ipcascade/platform";
import { DENO_RUN, openTempDir, type TempDir } from "@ipcascade/testkit";

const MAIN = new URL("../apps/scheduler/main.ts", import.meta.url).pathname;

/** The scheduler as a program, with one job that fires at once and again and again. */
function startScheduler(dir: TempDir, job: JobName, env: Readonly<Record<string, string>> = {}) {
  const off = JOB_NAMES.filter((name) => name !== job).map((name) => [scheduleName(name), "off"]);
  return new Deno.Command(Deno.execPath(), {
    args: [...DENO_RUN, MAIN],
    clearEnv: true,
    env: {
      HOME: dir.path,
      DENO_DIR: Deno.env.get("DENO_DIR") ?? `${Deno.env.get("HOME")}/.cache/deno`,
      PATH: Deno.env.get("PATH") ?? "",
      NO_COLOR: "1",
      DENO_CRON_TEST_SCHEDULE_OFFSET: "50",
      ...Object.fromEntries(off),
      ...env,
    },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
}

/** Reads what a process says until it has said so, or to the end where it may say anything. */
async function readUntil(reader: ReadableStreamDefaultReader<string>, said: string | null): Promise<string> {
  let text = "";
  while (said === null || !text.includes(said)) {
    const { value, done } = await reader.read();
    if (done && said !== null) throw new Error(`It ended without saying "${said}": ${text}`);
    if (done) break;
    text += value;
  }
  return text;
}

Deno.test("apps/scheduler/main.ts runs what is due, and ends with 143 by SIGTERM", async () => {
  await using dir = await openTempDir();
  const child = startScheduler(dir, "check-quota");
  const reader = child.stderr.pipeThrough(new TextDecoderStream()).getReader();
  const said = await readUntil(reader, "The job ran");
  assertMatch(said, /info: The job ran job=check-quota tick_at=\S+ run=\S+ outcome=succeeded attempt=1/);
  // The tick is one and the same, however often it is told.
  if (!said.includes("dealt with before")) await readUntil(reader, "The tick was dealt with before");
  child.kill("SIGTERM");
  assertStringIncludes(await readUntil(reader, null), "Ending what runs signal=SIGTERM");
  assertEquals((await child.status).code, 143);
});

Deno.test("apps/scheduler/main.ts leaves ticks of a branch's timeline alone, and opens nothing for them", async () => {
  await using dir = await openTempDir();
  const timeline = { DENO_DEPLOY: "true", DENO_TIMELINE: "git-branch/staging", DATABASE_URL: "nonsense" };
  const child = startScheduler(dir, "back-up", timeline);
  const reader = child.stderr.pipeThrough(new TextDecoderStream()).getReader();
  const said = await readUntil(reader, "No job is run here");
  child.kill("SIGTERM");
  await reader.cancel();
  await child.status;
  assertStringIncludes(said, "job=back-up");
  assertStringIncludes(said, "git-branch/staging");
  assertEquals(await Array.fromAsync(Deno.readDir(dir.path)), []);
});

Deno.test("apps/scheduler/main.ts says at the first tick which setting can't be used", async () => {
  await using dir = await openTempDir();
  const child = startScheduler(dir, "back-up", { PORT: "no port" });
  const reader = child.stderr.pipeThrough(new TextDecoderStream()).getReader();
  const said = await readUntil(reader, "PORT");
  child.kill("SIGTERM");
  await reader.cancel();
  await child.status;
  assert(said.includes('Cannot read PORT "no port"'), said);
});
