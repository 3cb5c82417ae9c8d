import { execFileSync } from "node:child_process";
import { copyFile, readFile, writeFile } from "node:fs/promises";
import type { BackupCodec } from "@ipcascade/core";
import { backUp, type BackupDeps, listBackups, pruneBackups, verifyBackup } from "@ipcascade/operations";
import { createSqlBackupDatabase, listSchemaStamps, migrate, type SqlClient } from "@ipcascade/store";
import { assert, assertEquals } from "@std/assert";
import { generateX25519Identity, identityToRecipient } from "age-encryption";
import { BackupWorld } from "../operations/testing/backup_world.ts";
import { SILENT_LOG } from "../operations/testing/fakes.ts";
import { writeManyRows, writeUglyRows } from "../store/testing/backup_rows.ts";
import { openTempDir } from "../testkit/temp_dir.ts";
import { createBackupCodec } from "./backup_codec.ts";
import { createBackupDirectory } from "./backup_directory.ts";
import { createNodeClock } from "./node_clock.ts";
import { openPgliteDatabase } from "./pglite_database.ts";

const ROWS = 3_000;

interface Opened {
  readonly sql: SqlClient;
  readonly dir: string;
}

/** What backs a database up into a directory, with editions and a clock in memory. */
async function openDeps({ sql, dir }: Opened, codec: BackupCodec): Promise<BackupDeps> {
  const world = new BackupWorld(codec);
  world.serve("20261120-041500-00000001");
  const clock = createNodeClock();
  const place = createBackupDirectory({ dir, clock, log: SILENT_LOG });
  const database = createSqlBackupDatabase({ sql, kind: "embedded", clock, random: world.deps.random });
  return { ...world.deps, place, database, schemas: await listSchemaStamps() };
}

Deno.test("backUp() and verifyBackup() work on real rows, files and packings", async (t) => {
  await using temp = await openTempDir();
  const sql = await openPgliteDatabase(temp.join("data"));
  await migrate(sql);
  await writeUglyRows(sql);
  await writeManyRows(sql, ROWS);
  const identity = await generateX25519Identity();
  const recipients = [await identityToRecipient(identity)];
  const options = { withEditions: true, prune: { keepDays: 7 } };

  await t.step("plain: every row of every table comes out, decodes and can be read by zcat", async () => {
    const dir = temp.join("plain");
    const deps = await openDeps({ sql, dir }, await createBackupCodec({ recipients: [], identities: [] }));
    const { backup, tables, verification } = await backUp(deps, options);
    assertEquals([verification.status, verification.depth, backup.encrypted], ["sound", "rows", false]);
    for (const { table, rows } of tables) {
      const [{ count } = { count: -1 }] = await sql.query<{ count: number }>(
        `select count(*)::int as count from "${table}"`,
      );
      assertEquals(rows, count, table);
    }
    const text = execFileSync("zcat", [`${dir}/${backup.id}/sessions.copy.gz`], { encoding: "utf8" });
    assertEquals(text.split("\n").length - 1, ROWS + 3);
    assertEquals(backup.editions, ["GeoLite2-City.mmdb", "GeoLite2-ASN.mmdb"]);
  });

  await t.step("plain: damage on the disk names its member and takes the mark back", async () => {
    const dir = temp.join("plain");
    const deps = await openDeps({ sql, dir }, await createBackupCodec({ recipients: [], identities: [] }));
    const [first] = (await listBackups(deps)).backups;
    const file = `${dir}/${first!.id}/ip_inventory.copy.gz`;
    const bytes = await readFile(file);
    bytes[bytes.length >> 1]! ^= 1;
    await writeFile(file, bytes);
    await copyFile(`${dir}/${first!.id}/ip_asn_history.copy.gz`, `${dir}/${first!.id}/sessions.copy.gz`);
    const report = await verifyBackup(deps, first!.id, { depth: "rows" });
    const bad = report.members.filter(({ problem }) => problem !== null).map(({ member }) => member);
    assertEquals([report.status, bad], ["damaged", ["ip_inventory", "sessions"]]);
    assertEquals((await listBackups(deps)).verified, 0);
  });

  await t.step(
    "encrypted: verified by whoever made it, sealed for others, read with the identity",
    async () => {
      const at = { sql, dir: temp.join("sealed") };
      const deps = await openDeps(at, await createBackupCodec({ recipients, identities: [] }));
      const { backup } = await backUp(deps, options);
      assertEquals([backup.encrypted, backup.verified?.depth], [true, "rows"]);
      assertEquals((await verifyBackup(deps, backup.id, { depth: "rows" })).status, "sealed");
      const owner = await openDeps(at, await createBackupCodec({ recipients: [], identities: [identity] }));
      const { status, depth } = await verifyBackup(owner, backup.id, { depth: "rows" });
      assertEquals([status, depth], ["sound", "rows"]);
      assertEquals((await pruneBackups(deps, { keepDays: 0, isDryRun: true })).removed, []);
      assert((await listBackups(deps)).verified === 1);
    },
  );
  await sql.close();
});
