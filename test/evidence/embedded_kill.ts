import { openPgliteDatabase } from "@ipcascade/platform";
import { openCliWorld, spawnCli } from "../run_cli.ts";
import { Claims, type Evidence } from "./figures.ts";

/** Rounds of kill -9 against the embedded database: no record that was delivered is lost, and the lock comes back. */
export async function proveEmbeddedKills(options: { readonly rounds: number }): Promise<Evidence> {
  const { rounds } = options;
  const claims = new Claims();
  await using world = await openCliWorld();
  const acknowledged = new Set<string>();
  for (let round = 0; round < rounds; round++) {
    const child = spawnCli(
      ["enrich", `5.${round}.0.0/16`, "--offline", "--format", "ndjson", "--batch-size", "500"],
      world.env,
    );
    const stderr = new Response(child.stderr).text();
    await readUntil(child.stdout, 2_000 + round * 1_500, acknowledged);
    child.kill("SIGKILL");
    await child.status;
    const said = await stderr;
    claims.check(!said.includes("ipcascade:"), `round ${round} complained: ${said.slice(-200)}`);
  }
  const holder = spawnCli(["enrich", "-", "--format", "ndjson"], world.env, "piped");
  const writer = holder.stdin.getWriter();
  await writer.write(new TextEncoder().encode("8.8.8.8\n"));
  const reader = holder.stdout.getReader();
  await reader.read();
  const startedAt = performance.now();
  const second = await world.run(["enrich", "1.1.1.1"]);
  const refusedMs = Math.round(performance.now() - startedAt);
  claims.check(second.code === 5, `a second process ended with ${second.code} instead of 5`);
  claims.check(
    second.stderr.includes(String(holder.pid)),
    `the refusal does not name pid ${holder.pid}: ${second.stderr}`,
  );
  await writer.close();
  reader.releaseLock();
  await holder.stdout.cancel();
  await holder.stderr.cancel();
  await holder.status;

  const database = await openPgliteDatabase(world.dir.join("data"));
  const rows = await database.query<{ ip: string }>("select host(ip_address) as ip from ip_inventory");
  await database.close();
  const stored = new Set(rows.map((row) => row.ip));
  const lost = [...acknowledged].filter((address) => !stored.has(address));
  claims.check(lost.length === 0, `${lost.length} delivered records are not stored, such as ${lost[0]}`);
  return {
    conditions: `${rounds} rounds of SIGKILL while a /16 is enriched in batches of 500, PGlite`,
    figures: { acknowledged: acknowledged.size, stored: stored.size, lost: lost.length, refusedMs },
    broken: claims.broken,
  };
}

async function readUntil(
  stream: ReadableStream<Uint8Array>,
  count: number,
  acknowledged: Set<string>,
): Promise<void> {
  const decoder = new TextDecoder();
  let rest = "";
  let seen = 0;
  for await (const chunk of stream) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop()!;
    for (const line of lines) acknowledged.add(JSON.parse(line).ip_address);
    seen += lines.length;
    if (seen >= count) return;
  }
}
