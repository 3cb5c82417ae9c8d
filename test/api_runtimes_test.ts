import { openPostgresServer } from "@ipcascade/testkit";
import { DENO_RUN } from "@ipcascade/testkit";
import { openCliWorld } from "./run_cli.ts";
import { DOOR_CASES } from "./runtimes/door_suite.ts";
import { openWorkerdDoor, waitForAnswer } from "./runtimes/workerd.ts";

const ROOT = new URL("../", import.meta.url).pathname;
const BIN = `${ROOT}node_modules/.bin/`;
const MAIN = `${ROOT}apps/api/main.ts`;

/** How each runtime serves the door; the port is in the environment or the last argument. */
const SERVED: Readonly<Record<string, (port: number) => readonly string[]>> = {
  Deno: () => [Deno.execPath(), ...DENO_RUN, MAIN],
  Bun: () => [`${BIN}bun`, MAIN],
  Node: () => [`${BIN}tsx`, MAIN],
  "deno serve --parallel": (port) => [
    Deno.execPath(),
    "serve",
    "-A",
    "-q",
    "--node-modules-dir=manual",
    "--parallel",
    "--host=127.0.0.1",
    `--port=${port}`,
    `${ROOT}apps/api/fetch.ts`,
  ],
};

for (const [runtime, describe] of Object.entries(SERVED)) {
  Deno.test(`the API passes the door's suite on ${runtime}`, async (t) => {
    await using world = await openCliWorld();
    await using server = await openPostgresServer();
    const port = findFreePort();
    const [command, ...args] = describe(port);
    const child = new Deno.Command(command!, {
      args,
      env: {
        PATH: Deno.env.get("PATH") ?? "",
        HOME: Deno.env.get("HOME") ?? "",
        ...world.env,
        DATABASE_URL: await server.createDatabase(),
        PORT: String(port),
      },
      clearEnv: true,
      stdout: "null",
      stderr: "inherit",
    }).spawn();
    const address = `http://127.0.0.1:${port}`;
    await waitForAnswer(`${address}/livez`);
    for (const { name, check } of DOOR_CASES) await t.step(name, () => check(address));
    await t.step("SIGTERM ends it", async () => {
      child.kill("SIGTERM");
      const { code } = await child.status;
      if (code !== 143) throw new Error(`It ended with ${code}`);
    });
  });
}

Deno.test("the app passes the door's suite in workerd", async (t) => {
  await using door = await openWorkerdDoor();
  for (const { name, check } of DOOR_CASES) await t.step(name, () => check(door.address));
});

function findFreePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}
