import { Buffer } from "node:buffer";
import { type Log, MS_PER_DAY } from "@ipcascade/core";
import { assertEquals } from "@std/assert";
import { generateX25519Identity, identityToRecipient } from "age-encryption";
import { putBackup } from "../testkit/backup_place_contract.ts";
import { S3Server } from "../testkit/s3_server.ts";
import { openTempDir } from "../testkit/temp_dir.ts";
import { createNodeClock } from "./node_clock.ts";
import { openBackupCodec, openBackupPlace } from "./open_backup_place.ts";
import { readSettings } from "./settings_reader.ts";

const ID = "20261126-010000-1a2b3c4d";
const QUIET: Log = { debug() {}, info() {}, warn() {}, error() {} };

function read(env: Record<string, string>) {
  return readSettings({ env, flags: {}, readFile: () => null });
}

Deno.test("openBackupPlace() opens a directory, or a bucket", async () => {
  await using dir = await openTempDir();
  const keys = { accessKeyId: "AKIA4711", secretAccessKey: "aws-secret/4712+" };
  await using server = await new S3Server({ bucket: "backups-1", ...keys }).open();
  const bucket = {
    BACKUP_DIR: "s3://backups-1/a",
    AWS_ACCESS_KEY_ID: keys.accessKeyId,
    AWS_SECRET_ACCESS_KEY: keys.secretAccessKey,
    AWS_ENDPOINT_URL: server.endpoint,
    AWS_SESSION_TOKEN: "token-4713",
  };
  const cases: readonly [Record<string, string>, string][] = [
    [{}, dir.join("backups")],
    [{ BACKUP_DIR: dir.join("b") }, dir.join("b")],
    [bucket, "s3://backups-1/a"],
  ];
  for (const [env, expected] of cases) {
    const place = await openBackupPlace(read({ IPCASCADE_DATA_DIR: dir.path, ...env }), QUIET);
    assertEquals(place.place, expected);
    await using _lock = await place.lock("test");
    await putBackup(place, ID);
    assertEquals(await place.listIds(), [ID]);
  }
  assertEquals(server.objects.size, 3);
  server.objects.delete(`a/${ID}/manifest.json`);
  const clock = createNodeClock();
  for (const [days, swept] of [[0, 0], [2, 1]] as const) {
    const later = { ...clock, now: () => clock.now() + days * MS_PER_DAY };
    const place = await openBackupPlace(read({ IPCASCADE_DATA_DIR: dir.path, ...bucket }), QUIET, later);
    await using _lock = await place.lock("test");
    assertEquals(await place.sweep(), swept);
  }
});

Deno.test("openBackupCodec() packs to the recipients and unpacks with the identities of the settings", async () => {
  const identity = await generateX25519Identity();
  const recipient = await identityToRecipient(identity);
  const env = { IPCASCADE_DATA_DIR: "/d", BACKUP_AGE_RECIPIENTS: recipient };
  const packing = await (await openBackupCodec(read(env))).begin();
  assertEquals([packing.suffix, packing.encryption?.recipients], [".gz.age", [recipient]]);
  const reader = await openBackupCodec(read({ IPCASCADE_DATA_DIR: "/d", BACKUP_AGE_IDENTITY: identity }));
  const pieces: Uint8Array[] = [];
  const unpack = reader.findUnpack(packing.encryption)!;
  for await (const piece of unpack(packing.pack(give("rows\n")))) pieces.push(piece);
  assertEquals(Buffer.concat(pieces).toString(), "rows\n");
  assertEquals(
    (await openBackupCodec(read({ IPCASCADE_DATA_DIR: "/d" }))).findUnpack(packing.encryption),
    null,
  );
  assertEquals((await reader.begin()).suffix, ".gz");
});

async function* give(text: string): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(Buffer.from(text));
}
