import { readEditionStatus, verifyEditions } from "@ipcascade/operations";
import { buildOf, type EditionWorld, openEditionWorld } from "../edition_world.ts";
import { spawnCli } from "../run_cli.ts";
import { Claims, type Evidence } from "./figures.ts";
import { killAfter } from "./kill_after.ts";

/** In days. */
const MINUTE = 1 / 1_440;

/** A whole update takes about this long on the machine, start-up included; kills are spread over it. */
async function measureUpdateMs(world: EditionWorld): Promise<number> {
  const startedMs = performance.now();
  await spawnUpdate(world).output();
  return performance.now() - startedMs;
}

function spawnUpdate(world: EditionWorld): Deno.ChildProcess {
  const env = { ...world.lab.env, IPCASCADE_DATA_DIR: world.settings.dataDir };
  return spawnCli(["editions", "update", "--format", "json"], env);
}

/**
 * Rounds of kill -9 against `editions update` as a process at random moments, a new release each time: the old or the
 * new set serves whole, `status` and `verify` are content, and the next update succeeds.
 */
export async function proveUpdateKills(options: { readonly rounds: number }): Promise<Evidence> {
  const claims = new Claims();
  await using world = await openEditionWorld();
  const updateMs = await measureUpdateMs(world);
  const seen = { served_old: 0, served_new: 0, killed_within: 0, ended_before: 0 };
  for (let round = 1; round <= options.rounds; round++) {
    const [before, after] = [buildOf((round - 1) * MINUTE), buildOf(round * MINUTE)];
    world.publish(round * MINUTE);
    const child = spawnUpdate(world);
    const { code, signal } = await killAfter(child, Math.random() * updateMs);
    if (signal === "SIGKILL") seen.killed_within++;
    else seen.ended_before++;
    claims.check(signal === "SIGKILL" || code === 0, `round ${round}: the update ends with ${code}`);
    const served = await checkServing(world, [before, after], `round ${round}`, claims);
    if (served === after) seen.served_new++;
    else seen.served_old++;
    const next = await world.update();
    claims.check(next.error === null, `round ${round}: the next update says ${next.error?.message}`);
    await checkServing(world, [after], `round ${round}, next update`, claims);
  }
  const { objectStoreDownloads } = world.lab.requests;
  return {
    conditions: `${options.rounds} rounds of SIGKILL 0 to ${
      Math.round(updateMs)
    } ms after the command starts, small editions, lab on loopback`,
    figures: { rounds: options.rounds, ...seen, downloads: objectStoreDownloads },
    broken: claims.broken,
  };
}

/** Checks that one whole set serves, of one of these builds. Gives its build. */
async function checkServing(
  world: EditionWorld,
  allowed: readonly number[],
  when: string,
  claims: Claims,
): Promise<number | null> {
  const status = await readEditionStatus(world.deps, world.options);
  claims.check(status.grade !== "critical", `${when}: status is ${JSON.stringify(status.items)}`);
  const [city, asn] = status.items.map(({ build_epoch }) => build_epoch);
  claims.check(city === asn, `${when}: City of ${city} serves with ASN of ${asn}`);
  claims.check(city !== null && allowed.includes(city!), `${when}: build ${city} serves, not ${allowed}`);
  const { verdict } = await verifyEditions(world.deps, { policy: world.options.policy });
  claims.check(verdict === "ok", `${when}: verification says ${verdict}`);
  return city ?? null;
}
