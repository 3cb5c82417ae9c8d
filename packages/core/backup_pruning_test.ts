import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { planBackupPruning, type PrunableBackup, sortBackups } from "./backup_pruning.ts";
import { MS_PER_DAY } from "./clock.ts";

const NOW = Date.UTC(2026, 10, 26, 1);

/** One that was made so many days ago. */
function backup(days: number, rest: Partial<PrunableBackup> = {}): PrunableBackup {
  const createdAt = NOW - days * MS_PER_DAY;
  return {
    id: `b${days}`,
    createdAt,
    reason: "backup",
    origin: "a",
    isVerified: true,
    heldBy: null,
    ...rest,
  };
}

function removedOf(backups: readonly PrunableBackup[], keepDays = 7): readonly string[] {
  const { decisions } = planBackupPruning(backups, { keepDays, now: NOW });
  return decisions.filter(({ isKept }) => !isKept).map(({ id }) => id);
}

const UNVERIFIED = { isVerified: false };
const COPY = { reason: "before_restore" } as const;

const CASES: readonly [name: string, backups: readonly PrunableBackup[], removed: readonly string[]][] = [
  ["old ones go once three verified ones are newer", [0, 1, 2, 7, 8, 9].map((days) => backup(days)), [
    "b8",
    "b9",
  ]],
  ["the newest three stay at any age", [20, 21, 22, 23].map((days) => backup(days)), ["b23"]],
  ["two verified ones stay beside newer ones that are not", [
    backup(8, UNVERIFIED),
    backup(9, UNVERIFIED),
    backup(20),
    backup(30),
  ], []],
  [
    "what is not verified goes after three that are",
    [backup(1), backup(2), backup(3), backup(8, UNVERIFIED)],
    [
      "b8",
    ],
  ],
  ["what is not verified stays while young", [backup(1), backup(2), backup(3), backup(6, UNVERIFIED)], []],
  ["a damaged one counts as not verified", [
    backup(8, { isVerified: false, reason: null }),
    backup(9),
    backup(10),
    backup(11),
  ], []],
  ["copies before a restore go by age and count for nothing", [
    backup(1, COPY),
    backup(2, COPY),
    backup(3, COPY),
    backup(8, COPY),
    backup(20),
    backup(21),
    backup(22),
  ], ["b8"]],
  ["one of a time to come neither goes nor counts", [
    backup(-300),
    backup(-301),
    backup(-302),
    backup(20),
    backup(21),
    backup(22),
    backup(23),
  ], ["b23"]],
  ["three of each database stay, and those of none are a database of their own", [
    backup(10),
    ...[20, 21, 22, 23].map((days) => backup(days, { origin: "b" })),
    ...[30, 31, 32, 33].map((days) => backup(days, { origin: null })),
    backup(40),
    backup(41),
    backup(42),
  ], ["b23", "b33", "b42"]],
  ["what is not verified waits for three of its own database", [
    ...[1, 2, 3].map((days) => backup(days)),
    ...[4, 5].map((days) => backup(days, { origin: "b" })),
    backup(8, { ...UNVERIFIED, origin: "b" }),
    backup(9, UNVERIFIED),
    backup(10, { ...UNVERIFIED, reason: null, origin: null }),
  ], ["b9"]],
  ["one that is held stays", [backup(1), backup(2), backup(3), backup(9, { heldBy: "newer" })], []],
];

Deno.test("planBackupPruning() keeps what may be needed", async (t) => {
  for (const [name, backups, removed] of CASES) {
    await t.step(name, () => assertEquals(removedOf(backups), removed));
  }
});

Deno.test("planBackupPruning() refuses while the newest is not verified", () => {
  const refusal = (backups: readonly PrunableBackup[]) =>
    planBackupPruning(backups, { keepDays: 7, now: NOW }).refusal;
  assertEquals(refusal([backup(0, UNVERIFIED), backup(1)]), "the newest backup, b0, is not verified");
  assertEquals(refusal([backup(0, { isVerified: false, reason: null }), backup(1)])?.includes("b0"), true);
  assertEquals(refusal([backup(-1, UNVERIFIED), backup(0, { ...COPY, ...UNVERIFIED }), backup(1)]), null);
  assertEquals(refusal([]), null);
});

const anyBackup = fc.record({
  createdAt: fc.integer({ min: -400, max: 60 }).map((hours) => NOW + hours * MS_PER_DAY / 8),
  reason: fc.constantFrom("backup", "backup", "before_restore", null),
  origin: fc.constantFrom("a", "a", "b", null),
  isVerified: fc.boolean(),
  heldBy: fc.constantFrom(null, null, null, "held"),
}).map((one) =>
  ({ ...one, isVerified: one.isVerified && one.reason !== null }) as Omit<PrunableBackup, "id">
);

const anyBackups = fc.array(anyBackup, { maxLength: 20 })
  .map((list) => list.map((one, index): PrunableBackup => ({ ...one, id: `b${index}` })));

Deno.test("planBackupPruning() never takes one of a database's newest three verified, whatever there is", () => {
  fc.assert(fc.property(anyBackups, fc.integer({ min: 0, max: 30 }), (backups, keepDays) => {
    const { decisions, trusted } = planBackupPruning(backups, { keepDays, now: NOW });
    const kept = new Set(decisions.filter(({ isKept }) => isKept).map(({ id }) => id));
    const verified = sortBackups(
      backups.filter(({ isVerified, reason, createdAt }) =>
        isVerified && reason === "backup" && createdAt <= NOW
      ),
    );
    const verifiedOf = (database: string | null) => verified.filter(({ origin }) => origin === database);
    const newest = ["a", "b", null].flatMap((database) => verifiedOf(database).slice(0, 3));
    assertEquals(trusted, sortBackups(newest).map(({ id }) => id));
    assert(trusted.every((id) => kept.has(id)));
    assertEquals(decisions.length, backups.length);
    for (const one of backups.filter(({ id }) => !kept.has(id))) {
      assertEquals(one.heldBy, null);
      assert(NOW - one.createdAt > keepDays * MS_PER_DAY, one.id);
      if (one.reason === "before_restore") continue;
      const own = one.reason === null ? verified : verifiedOf(one.origin);
      assert(own.filter(({ createdAt }) => createdAt > one.createdAt).length >= 3, one.id);
    }
  }));
});

Deno.test("planBackupPruning() has nothing more to take from what it left", () => {
  fc.assert(fc.property(anyBackups, fc.integer({ min: 0, max: 30 }), (backups, keepDays) => {
    const gone = new Set(removedOf(backups, keepDays));
    assertEquals(removedOf(backups.filter(({ id }) => !gone.has(id)), keepDays), []);
  }));
});
