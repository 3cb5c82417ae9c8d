import { assertEquals, assertStringIncludes } from "@std/assert";
import { JOB_SCHEDULES, type JobName } from "@ipcascade/core";
import { type CliWorld, openCliWorld, spawnCli } from "./run_cli.ts";

const ON = (Object.keys(JOB_SCHEDULES) as JobName[]).filter((job) => JOB_SCHEDULES[job] !== null);
/** Every cron fires again and again, each time so long after its last run. */
const FIRE_SOON = { DENO_CRON_TEST_SCHEDULE_OFFSET: "500" } as const;

interface Run {
  readonly job: JobName;
  readonly state: string;
  readonly started_by: string;
  readonly tick_at: string | null;
}

/** The runs so far, once the scheduler leaves the embedded database for a moment. */
async function readRuns(world: CliWorld): Promise<readonly Run[]> {
  while (true) {
    const { code, stdout, stderr } = await world.run([
      "jobs",
      "history",
      "--limit",
      "100",
      "--format",
      "json",
    ]);
    if (code === 0) return JSON.parse(stdout).runs;
    assertEquals(code, 5, stderr);
  }
}

Deno.test("schedule runs every job once for its tick, and leaves the embedded database to commands", async () => {
  await using world = await openCliWorld({ editions: false });
  const child = spawnCli(["schedule"], { ...world.env, ...FIRE_SOON });
  const said = readUntil(
    child.stderr,
    (text) => ON.every((job) => new RegExp(`The job ran at=\\S+ job=${job} `).test(text)),
  );
  await said.found;
  const runs = await readRuns(world);
  child.kill("SIGTERM");
  assertEquals((await child.status).code, 143, said.text());
  await child.stdout.cancel();
  await said.ended;
  assertStringIncludes(said.text(), "Off: recover-editions");
  const listed = runs.map(({ job, state, started_by: by, tick_at: tick }) =>
    `${job} ${by} ${state} ${tick !== null}`
  );
  assertEquals(listed.sort(), ON.map((job) => `${job} timer succeeded true`).sort(), said.text());
});

Deno.test("serve --schedule: both doors have the embedded database, and end together", async () => {
  await using world = await openCliWorld({ editions: false });
  const off = Object.fromEntries(
    ON.map((job) => [`SCHEDULE_${job.replaceAll("-", "_").toUpperCase()}`, "off"]),
  );
  const env = { ...world.env, ...off, SCHEDULE_SNAPSHOT_COVERAGE: "55 23 * * *", ...FIRE_SOON, PORT: "0" };
  const child = spawnCli(["serve", "--schedule"], env);
  const said = readUntil(child.stderr, (text) => /The job ran at=\S+Z job=snapshot-coverage /.test(text));
  await said.found;
  const [, address] = /The API listens on (\S+);/.exec(said.text())!;
  const { runs } = await (await fetch(`${address}/v1/jobs/snapshot-coverage/runs`)).json();
  assertEquals(runs.map((run: Run) => [run.state, run.started_by]), [["succeeded", "timer"]]);
  child.kill("SIGINT");
  assertEquals((await child.status).code, 130, said.text());
  await child.stdout.cancel();
  await said.ended;
});

Deno.test("schedule says that every job is off", async () => {
  await using world = await openCliWorld({ editions: false });
  const off = Object.fromEntries(
    ON.map((job) => [`SCHEDULE_${job.replaceAll("-", "_").toUpperCase()}`, "off"]),
  );
  const { code, stderr } = await world.run(["schedule"], { env: off });
  assertEquals(code, 2, stderr);
  assertStringIncludes(stderr, "every one is off");
});

function readUntil(stream: ReadableStream<Uint8Array>, isWanted: (text: string) => boolean) {
  let text = "";
  const found = Promise.withResolvers<void>();
  const read = async () => {
    for await (const part of stream.pipeThrough(new TextDecoderStream())) {
      text += part;
      if (isWanted(text)) found.resolve();
    }
    found.reject(new Error(`It ended before: ${text}`));
  };
  found.promise.catch(() => {});
  return { found: found.promise, ended: read(), text: () => text };
}
