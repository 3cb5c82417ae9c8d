import { listBackups } from "@ipcascade/operations";
import { BACKUP_PLACE_CONTRACT, runContract } from "@ipcascade/testkit";
import { createNodeClock } from "@ipcascade/platform";
import { MS_PER_DAY } from "@ipcascade/core";
import { createBackupS3Subject } from "../../packages/platform/testing/backup_s3_subject.ts";
import { S3Client } from "../../packages/platform/backup_s3_client.ts";
import { S3Objects } from "../../packages/platform/backup_s3_objects.ts";
import { BUCKET, type Env, type S3World } from "./backup_s3_world.ts";

interface Wrong {
  readonly name: string;
  readonly env: Env;
  readonly code: string;
}

const WRONG: readonly Wrong[] = [
  {
    name: "a wrong secret key",
    env: { AWS_SECRET_ACCESS_KEY: "wrong-secret-4714" },
    code: "SignatureDoesNotMatch",
  },
  // Swift doesn't say which of the two is wrong.
  { name: "a wrong key id", env: { AWS_ACCESS_KEY_ID: "backups:other" }, code: "SignatureDoesNotMatch" },
  { name: "an unknown bucket", env: { BACKUP_DIR: "s3://other-1/a" }, code: "NoSuchBucket" },
  { name: "another region", env: { AWS_REGION: "eu-west-1" }, code: "AuthorizationHeaderMalformed" },
];

/** The command ends with 1 and the server's own word for what is wrong, and says no key. */
export async function refuseWrongKeys(
  world: S3World,
  id: string,
): Promise<Record<string, number | string>> {
  const { claims, run, swift } = world;
  const commands = [["backup"], ["backup", "create"], ["backup", "verify", id], ["backup", "prune"], [
    "restore",
    id,
    "--yes",
  ]];
  const before = (await world.look()).bytes;
  for (const { name, env, code } of WRONG) {
    for (const command of commands) {
      const what = `${command.slice(0, 2).join(" ")} with ${name}`;
      const { stderr } = await run(what, command, { env, code: 1 });
      claims.check(stderr.includes(code), `${what} says ${stderr.trim()}`);
    }
  }
  await using late = await world.openAhead(1, swift.endpoint);
  const said = await listBackups(late.deps).then(() => "nothing", (error: Error) => error.message);
  claims.check(said.includes("RequestTimeTooSkewed"), `a clock an hour ahead is told as ${said}`);
  claims.check((await world.look()).bytes === before, "refused requests change what is stored");
  world.checkSecrets(["wrong-secret-4714", "backups:other"]);
  return { "refusals told": WRONG.length * commands.length + 1 };
}

/** Swift keeps every promise of a place of backups. */
export async function keepContract({ claims, swift, env }: S3World): Promise<void> {
  const machine = createNodeClock();
  // What was left a moment ago is two days old to it.
  const clock = { ...machine, now: () => machine.now() + 2 * MS_PER_DAY };
  const step = async (name: string, run: () => Promise<void>) => {
    const problem = await run().then(() => null, (error: unknown) => String(error));
    claims.check(problem === null, `contract: ${name}: ${problem}`);
    return problem === null;
  };
  let place = 0;
  await runContract({ step }, BACKUP_PLACE_CONTRACT, () => {
    const prefix = `contract/${place++}`;
    const options = {
      location: { bucket: BUCKET, prefix },
      endpoint: swift.timelessEndpoint,
      region: "us-east-1",
      accessKeyId: swift.accessKeyId,
      secretAccessKey: swift.secretAccessKey,
      sessionToken: null,
      lockDir: `${env.IPCASCADE_DATA_DIR}/contract-locks`,
      clock,
      random: Math.random,
      fetch: (url: string, init?: RequestInit) => globalThis.fetch(url, init),
    };
    const objects = new S3Objects(new S3Client(options), { prefix, clock });
    const abandon = (id: string) => objects.put(`${id}/sessions.copy.gz`, new Uint8Array(3));
    return Promise.resolve(createBackupS3Subject(options, abandon));
  });
}

/** Nothing of a backup that is removed stays in the bucket, its parts included. */
export async function removeEverything(world: S3World): Promise<Record<string, number | string>> {
  const { claims, swift } = world;
  const stored = await world.look();
  await using backups = await world.openAhead(0, swift.endpoint);
  const { place } = backups.deps;
  await using _lock = await place.lock("remove");
  for (const id of await place.listIds()) await place.remove(id);
  const left = await world.look();
  claims.check(left.files.size === 0, `left is ${[...left.files.keys()].join(", ")}`);
  claims.check(left.parts.size === 0, `left are the parts ${[...left.parts.keys()].join(", ")}`);
  return { "stored MB before all are removed": (stored.bytes / 1e6).toFixed(1), "bytes after": left.bytes };
}
