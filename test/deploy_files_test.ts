import { assert, assertEquals } from "@std/assert";
import { JOB_NAMES, JOB_SCHEDULES, type JobName } from "@ipcascade/core";
import { nextTick } from "@ipcascade/platform";
import { openTempDir } from "@ipcascade/testkit";
import { parseYaml } from "@redocly/openapi-core";
import { validate } from "dockerfile-utils";
import { listElapses, runSystemdAnalyze, systemdTest } from "./systemd.ts";

const PLACE = new URL("../deploy/", import.meta.url);
const ROOT = new URL("../", import.meta.url).pathname;
/** Where the guide puts the checkout. */
const INSTALLED = "/opt/ipcascade/";
const COMMAND = `${INSTALLED}deploy/bin/ipcascade`;

/** Jobs that a timer starts unless somebody switches them off. */
const ON: readonly JobName[] = JOB_NAMES.filter((job) => JOB_SCHEDULES[job] !== null);

function readText(file: string): Promise<string> {
  return Deno.readTextFile(new URL(file, PLACE));
}

function listUnits(): readonly string[] {
  return Array.from(Deno.readDirSync(new URL("systemd/", PLACE)), ({ name }) => name).sort();
}

Deno.test("the crontab starts each job that is on by its name, at the line of the catalogue", async () => {
  const lines = (await readText("crontab")).split("\n").filter((line) => /^[\d*]/.test(line));
  const found = lines.map((line) => {
    const [, schedule, user, command] = /^(\S+ \S+ \S+ \S+ \S+) +(\S+) +(.+)$/.exec(line)!;
    return { schedule, user, command };
  });
  const expected = ON.map((job) => ({
    schedule: JOB_SCHEDULES[job] as string,
    user: "ipcascade",
    command: `${COMMAND} jobs run ${job} --wait --quiet >/dev/null`,
  }));
  const sort = (all: typeof found) => [...all].sort((a, b) => a.command!.localeCompare(b.command!));
  assertEquals(sort(found), sort(expected));
});

Deno.test("there is one systemd timer for each job that is on", () => {
  const timers = listUnits().filter((name) => name.endsWith(".timer"));
  assertEquals(timers, ON.map((job) => `ipcascade-job-${job}.timer`).sort());
});

for (const job of ON) {
  Deno.test(
    systemdTest(`the systemd timer of ${job} elapses when the timer of ipcascade ticks`),
    async () => {
      const unit = await readText(`systemd/ipcascade-job-${job}.timer`);
      const line = /^OnCalendar=(.+)$/m.exec(unit)![1]!;
      assertEquals(/^Unit=(.+)$/m.exec(unit)![1], `ipcascade-job@${job}.service`);
      const start = Date.UTC(2027, 0, 30, 12);
      const ticks: number[] = [];
      for (let tick: number | null = start; ticks.length < 15;) {
        tick = nextTick(JOB_SCHEDULES[job]!, tick!);
        ticks.push(tick!);
      }
      assertEquals(await listElapses(line, start, ticks.length), ticks);
    },
  );
}

Deno.test(systemdTest("systemd finds nothing wrong with the units"), async () => {
  await using dir = await openTempDir();
  for (const name of listUnits()) {
    const text = await readText(`systemd/${name}`);
    await Deno.writeTextFile(dir.join(name), text.replaceAll(INSTALLED, ROOT));
  }
  const files = listUnits().map((name) => dir.join(name.replace("@.", "@back-up.")));
  await Deno.copyFile(dir.join("ipcascade-job@.service"), dir.join("ipcascade-job@back-up.service"));
  const { code, output } = await runSystemdAnalyze(["verify", "--recursive-errors=no", "--man=no", ...files]);
  // Units of the machine that runs the test are none of it.
  const complaints = output.split("\n").filter((line) => line.includes("ipcascade"));
  assertEquals({ code, complaints }, { code: 0, complaints: [] });
});

Deno.test("services run without rights and end as the program does", async () => {
  for (const name of listUnits().filter((unit) => unit.endsWith(".service"))) {
    const text = await readText(`systemd/${name}`);
    for (
      const line of [
        "User=ipcascade",
        "EnvironmentFile=/etc/ipcascade/ipcascade.env",
        "NoNewPrivileges=yes",
        "ProtectSystem=strict",
        "StateDirectory=ipcascade",
        "KillSignal=SIGTERM",
        "SuccessExitStatus=143",
      ]
    ) assert(text.includes(`\n${line}\n`), `${name}: ${line}`);
    assert(text.includes(`ExecStart=${COMMAND} `), name);
  }
});

Deno.test("the Dockerfile has no mistake that its language knows, pins its image and runs as nobody", async () => {
  const text = await readText("Dockerfile");
  assertEquals(validate(text).map(({ message, range }) => `${range.start.line + 1}: ${message}`), []);
  const images = text.match(/^FROM \S+/gm)!;
  for (const image of images) assertEquals(image, "FROM denoland/deno:2.9.6");
  const last = text.slice(text.lastIndexOf("FROM "));
  assert(/^USER deno$/m.test(last) && /^HEALTHCHECK /m.test(last));
  assertEquals(/(KEY|TOKEN|PASSWORD|SECRET)\w*=/.test(text), false);
});

interface ComposeService {
  readonly image?: string;
  readonly secrets?: readonly string[];
  readonly volumes?: readonly string[];
  readonly depends_on?: unknown;
}

Deno.test("the compose file names only what there is, pins its images and holds no secret", async () => {
  const text = await readText("compose.yaml");
  const { services, secrets, volumes } = parseYaml(text) as {
    readonly services: Readonly<Record<string, ComposeService>>;
    readonly secrets: Readonly<Record<string, { readonly file: string }>>;
    readonly volumes: Readonly<Record<string, null>>;
  };
  assertEquals(Object.keys(services), ["serve", "schedule", "postgres", "prometheus"]);
  for (const [name, service] of Object.entries(services)) {
    assert(/:v?\d+\.\d+(\.\d+)?$/.test(service.image ?? ""), `${name}: ${service.image}`);
    for (const secret of service.secrets ?? []) assert(secret in secrets, `${name}: ${secret}`);
    for (const volume of service.volumes ?? []) {
      const [source = ""] = volume.split(":");
      if (source.startsWith(".")) await Deno.stat(new URL(source, PLACE));
      else assert(source in volumes, `${name}: ${source}`);
    }
    const others = service.depends_on ?? [];
    for (const other of Array.isArray(others) ? others : Object.keys(others)) {
      assert(other in services, other);
    }
  }
  for (const { file } of Object.values(secrets)) assert(file.startsWith("./secrets/"), file);
  assertEquals(/(password|token|key)s?: *["']?[\w-]{8,}/i.test(text.replaceAll(/_FILE: \S+/g, "")), false);
});

Deno.test("the guide names every file that is there for deploying", async () => {
  const guide = await Deno.readTextFile(new URL("../docs/deploy.md", PLACE));
  for (const name of ["deploy/systemd", "deploy/crontab", "deploy/Dockerfile", "deploy/compose.yaml"]) {
    assert(guide.includes(name), name);
  }
});

Deno.test("Deno Deploy is told where the app is, and how it is installed", async () => {
  const { deploy } = JSON.parse(await Deno.readTextFile(`${ROOT}deno.json`));
  const [, script] = /^deno run -A -q (\S+) --in-place$/.exec(deploy.install)!;
  for (const file of [script!, deploy.runtime.entrypoint]) await Deno.stat(`${ROOT}${file}`);
});
