import { assertEquals, assertStringIncludes } from "@std/assert";
import type {
  BackupPruneReport,
  BackUpReport,
  BackupSummary,
  BackupVerifyReport,
} from "@ipcascade/operations";
import { renderBackupList, renderBackupListCsv } from "./backup_list_text.ts";
import { renderBackupPruning } from "./backup_prune_text.ts";
import { renderBackUp } from "./backup_text.ts";
import { renderBackupVerification } from "./backup_verify_text.ts";

const ID = "20261126-010000-1a2b3c4d";
const NOW = Date.parse("2026-11-26T06:30:00.000Z");

const SUMMARY: BackupSummary = {
  id: ID,
  status: "ok",
  created_at: "2026-11-26T01:00:00.000Z",
  reason: "backup",
  product_version: "0.1.0",
  schema_version: 12,
  origin: { id: null, kind: "server", name: "honey", server_version: "18.1" },
  encrypted: false,
  rows: 1_204_512,
  bytes: 1_012_000_000,
  file_bytes: 41_200_000,
  editions: ["GeoLite2-City.mmdb", "GeoLite2-ASN.mmdb"],
  missing_editions: null,
  verified: { at: "2026-11-26T01:01:00.000Z", depth: "rows" },
};

const EXPIRED: Pick<BackupSummary, "editions" | "missing_editions"> = {
  editions: null,
  missing_editions: { reason: "expired", at: "2026-11-26T01:00:00.000Z", message: "their licence is over" },
};

const DAMAGED = { id: "20261124-010000-00000000", status: "damaged", message: "no\x1b[2J manifest" } as const;

const LIST = {
  operation: "list-backups",
  place: "/data/backups",
  backups: [
    SUMMARY,
    {
      ...SUMMARY,
      ...EXPIRED,
      id: "20261125-010000-5e6f7081",
      created_at: "2026-11-20T01:00:00.000Z",
      reason: "before_restore",
      origin: { id: null, kind: "embedded", name: "template1", server_version: "18.1" },
      encrypted: true,
      verified: null,
    },
    DAMAGED,
  ],
  verified: 1,
  damaged: 1,
} as const;

const VERIFICATION: BackupVerifyReport = {
  operation: "verify-backup",
  place: "/data/backups",
  id: ID,
  status: "sound",
  depth: "rows",
  members: [
    { member: "manifest", file: "manifest.json", rows: null, bytes: null, problem: null },
    {
      member: "ip_inventory",
      file: "ip_inventory.copy.gz",
      rows: 1_204_512,
      bytes: 1_012_000_000,
      problem: null,
    },
  ],
  message: null,
  started_at: "2026-11-26T01:00:20.000Z",
  duration_ms: 9_800,
};

const PRUNING: BackupPruneReport = {
  operation: "prune-backups",
  status: "done",
  place: "/data/backups",
  is_dry_run: false,
  keep_days: 7,
  kept: [{ id: ID, reason: "it is 0 days old" }],
  removed: [{ id: "20261101-010000-00000000", reason: "it is 25 days old" }],
  stripped: [{ id: "20261120-010000-00000000", editions: ["GeoLite2-City.mmdb"] }],
  leftovers: 2,
  refused: null,
};

Deno.test("renderBackupList() tells age, size, origin and whether it was verified, and hides nothing damaged", () => {
  assertEquals(renderBackupList(LIST, NOW).split("\n"), [
    "3 backups in /data/backups, 1 verified, 1 damaged",
    "ID                        MADE                  AGE  ROWS     SIZE     EDITIONS   FROM            STATE",
    '20261126-010000-1a2b3c4d  2026-11-26 01:00 UTC  5 h  1204512  41.2 MB  City, ASN  server "honey"  verified 5 h ago (rows)',
    "20261125-010000-5e6f7081  2026-11-20 01:00 UTC  6 d  1204512  41.2 MB  expired    embedded        not verified, encrypted, made before a restore",
    "20261124-010000-00000000  –                     –    –        –        –          –               damaged: no·[2J manifest",
    "",
  ]);
});

Deno.test("renderBackupList() says what to do when there is none", () => {
  const none = { ...LIST, backups: [], verified: 0, damaged: 0 };
  assertEquals(
    renderBackupList(none, NOW),
    'No backup is in /data/backups; "ipcascade backup create" makes one\n',
  );
});

Deno.test("renderBackupListCsv() has a column for everything, and a row for what is damaged", () => {
  const [titles, first, second, third] = renderBackupListCsv(LIST).split("\r\n");
  assertEquals(titles!.split(",").length, 16);
  assertEquals(
    first,
    `${ID},ok,2026-11-26T01:00:00.000Z,backup,server,honey,12,0.1.0,false,1204512,1012000000,41200000,` +
      "GeoLite2-City.mmdb GeoLite2-ASN.mmdb,2026-11-26T01:01:00.000Z,rows,",
  );
  assertEquals(second!.endsWith(",41200000,,,,their licence is over"), true);
  assertEquals(third!.split(",").length, 16);
  assertEquals(third!.startsWith("20261124-010000-00000000,damaged,,"), true);
});

Deno.test("renderBackUp() tells what was made, table by table, and what was pruned", () => {
  const report: BackUpReport = {
    operation: "back-up",
    status: "done",
    place: "/data/backups",
    backup: SUMMARY,
    tables: [
      { table: "ip_inventory", rows: 1_000_000, bytes: 840_000_000, file_bytes: 40_000_000 },
      { table: "sessions", rows: 204_512, bytes: 172_000_000, file_bytes: 1_200 },
    ],
    verification: VERIFICATION,
    pruning: null,
    started_at: "2026-11-26T01:00:00.000Z",
    duration_ms: 31_200,
  };
  assertEquals(renderBackUp(report).split("\n"), [
    `Backup ${ID} is in /data/backups, verified (rows); made in 31.2 s`,
    "  1204512 rows, 1.0 GB in 41.2 MB of files",
    "  editions: GeoLite2-City.mmdb, GeoLite2-ASN.mmdb",
    "TABLE         ROWS     BYTES     FILE",
    "ip_inventory  1000000  840.0 MB  40.0 MB",
    "sessions      204512   172.0 MB  1.2 kB",
    "",
  ]);
  const pruned = renderBackUp({
    ...report,
    backup: { ...SUMMARY, ...EXPIRED, encrypted: true },
    pruning: PRUNING,
  });
  assertStringIncludes(pruned, "41.2 MB of files, encrypted\n  no editions: their licence is over\n");
  assertStringIncludes(pruned, "\nBackups in /data/backups: 1 kept, 1 removed;");
});

Deno.test("renderBackupVerification() names the member that is not as it should be", () => {
  const verify = (...backups: readonly BackupVerifyReport[]) =>
    renderBackupVerification({
      operation: "verify-backups",
      place: "/data/backups",
      status: backups[0]?.status ?? "nothing",
      backups,
    }).split("\n");
  assertEquals(verify(VERIFICATION), [`Backup ${ID}: sound (rows); 2 members in 9.8 s`, ""]);
  const [manifest, table] = VERIFICATION.members;
  const problem = "rows 1 to 100000 are not those that were backed up";
  const damaged = { ...VERIFICATION, status: "damaged", message: "it is damaged" } as const;
  assertEquals(
    verify({ ...damaged, members: [{ ...manifest!, problem: "it was changed" }, { ...table!, problem }] }),
    [
      `Backup ${ID}: damaged (rows); 2 members in 9.8 s`,
      "  manifest: it was changed",
      `  ip_inventory (ip_inventory.copy.gz): ${problem}`,
      "",
    ],
  );
  assertEquals(verify({ ...damaged, members: [] }).slice(1), ["  it is damaged", ""]);
  assertStringIncludes(
    verify({ ...VERIFICATION, status: "sealed" })[1]!,
    "none of the identities known here is among its recipients: only with one in BACKUP_AGE_IDENTITY ",
  );
  assertEquals(verify(), ["No backup is in /data/backups, so there is nothing to verify", ""]);
});

Deno.test("renderBackupPruning() tells what went, what stays and why", () => {
  assertEquals(renderBackupPruning(PRUNING).split("\n"), [
    "Backups in /data/backups: 1 kept, 1 removed; those of 7 days stay, and never fewer than three verified ones of a database",
    "  20261101-010000-00000000 is removed: it is 25 days old",
    "  20261120-010000-00000000 lost GeoLite2-City.mmdb: the licence is over",
    `  ${ID} stays: it is 0 days old`,
    "  2 leftovers of killed backups were swept away",
    "",
  ]);
  const dry = { ...PRUNING, is_dry_run: true, leftovers: 0, refused: "the newest is not verified" };
  assertEquals(renderBackupPruning(dry).split("\n").slice(0, 4), [
    "Backups in /data/backups: 1 kept, 1 would be removed; those of 7 days stay, and never fewer than three verified ones of a database",
    "  nothing is removed: the newest is not verified",
    "  20261101-010000-00000000 would be removed: it is 25 days old",
    "  20261120-010000-00000000 would lose GeoLite2-City.mmdb: the licence is over",
  ]);
});
