import { assertEquals, assertStringIncludes } from "@std/assert";
import type { RestorePlan, RestoreReport } from "@ipcascade/operations";
import { renderRestore, renderRestorePlan } from "./restore_text.ts";

const ID = "20261126-010000-1a2b3c4d";
const SAFETY = "20261126-063000-99aabbcc";

const REPORT: RestoreReport = {
  operation: "restore",
  status: "done",
  place: "/data/backups",
  backup: {
    id: ID,
    status: "ok",
    created_at: "2026-11-26T01:00:00.000Z",
    reason: "backup",
    product_version: "0.1.0",
    schema_version: 11,
    origin: { id: null, kind: "embedded", name: "template1", server_version: "18.1" },
    encrypted: true,
    rows: 1_300,
    bytes: 1_000_000,
    file_bytes: 41_000,
    editions: null,
    missing_editions: null,
    verified: { at: "2026-11-26T01:01:00.000Z", depth: "restore" },
  },
  other_database: null,
  is_dry_run: false,
  tables: [
    { table: "ip_inventory", rows: 1_000, difference: null },
    { table: "sessions", rows: 300, difference: null },
  ],
  safety_backup: SAFETY,
  editions: { outcome: "none", message: "the backup holds no editions" },
  carried: [{ table: "quota_ledger", rows: 1, message: "what was spent since then stays spent" }],
  migrated_from: 11,
  started_at: "2026-11-26T06:30:00.000Z",
  duration_ms: 2_400,
};

Deno.test("renderRestore() tells what was restored, what was not set back, and the way back", () => {
  assertEquals(renderRestore(REPORT).split("\n"), [
    `Backup ${ID} is restored in 2.4 s; every row was compared`,
    "  made 2026-11-26 01:00 UTC; from embedded; 1300 rows; 41.0 kB of files, encrypted; schema 11",
    "TABLE         ROWS",
    "ip_inventory  1000",
    "sessions      300",
    "  editions: the backup holds no editions",
    "  the rows were brought from schema 11 to the present one",
    "  quota_ledger: what was spent since then stays spent",
    `  what was replaced is backup ${SAFETY}; "ipcascade restore ${SAFETY}" brings it back`,
    "",
  ]);
});

Deno.test("renderRestore() tells of a dry run what would change, and that nothing did", () => {
  const tables = [
    { table: "ip_inventory", rows: 1_000, difference: { added: 5, changed: 7, lost: 11, same: 988 } },
    { table: "sessions", rows: 300, difference: null },
  ];
  const dry = { ...REPORT, is_dry_run: true, tables, safety_backup: null, carried: [] };
  assertEquals(renderRestore(dry).split("\n"), [
    `Backup ${ID} could be restored; nothing was changed, looked at in 2.4 s`,
    "  made 2026-11-26 01:00 UTC; from embedded; 1300 rows; 41.0 kB of files, encrypted; schema 11",
    "TABLE         ROWS  ADDED  CHANGED  LOST  SAME",
    "ip_inventory  1000  5      7        11    988",
    "sessions      300   –      –        –     –",
    "  editions: the backup holds no editions",
    "  the rows would be brought from schema 11 to the present one",
    "",
  ]);
});

Deno.test("renderRestorePlan() shows from where, when, which rows and what is done for safety", () => {
  const plan: RestorePlan = {
    place: "/mnt/usb",
    backup: REPORT.backup,
    other_database: null,
    tables: [{ table: "ip_inventory", rows: 1_000, rows_now: 1_010 }, {
      table: "sessions",
      rows: 300,
      rows_now: 0,
    }],
    safety_place: "/data/backups",
    editions: "the backup holds no editions",
  };
  const text = renderRestorePlan(plan, {
    target: 'the database "honey" on db:5432',
    now: Date.parse("2026-11-26T06:30:00.000Z"),
  });
  assertStringIncludes(text, "; schema 11; verified 5 h ago (restore)\n");
  assertEquals(text.split("\n").filter((line) => !line.startsWith("  made")), [
    `Backup ${ID} of /mnt/usb`,
    'would replace every row in the database "honey" on db:5432:',
    "TABLE         ROWS NOW  ROWS OF THE BACKUP",
    "ip_inventory  1010      1000",
    "sessions      0         300",
    "  editions: the backup holds no editions",
    "  what is replaced is backed up first, in /data/backups",
    "  everything stays as it is when anything goes wrong",
    "",
  ]);
});

Deno.test("renderRestorePlan() and renderRestore() tell plainly that the rows are another database's", () => {
  const origin = { id: "d2f1c3d4-0000-4000-8000-000000000001", kind: "server", name: "honey" } as const;
  const other = { other_database: { ...origin, server_version: "18.1" } };
  const plan = { place: "/mnt/usb", backup: REPORT.backup, tables: [], safety_place: "/b", editions: "none" };
  const texts = [
    renderRestorePlan({ ...plan, ...other }, { target: "it", now: 0 }),
    renderRestore({ ...REPORT, ...other }),
  ];
  for (const text of texts) assertStringIncludes(text, '\n  it is of another database: server "honey"\n');
});
