import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { JOB_SCHEDULES } from "@ipcascade/core";
import { openTempDir, type TempDir } from "@ipcascade/testkit";

const ROOT = new URL("..", import.meta.url).pathname;
const MAIN = new URL("../apps/scheduler/main.ts", import.meta.url).href;

/** Notes what is registered, as a host that evaluates the entry does, then ends. */
const PROBE = `
const seen = [];
const real = Deno.cron;
const value = (...parts) => { seen.push([parts[0], parts[1], parts[2]?.backoffSchedule ?? null]); return real(...parts); };
Object.defineProperty(Deno, "cron", { configurable: true, value });
await import(Deno.args[0]);
console.log(JSON.stringify(seen));
setTimeout(() => Deno.exit(0), 100);
`;

type Registered =
  readonly (readonly [name: string, line: string, backoffSchedule: readonly number[] | null])[];

interface Import {
  readonly code: number;
  readonly registered: Registered;
  readonly stderr: string;
}

interface ImportOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** The default is nothing but reading the environment and the product. */
  readonly permissions?: readonly string[];
}

const LEAST = [
  "--allow-env",
  `--allow-read=${ROOT}`,
  "--deny-net",
  "--deny-write",
  "--deny-run",
  "--deny-sys",
];

/** Imports the entry from a directory without a configuration, where no package is known by its name. */
async function importMain(dir: TempDir, options: ImportOptions = {}): Promise<Import> {
  const { env = {}, permissions = LEAST } = options;
  await Deno.mkdir(dir.join("home"), { recursive: true });
  await Deno.writeTextFile(dir.join("probe.js"), PROBE);
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-q", "--no-prompt", "--unstable-cron", ...permissions, dir.join("probe.js"), MAIN],
    cwd: dir.path,
    clearEnv: true,
    env: {
      HOME: dir.join("home"),
      DENO_DIR: Deno.env.get("DENO_DIR") ?? `${Deno.env.get("HOME")}/.cache/deno`,
      NO_COLOR: "1",
      ...env,
    },
    stdin: "null",
  }).output();
  const text = new TextDecoder().decode(stdout);
  return { code, registered: text === "" ? [] : JSON.parse(text), stderr: new TextDecoder().decode(stderr) };
}

Deno.test("apps/scheduler/main.ts registers 6 to 10 jobs without any environment, net, disk or configuration", async () => {
  await using dir = await openTempDir();
  const { code, registered, stderr } = await importMain(dir);
  assertEquals([code, stderr], [0, ""]);
  assertEquals(
    registered.map(([name, line]) => [name, line]),
    Object.entries(JOB_SCHEDULES).flatMap(([name, line]) => line === null ? [] : [[name, line]]),
  );
  assert(registered.length >= 6 && registered.length <= 10, String(registered.length));
  for (const [name, , backoffSchedule] of registered) assertEquals(backoffSchedule, [60_000, 600_000], name);
});

Deno.test("apps/scheduler/main.ts writes nothing where it may, and reads its lines from the settings file", async () => {
  await using dir = await openTempDir();
  await Deno.mkdir(dir.join("home/data"), { recursive: true });
  await Deno.writeTextFile(
    dir.join("home/data/ipcascade.env"),
    "SCHEDULE_BACK_UP=off\nDATABASE_URL=nonsense\n",
  );
  const env = {
    IPCASCADE_DATA_DIR: dir.join("home/data"),
    SCHEDULE_CHECK_QUOTA: "5 */2 * * *",
    PORT: "no port",
  };
  const { code, registered } = await importMain(dir, { env, permissions: ["-A", "--deny-net"] });
  assertEquals(code, 0);
  const lines = new Map(registered.map(([name, line]) => [name, line]));
  assertEquals([lines.get("back-up"), lines.get("check-quota")], [undefined, "5 */2 * * *"]);
  assertEquals(await listFiles(dir.join("home")), ["data", "data/ipcascade.env"]);
});

Deno.test("apps/scheduler/main.ts stops at a line that means something else, with the line that was meant", async () => {
  await using dir = await openTempDir();
  const { code, registered, stderr } = await importMain(dir, {
    env: { SCHEDULE_UPDATE_EDITIONS: "0 2 * * 0" },
  });
  assertEquals([code, registered], [1, []]);
  assertStringIncludes(stderr, 'UsageError: Cannot read SCHEDULE_UPDATE_EDITIONS "0 2 * * 0" (environment)');
  assertMatch(stderr, /did you mean 0 2 \* \* SUN\?/);
});

async function listFiles(dir: string, prefix = ""): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(dir)) {
    found.push(prefix + name, ...(isDirectory ? await listFiles(`${dir}/${name}`, `${prefix}${name}/`) : []));
  }
  return found.sort();
}
