import { migrate } from "@ipcascade/store";
import { connectServer } from "../../packages/store/testing/databases.ts";
import { type BackupLoad, digestTables, listDifferences, seedEverything } from "./backup_rows.ts";
import { breakUploads, breakWays, sweepUploads } from "./backup_s3_breaks.ts";
import { keepContract, refuseWrongKeys, removeEverything } from "./backup_s3_refusals.ts";
import { openS3World, type S3World } from "./backup_s3_world.ts";
import type { Evidence } from "./figures.ts";
import { findMissingSwift } from "./swift_server.ts";

type Figures = Record<string, number | string>;

/**
 * Backups in OpenStack Swift, which speaks S3, checks signatures and has parts: by the command they are made, listed,
 * verified and restored; connections that break are gone over; what is killed or cut off for good is not listed, and
 * swept after a day; a wrong key ends it with the server's reason, and no key is ever said.
 */
export async function proveBackupS3(load: BackupLoad): Promise<Evidence> {
  const conditions =
    `${load.rows} inventory rows, ${load.sessions} sessions on PostgreSQL, OpenStack Swift ` +
    "with s3api and one replica, all on this machine, each step a process";
  const missing = await findMissingSwift();
  if (missing !== null) return { conditions, figures: {}, broken: [missing] };
  await using world = await openS3World();
  const figures: Figures = {};
  const { id, digests } = await goAround(world, load, figures);
  Object.assign(figures, await breakWays(world));
  Object.assign(figures, await breakUploads(world));
  Object.assign(figures, await sweepUploads(world));
  Object.assign(figures, await refuseWrongKeys(world, id));
  await keepContract(world);
  await world.run("verify all", ["backup", "verify", "--all"]);
  await restoreElsewhere(world, id, digests);
  Object.assign(figures, await removeEverything(world));
  world.checkSecrets([world.swift.secretAccessKey, world.swift.accessKeyId]);
  return { conditions, figures, broken: world.claims.broken };
}

/** Makes a backup, lists, verifies and restores it. */
async function goAround(world: S3World, load: BackupLoad, figures: Figures) {
  const { claims, run, proxy, urls } = world;
  const source = connectServer(urls[0], 1);
  try {
    await migrate(source);
    await seedEverything(source, load);
    const digests = await digestTables(source);
    const made = await run("create", ["backup", "create"]);
    const id = String(JSON.parse(made.stdout || "{}").backup?.id);
    const ids = await world.listIds();
    claims.check(ids.length === 1 && ids[0] === `${id} ok`, `listed are ${ids.join(", ")}, made was ${id}`);
    const verified = await run("verify", ["backup", "verify", id]);
    const seconds = await restoreElsewhere(world, id, digests);
    const { files } = await world.look();
    const parts = proxy.requests.filter((request) => /^PUT .*partNumber=/.test(request)).length;
    claims.check(parts > 1, `${parts} parts were sent`);
    Object.assign(figures, {
      "create s": made.seconds.toFixed(1),
      "create peak MB": made.peakMb,
      "verify s": verified.seconds.toFixed(1),
      "restore s": seconds.toFixed(1),
      "largest file MB": (Math.max(0, ...files.values()) / 1e6).toFixed(1),
      parts,
    });
    return { id, digests };
  } finally {
    await source.close();
  }
}

/** Restores into the other database and compares. Gives the seconds. */
async function restoreElsewhere(
  { claims, run, urls }: S3World,
  id: string,
  digests: Readonly<Record<string, string>>,
): Promise<number> {
  const { seconds } = await run("restore", ["restore", id, "--yes"], { env: { DATABASE_URL: urls[1] } });
  const target = connectServer(urls[1], 1);
  try {
    const differing = listDifferences(digests, await digestTables(target));
    claims.check(differing.length === 0, `the restored database differs: ${differing.join("; ")}`);
  } finally {
    await target.close();
  }
  return seconds;
}
