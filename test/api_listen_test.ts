import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { DENO_RUN } from "@ipcascade/testkit";
import { CLI_MAIN, openCliWorld } from "./run_cli.ts";

/** File handles of the server: some for itself, few for connections. */
const HANDLES = 200;

/** Tries until something is there, for ten seconds. */
async function until<Value>(attempt: () => Promise<Value> | Value): Promise<Value> {
  for (let tries = 0;; tries++) {
    try {
      return await attempt();
    } catch (error) {
      if (tries === 200) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

/** Connections with half a head each, more than the server has file handles for. */
async function exhaust(port: number): Promise<readonly Deno.Conn[]> {
  const head = new TextEncoder().encode("GET /livez HT");
  const connections: Deno.Conn[] = [];
  for (let i = 0; i < HANDLES; i++) {
    const connection = await Deno.connect({ port }).catch(() => null);
    if (connection === null) break;
    connections.push(connection);
    await connection.write(head).catch(() => {});
  }
  return connections;
}

Deno.test("serve listens again after it had no file handle left, and ends with 1 when it can't", async () => {
  await using world = await openCliWorld();
  const child = new Deno.Command("sh", {
    args: ["-c", `ulimit -n ${HANDLES}; exec "$0" "$@"`, Deno.execPath(), ...DENO_RUN, CLI_MAIN, "serve"],
    env: { ...world.env, PORT: "0" },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  let written = "";
  const reading = (async () => {
    for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) written += text;
  })();
  const port = await until(() => Number(/http:\/\/127\.0\.0\.1:(\d+)/.exec(written)![1]));
  const ask = async () => (await (await fetch(`http://127.0.0.1:${port}/livez`)).json()).status;
  const held = [...await exhaust(port)];
  await until(() => assertStringIncludes(written, "No connection can be taken"));
  // Those connections are still there: nobody has to let go.
  assertEquals(await until(ask), "alive");
  assertStringIncludes(written, "It listens again");

  held.push(...await exhaust(port));
  const other = await until(() => Deno.listen({ hostname: "127.0.0.1", port }));
  const { code } = await child.status;
  await reading;
  other.close();
  for (const connection of held) connection.close();
  assertEquals(code, 1, written);
  assert(/ipcascade: Cannot go on listening.*somebody else listens there/.test(written), written);
});
