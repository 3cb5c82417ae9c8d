import { assertEquals, assertStringIncludes } from "@std/assert";
import { openTempDir, WORLD, writeEditionPair } from "@ipcascade/testkit";
import { spawnCli } from "./run_cli.ts";

/** More than a pipe holds, by far. */
const LINES = 10_000;

/** Signals of one kind within 200 ms are taken for one. */
const BETWEEN_SIGNALS_MS = 250;

/** A command that hears nothing is killed, and the test fails. */
const DEADLINE_MS = 20_000;

const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

Deno.test("lookup hears signals while nobody takes its output: one ends it after that, three at once", async () => {
  await using dir = await openTempDir();
  await writeEditionPair(dir.join("editions"));
  const addresses = WORLD.map(({ address }) => address);
  const lines = Array.from({ length: LINES }, (_, at) => `${addresses[at % addresses.length]}\n`);
  await Deno.writeTextFile(dir.join("list.txt"), lines.join(""));
  const env = { IPCASCADE_DATA_DIR: dir.join("data"), GEOIPUPDATE_DB_DIR: dir.join("editions") };
  const start = async () => {
    const child = spawnCli(["lookup", dir.join("list.txt"), "--format", "ndjson"], env);
    const deadline = setTimeout(() => child.kill("SIGKILL"), DEADLINE_MS);
    child.status.finally(() => clearTimeout(deadline));
    const output = child.stdout.getReader();
    const first = (await output.read()).value!;
    child.kill("SIGTERM");
    const errors = child.stderr.getReader();
    assertStringIncludes(decode((await errors.read()).value!), "SIGTERM: finishing the batch in hand");
    return { child, output, errors, first };
  };
  const [once, thrice] = await Promise.all([start(), start()]);
  const again = setInterval(() => thrice.child.kill("SIGTERM"), BETWEEN_SIGNALS_MS);
  assertEquals((await thrice.child.status.finally(() => clearInterval(again))).code, 143);
  await Promise.all([thrice.output.cancel(), thrice.errors.cancel()]);

  let text = decode(once.first);
  for (let next = await once.output.read(); !next.done; next = await once.output.read()) {
    text += decode(next.value);
  }
  const records = text.split("\n").slice(0, -1).map((line) => JSON.parse(line));
  assertEquals(records.map(({ input }) => `${input}\n`), lines.slice(0, records.length));
  let said = "";
  for (let next = await once.errors.read(); !next.done; next = await once.errors.read()) {
    said += decode(next.value);
  }
  assertStringIncludes(said, "stopped early");
  assertEquals((await once.child.status).code, 143);
});
