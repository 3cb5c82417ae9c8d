import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { generateIdentity, identityToRecipient } from "age-encryption";
import { mkdir, readdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type {
  BackUpReport,
  BackupVerifyReport,
  JobHistoryReport,
  ListedRun,
  RestoreReport,
} from "@ipcascade/operations";
import { openPostgresServer, S3Server } from "@ipcascade/testkit";
import { connectServer } from "../packages/store/testing/databases.ts";
import {
  addressesIn,
  backupDir,
  damageCopy,
  knowledgeOf,
  listed,
  lookInto,
  makeBackup,
  readManifestOf,
  runAtTerminal,
  tell,
  tellHere,
} from "./backup_world.ts";
import { type CliWorld, openCliWorld, spawnCli } from "./run_cli.ts";

interface Verification {
  readonly operation: string;
  readonly status: string;
  readonly backups: readonly BackupVerifyReport[];
}

interface Failure {
  readonly operation: string;
  readonly status: string;
  readonly error: { readonly code: string; readonly message: string };
}

async function enrich(world: CliWorld, addresses: readonly string[], env = {}): Promise<void> {
  const { code, stderr } = await world.run(["enrich", ...addresses, "--quiet"], { env });
  assertEquals(code, 0, stderr);
}

const OLD = ["1.1.1.1", "8.8.8.8"];

Deno.test("backup and restore: created, listed, verified, damaged, refused, restored, by exit status and JSON", async (t) => {
  await using world = await openCliWorld({ editions: false });
  assertEquals((await world.run(["editions", "update"])).code, 0);
  await enrich(world, OLD);
  const none = await listed(world);
  assertEquals([none.operation, none.backups], ["list-backups", []]);

  const made = await makeBackup(world, ["--prune", "--keep-days", "30"]);
  const { id } = made.backup;
  await t.step("create says what it made, and leaves nothing else", async () => {
    assertEquals([made.operation, made.verification.status, made.verification.depth], [
      "back-up",
      "sound",
      "rows",
    ]);
    assertEquals([made.pruning?.removed, made.pruning?.keep_days], [[], 30]);
    assertEquals([made.status, made.pruning?.status], ["done", "done"]);
    assertEquals(made.backup.editions, ["GeoLite2-City.mmdb", "GeoLite2-ASN.mmdb"]);
    assertEquals(made.tables.find(({ table }) => table === "ip_inventory")?.rows, 2);
    assertEquals((await readdir(backupDir(world))).filter((name) => !name.startsWith(".")), [id]);
  });
  await t.step("list has it in every format", async () => {
    const { backups, verified, damaged } = await listed(world);
    assertEquals([backups.map((one) => one.id), verified, damaged], [[id], 1, 0]);
    const table = await runAtTerminal(world.env, ["backup"], null);
    assertMatch(
      table.stdout,
      new RegExp(`\n${id} +\\d{4}-.* City, ASN +embedded +verified 0 min ago \\(rows\\)\n`),
    );
    const csv = await runAtTerminal(world.env, ["backup", "list", "--format", "csv"], null);
    assertMatch(csv.stdout, new RegExp(`^id,status,.*\r\n${id},ok,`));
  });
  await t.step("it is a run of the job", async () => {
    const { report } = await tellHere<JobHistoryReport>(world, ["jobs", "history", "--job", "back-up"]);
    const [{ state, counts }] = report.runs as [ListedRun];
    assertEquals([state, counts.removed, counts.rows], ["succeeded", 0, made.backup.rows]);
    assertEquals(counts.file_bytes, made.backup.file_bytes);
  });
  await t.step("verify reads it as deep as it is told to", async () => {
    for (const [args, depth] of [[["latest"], "rows"], [[id, "--files"], "files"]] as const) {
      const { code, report } = await tellHere<Verification>(world, ["backup", "verify", ...args]);
      assertEquals([code, report.operation, report.status], [0, "verify-backups", "sound"]);
      assertEquals(report.backups.map((one) => [one.id, one.depth]), [[id, depth]]);
    }
    const tried = await tell<Verification>(world, ["backup", "verify", "--all", "--restore-test"]);
    assertEquals([tried.code, tried.report.backups[0]?.depth], [0, "restore"], tried.stderr);
    assertEquals((await listed(world)).backups.map((one) => one.status === "ok" && one.verified?.depth), [
      "restore",
    ]);
  });

  await enrich(world, ["9.9.9.9"]);
  await t.step("a damaged one is named by its member, and its restore changes nothing", async () => {
    const copy = await damageCopy(world, id, { to: "copy", file: "ip_inventory.copy.gz" });
    const refused = await tell<Failure>(world, ["restore", copy, "--yes"]);
    assertEquals([refused.code, refused.report.operation, refused.report.status], [4, "restore", "failed"]);
    assertEquals(refused.report.error.code, "BACKUP_DAMAGED");
    assertStringIncludes(refused.stderr, "ip_inventory");
    const other = world.dir.join("others", id);
    await mkdir(world.dir.join("others"));
    await rename(copy, other);
    for (const path of [other, join(other, "manifest.json")]) {
      const { code, report } = await tellHere<Verification>(world, ["backup", "verify", path, "latest"]);
      assertEquals([code, report.backups.map(({ status }) => status)], [4, ["damaged", "sound"]]);
    }
    const env = { BACKUP_DIR: world.dir.join("others") };
    const found = await tellHere<Verification>(world, ["backup", "verify", id], env);
    assertEquals([found.code, found.report.status], [4, "damaged"]);
    const bad = found.report.backups[0]!.members.filter(({ problem }) => problem !== null);
    assertEquals(bad.map(({ member }) => member), ["ip_inventory"]);
    assertEquals(await lookInto(world, addressesIn), ["1.1.1.1", "8.8.8.8", "9.9.9.9"]);
  });
  await t.step("without a terminal nothing is restored unless it is told to", async () => {
    const { code, stderr } = await world.run(["restore", "latest"]);
    assertEquals(code, 2);
    assertStringIncludes(stderr, "there is no terminal; give --yes");
  });
  await t.step("a dry run counts what would change", async () => {
    const { code, report, stderr } = await tell<RestoreReport>(world, [
      "restore",
      id.slice(0, 8),
      "--dry-run",
    ]);
    assertEquals([code, report.status, report.safety_backup], [0, "would_restore", null], stderr);
    assertEquals(report.other_database, null);
    const { difference } = report.tables.find(({ table }) => table === "ip_inventory")!;
    assertEquals(difference, { added: 0, changed: 0, lost: 1, same: 2 });
  });
  await t.step(
    "a table of somebody else that refers to the rows refuses both, and no safety copy is made",
    async () => {
      await lookInto(world, (sql) => sql.query("create table notes (ip inet references ip_inventory)"));
      for (const how of ["--dry-run", "--yes"]) {
        const { code, report, stderr } = await tell<Failure>(world, ["restore", id, how]);
        assertEquals([code, report.error.code], [6, "BACKUP_REFUSED"], stderr);
        assertStringIncludes(stderr, "the table notes, which no backup holds, refers to them");
      }
      await lookInto(world, (sql) => sql.query("drop table notes"));
      assertEquals((await listed(world)).backups.length, 1);
    },
  );
  await t.step("whoever is asked and does not say yes changes nothing", async () => {
    for (const answer of ["y", null]) {
      const { code, stderr, asked } = await runAtTerminal(world.env, ["restore", "latest"], answer);
      assertEquals([code, asked], [1, 1], stderr);
      assertMatch(stderr, /would replace every row in the embedded database in .*\nTABLE/);
      assertStringIncludes(stderr, "Nothing was changed");
    }
    assertEquals((await lookInto(world, addressesIn)).length, 3);
  });
  await t.step("whoever says yes gets the old rows, and a backup of the new ones", async () => {
    const { code, stderr, stdout } = await runAtTerminal(world.env, ["restore", "latest"], "yes");
    assertEquals(code, 0, stderr);
    assertStringIncludes(stdout, `Backup ${id} is restored`);
    assertEquals(await lookInto(world, addressesIn), OLD);
    // The backup was taken while its own run went on.
    const { report } = await tellHere<JobHistoryReport>(world, ["jobs", "history", "--job", "back-up"]);
    assertEquals(report.runs.map(({ state }) => state), ["succeeded"]);
    const safety = (await listed(world)).backups.find((one) =>
      one.status === "ok" && one.reason === "before_restore"
    );
    const back = await tellHere<RestoreReport>(world, ["restore", safety!.id, "--yes", "--no-editions"]);
    assertEquals([back.code, back.report.editions.outcome], [0, "not_wanted"], back.stderr);
    assertEquals((await lookInto(world, addressesIn)).length, 3);
  });
});

Deno.test("backup and restore: from the embedded database to a server and back, every row the same", async () => {
  await using server = await openPostgresServer();
  await using world = await openCliWorld();
  const env = { DATABASE_URL: await server.createDatabase() };
  await enrich(world, OLD);
  const first = await makeBackup(world, ["--no-editions"]);
  assertEquals(first.backup.missing_editions?.reason, "not_wanted");
  const there = await tell<RestoreReport>(world, ["restore", "latest", "--yes"], env);
  assertEquals([there.code, there.report.other_database?.kind], [0, "embedded"], there.stderr);
  assertMatch(there.stderr, /^ipcascade: Restoring the backup .*, but it is of another database: embedded$/m);
  const second = await makeBackup(world, ["--no-editions"], env);
  assertEquals(second.backup.origin.kind, "server");
  await lookInto(world, (sql) => sql.query("delete from ip_inventory"));
  const back = await tell<RestoreReport>(world, ["restore", second.backup.id, "--yes"]);
  assertEquals(back.code, 0, back.stderr);
  const third = await makeBackup(world, ["--no-editions"]);
  const manifests = await Promise.all(
    [first, second, third].map(({ backup }) => readManifestOf(world, backup.id)),
  );
  const [before, between, after] = manifests.map(knowledgeOf);
  assertEquals(between, before);
  assertEquals(after, before);
  await enrich(world, ["9.9.9.9"]);

  const holder = connectServer(env.DATABASE_URL, 1);
  try {
    await holder.transaction(async (tx) => {
      await tx.query("select count(*)::int from ip_inventory");
      const held = await tell<Failure>(world, ["restore", "latest", "--yes", "--wait", "1s"], env);
      assertEquals([held.code, held.report.error.code], [5, "LOCK_HELD"], held.stderr);
      assertMatch(held.stderr, /Waiting for .*process \d+/);
    });
  } finally {
    await holder.close();
  }
});

Deno.test("backup and restore: usage that makes no sense is refused with status 2, a place that fails with 1", async () => {
  await using world = await openCliWorld({ editions: false });
  const cases: readonly [args: readonly string[], message: string][] = [
    [["backup", "frob"], 'Cannot run backup "frob": allowed are list, create, verify, prune'],
    [["backup", "create", "x"], 'Cannot run backup create "x": it takes no argument'],
    [["backup", "list", "--prune"], "Cannot use --prune with backup list"],
    [["backup", "verify", "--no-editions"], "Cannot use --no-editions with backup verify"],
    [["backup", "verify", "--all", "latest"], "Cannot verify --all and some"],
    [["backup", "verify", "--files", "--restore-test"], "give one of --files, --restore-test"],
    [["backup", "verify", "nowhere"], "nowhere"],
    [["backup", "create", "--format", "csv"], "allowed are table, json"],
    [["backup", "verify", "./nowhere"], "there is no such directory"],
    [["backup", "create", "--keep-days", "3"], "give --prune as well"],
    [["backup", "prune", "--keep-days", "0"], "whole numbers from 1 to 3650"],
    [["restore"], "missing required args"],
    [["restore", "latest", "--yes", "--wait", "5"], 'Cannot read --wait "5": allowed are durations such as'],
    [["restore", "latest", "--yes"], "latest"],
    [["restore", "./nowhere/manifest.json", "--yes"], "it has no manifest.json"],
    [["restore", "s3://bucket/x", "--yes"], "set BACKUP_DIR to the place"],
  ];
  for (const [args, message] of cases) {
    const { code, stderr } = await runAtTerminal(world.env, args, null);
    assertEquals(code, 2, `${args.join(" ")}: ${stderr}`);
    assertStringIncludes(stderr, message);
    assertEquals(stderr.includes("--help lists the commands"), !/nowhere|"latest"/.test(stderr), stderr);
  }
  assertEquals((await runAtTerminal(world.env, ["backup", "verify", "--all"], null)).code, 1);
  const file = world.dir.join("file");
  await writeFile(file, "");
  const failed = await tellHere<Failure>(world, ["backup", "create"], { BACKUP_DIR: join(file, "below") });
  assertEquals([failed.code, failed.report.operation, failed.report.error.code], [
    1,
    "back-up",
    "BACKUP_PLACE_FAILED",
  ]);
});

Deno.test("backup create: an embedded database that another command has open is waited for", async () => {
  await using world = await openCliWorld({ editions: false });
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const holding = lookInto(world, () => released);
  const creating = spawnCli(["backup", "create"], world.env);
  let told = "";
  for await (const text of creating.stderr.pipeThrough(new TextDecoderStream())) {
    told += text;
    // It says so, as nobody else would tell.
    if (told.includes("Waiting: ")) release();
  }
  await holding;
  assertEquals((await creating.status).code, 0, told);
  await creating.stdout.cancel();
  assertMatch(told, /^Waiting: Cannot open the database .*: process \d+ has it open\n/m);
});

Deno.test("restore --wait bounds the waiting for an embedded database, also that of a dry run", async () => {
  await using world = await openCliWorld({ editions: false });
  await makeBackup(world);
  await lookInto(world, async () => {
    for (const how of ["--yes", "--dry-run"]) {
      const begin = performance.now();
      const args = ["restore", "latest", how, "--wait", "500ms"];
      const { code, report } = await tellHere<Failure>(world, args);
      assertEquals([code, report.error.code], [5, "LOCK_HELD"]);
      assertEquals(performance.now() - begin < 20_000, true);
    }
  });
});

Deno.test("backup and restore: without its key an encrypted backup is sealed and refused, with it sound and restored", async () => {
  await using world = await openCliWorld({ editions: false });
  const identity = await generateIdentity();
  const env = { ...world.env, BACKUP_AGE_RECIPIENTS: await identityToRecipient(identity) };
  const at = async (args: readonly string[], more: Readonly<Record<string, string>> = {}) => {
    const { code, stdout, stderr } = await runAtTerminal({ ...env, ...more }, args, "yes");
    assertEquals((stdout + stderr).includes(identity), false);
    return [code, stdout, stderr] as const;
  };
  const [made, told] = await at(["backup", "create"]);
  assertEquals(made, 0);
  assertMatch(told, /verified \(rows\)[^]* of files, encrypted\n/);
  const [sealed, why] = await at(["backup", "verify"]);
  assertEquals(sealed, 3);
  assertStringIncludes(why, "none of the identities known here is among its recipients");
  const [refused, , complaint] = await at(["restore", "latest"]);
  assertEquals(refused, 6);
  assertStringIncludes(complaint, "give an identity of one of them in BACKUP_AGE_IDENTITY");
  const away = { BACKUP_AGE_IDENTITY_FILE: world.dir.join("usb", "key.txt") };
  for (
    const args of [["backup"], ["quota"], ["backup", "verify", "--files"], ["backup", "create", "--prune"]]
  ) {
    assertEquals((await at(args, away))[0], 0, args.join(" "));
  }
  for (const args of [["backup", "verify"], ["restore", "latest"]]) {
    const [status, , lack] = await at(args, away);
    assertEquals(status, 2, args.join(" "));
    assertStringIncludes(
      lack,
      `Cannot read BACKUP_AGE_IDENTITY_FILE "${away.BACKUP_AGE_IDENTITY_FILE}": there is`,
    );
  }
  const key = world.dir.join("key.txt");
  await writeFile(key, `# made for a test\n${identity}\n`);
  for (const args of [["backup", "verify"], ["restore", "latest"]]) {
    assertEquals((await at(args, { BACKUP_AGE_IDENTITY_FILE: key }))[0], 0, args.join(" "));
  }
  const { backups } = await listed(world, env);
  // On a machine that only restores nobody configured recipients: what is replaced is encrypted all the same.
  const only = { BACKUP_AGE_IDENTITY_FILE: key, BACKUP_AGE_RECIPIENTS: "" };
  const [id] = /\d{8}-\d{6}-[0-9a-f]{8}/.exec(told)!;
  assertEquals((await at(["restore", id, "--no-editions"], only))[0], 0);
  const after = await listed(world, env);
  assertEquals(after.backups.length, backups.length + 1);
  for (const backup of after.backups) {
    assertEquals(backup.status === "ok" && backup.encrypted, true, backup.id);
    const { encryption } = await readManifestOf(world, backup.id);
    assertEquals(encryption?.recipients, [env.BACKUP_AGE_RECIPIENTS]);
  }
});

Deno.test("backup and restore: a bucket of S3 is a place as good as a directory, and a wrong key is told", async () => {
  await using world = await openCliWorld({ editions: false });
  const keys = { accessKeyId: "AKIATEST", secretAccessKey: "a-secret-of-the-test" };
  await using server = await new S3Server({ ...keys, bucket: "honey" }).open();
  const env = {
    BACKUP_DIR: "s3://honey/backups",
    AWS_ACCESS_KEY_ID: keys.accessKeyId,
    AWS_SECRET_ACCESS_KEY: keys.secretAccessKey,
    AWS_REGION: "eu-test-1",
    AWS_ENDPOINT_URL_S3: server.endpoint,
  };
  const made = await tellHere<BackUpReport>(world, ["backup", "create", "--prune"], env);
  assertEquals([made.code, made.report.place], [0, "s3://honey/backups"], made.stderr);
  assertEquals((await listed(world, env)).backups.map(({ id }) => id), [made.report.backup.id]);
  for (const args of [["backup", "verify", "--all"], ["restore", "latest", "--yes"]]) {
    const { code, stderr } = await tellHere(world, args, env);
    assertEquals(code, 0, stderr);
  }
  const wrong = await tellHere<Failure>(world, ["backup"], {
    ...env,
    AWS_SECRET_ACCESS_KEY: "another-secret",
  });
  assertEquals([wrong.code, wrong.report.error.code], [1, "BACKUP_PLACE_FAILED"]);
  assertStringIncludes(wrong.stderr, "SignatureDoesNotMatch");
  assertEquals(/another-secret|a-secret-of-the-test/.test(wrong.stdout + wrong.stderr + made.stdout), false);
});
