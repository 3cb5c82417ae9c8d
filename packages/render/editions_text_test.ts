import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import type {
  EditionList,
  EditionStatusReport,
  RecoveryReport,
  UpdateReport,
  VerifyItem,
} from "@ipcascade/operations";
import {
  renderEditionList,
  renderEditionStatus,
  renderPruning,
  renderRecovery,
  renderRollback,
  renderUpdate,
  renderVerification,
} from "./editions_text.ts";

const BUILD = Date.UTC(2026, 10, 20) / 1_000;

const STATUS: EditionStatusReport = {
  operation: "edition-status",
  grade: "critical",
  place: "/data/editions",
  serving: "set",
  set: "20261125-041500-00000001",
  provider: "maxmind",
  items: [
    {
      edition_id: "GeoLite2-City",
      kind: "city",
      file: "GeoLite2-City.mmdb",
      database_type: "GeoLite2-City",
      build_epoch: BUILD,
      built_at: "2026-11-20T00:00:00.000Z",
      age_days: 5.4,
      grade: "ok",
      message: "fresh, built 5 days ago",
      size_bytes: 50_400_000,
      sha256: "a",
      expires_at: null,
      attribution: "GeoLite2 data created by MaxMind",
    },
    {
      edition_id: "GeoLite2-ASN",
      kind: "asn",
      file: null,
      database_type: null,
      build_epoch: null,
      built_at: null,
      age_days: null,
      grade: "critical",
      message: "not installed",
      size_bytes: null,
      sha256: null,
      expires_at: null,
      attribution: null,
    },
  ],
  checked_at: "2026-11-25T02:00:00.000Z",
  attempt: {
    started_at: "2026-11-25T02:00:00.000Z",
    ended_at: "2026-11-25T02:00:01.000Z",
    outcome: "failed",
    error: { code: "network", message: "Cannot ask\x1b[31m" },
  },
  failures: 2,
  next_attempt_at: "2026-11-25T02:30:00.000Z",
  downloads_today: 3,
  rejected: [{
    edition_id: "GeoLite2-ASN",
    release: "abc",
    reason: "verification",
    message: "canary failed",
    at: "2026-11-24T02:00:00.000Z",
  }],
};

Deno.test("renderEditionStatus() shows what serves, how old it is and what holds updating back", () => {
  const text = renderEditionStatus(STATUS);
  assertStringIncludes(text, "Editions: critical; set 20261125-041500-00000001 from maxmind serves");
  assertMatch(text, /GeoLite2-City +ok +2026-11-20 +5 d +50\.4 MB +fresh/);
  assertMatch(text, /GeoLite2-ASN +critical +– +– +– +not installed/);
  assertStringIncludes(text, "Last attempt failed (2 in a row): Cannot ask·[31m");
  assertStringIncludes(text, "Next attempt: not before 2026-11-25T02:30:00.000Z");
  assertStringIncludes(text, "downloads today: 3");
  assertStringIncludes(text, "Not installed again: GeoLite2-ASN abc: canary failed");
  assertMatch(text, /GeoLite2 data created by MaxMind\n$/);
});

Deno.test("renderEditionStatus() names the command that mends what is missing", () => {
  for (const serving of ["plain", "nothing"] as const) {
    const text = renderEditionStatus({ ...STATUS, serving, set: null, attempt: null, next_attempt_at: null });
    assertStringIncludes(text, "ipcascade editions update");
  }
  const running = { ...STATUS.attempt!, ended_at: null, outcome: null, error: null };
  assertStringIncludes(renderEditionStatus({ ...STATUS, attempt: running }), "runs or was killed");
});

const UPDATE: UpdateReport = {
  operation: "update-editions",
  status: "failed",
  provider: "maxmind",
  set: "old",
  previous_set: "old",
  items: [{
    edition_id: "GeoLite2-City",
    old_hash: "1",
    new_hash: "1",
    modified_at: null,
    checked_at: null,
    status: "failed",
    error: { code: "archive", message: "it begins with <html>" },
    build_epoch: BUILD,
    sha256: null,
    set: "old",
  }],
  error: { code: "archive", message: "it begins with <html>" },
  warnings: ["GeoLite2-City: much smaller"],
  next_attempt_at: "2026-11-25T02:30:00.000Z",
  pruned: ["older"],
  started_at: "2026-11-25T02:00:00.000Z",
  duration_ms: 1_200,
};

Deno.test("renderUpdate() tells a failure once, and what goes on serving", () => {
  const text = renderUpdate(UPDATE);
  assertMatch(text, /^Editions were not updated in 1\.2 s\n/);
  assertEquals(text.split("begins with <html>").length, 2);
  assertStringIncludes(text, "build of 2026-11-20 serves");
  assertStringIncludes(text, "set old goes on serving");
  assertStringIncludes(
    text,
    "next attempt not before 2026-11-25T02:30:00.000Z; ipcascade editions update --force tries at once",
  );
  assertStringIncludes(text, "GeoLite2-City: much smaller");
  assertStringIncludes(text, "set older is destroyed");
  const lonely = renderUpdate({ ...UPDATE, items: [], set: null });
  assertStringIncludes(lonely, "begins with <html>");
  assertEquals(lonely.includes("goes on serving"), false);
});

const ITEM: VerifyItem = {
  edition_id: "GeoLite2-City",
  file: "a.mmdb",
  verdict: "refused",
  findings: [{ severity: "error", code: "tree", message: "it turns", offset: 12, network: "1.0.0.0/8" }],
  database_type: "GeoLite2-City",
  build_epoch: BUILD,
  size_bytes: 1,
  nodes: 3,
  networks: 2,
  records: 1,
  duration_ms: 5,
};

Deno.test("renderVerification() names offset and network of what is wrong", () => {
  const operation = "verify-editions" as const;
  const text = renderVerification({ operation, verdict: "refused", set: null, items: [ITEM] });
  assertStringIncludes(text, "a.mmdb: refused GeoLite2-City of 2026-11-20; 3 nodes, 2 networks, 1 records");
  assertStringIncludes(text, "error (tree): it turns [offset 12, network 1.0.0.0/8]");
  assertMatch(
    renderVerification({ operation, verdict: "nothing", set: null, items: [] }),
    /^Nothing is installed/,
  );
});

Deno.test("renderEditionList() marks what serves and what the licence ends", () => {
  const set = (
    id: string,
    more: { is_current: boolean; expires_at: string | null; is_expired: boolean },
  ) => ({
    format: 1 as const,
    id,
    provider: "maxmind" as const,
    created_at: "2026-11-20T00:00:00Z",
    editions: [],
    verification: { verified_at: "2026-11-20T00:00:00Z", duration_ms: 1, warnings: [] },
    ...more,
  });
  const list: EditionList = {
    operation: "list-editions",
    place: "the database",
    sets: [
      set("new", { is_current: true, expires_at: null, is_expired: false }),
      set("old", { is_current: false, expires_at: "2026-12-20T00:00:00Z", is_expired: false }),
      set("oldest", { is_current: false, expires_at: "2026-11-01T00:00:00Z", is_expired: true }),
    ],
    events: [{ at: "2026-11-24T00:00:00Z", event: "rolled_back", set: "old", reason: "from new" }],
  };
  const text = renderEditionList(list);
  assertMatch(text, /\* +new +maxmind/);
  assertMatch(text, /old +maxmind .*until 2026-12-20/);
  assertMatch(text, /oldest +maxmind .*expired/);
  assertStringIncludes(text, "2026-11-24T00:00:00Z  rolled back  old  from new");
  assertEquals(renderEditionList({ ...list, sets: [] }), "No set is kept in the database\n");
});

Deno.test("renderRollback(), renderRecovery() and renderPruning() say which happened", () => {
  const rollback = {
    operation: "roll-back-editions" as const,
    status: "rolled_back" as const,
    set: "old",
    previous_set: "new",
    items: [],
    held_releases: [{ edition_id: "GeoLite2-City", release: "abc" }],
  };
  assertMatch(
    renderRollback(rollback),
    /^Set old serves instead of new\n.*abc is not installed again by itself/,
  );
  assertEquals(renderRollback({ ...rollback, status: "current" }), "Set old serves already\n");
  const recovery: RecoveryReport = {
    operation: "recover-editions",
    status: "restored",
    set: "old",
    previous_set: "new",
    steps: [{ set: "new", verdict: "refused", fault: "SHA-256" }, { set: "old", verdict: "ok", fault: null }],
    update: null,
  };
  assertEquals(
    renderRecovery(recovery),
    "Set old serves again, from those that were kept\n  new: refused; SHA-256\n  old: ok\n",
  );
  assertMatch(
    renderRecovery({ ...recovery, status: "failed", update: UPDATE }),
    /^Nothing could be recovered/,
  );
  const pruned = [{ id: "a", reason: "licence" as const }, { id: "b", reason: "surplus" as const }];
  assertEquals(
    renderPruning({ operation: "prune-editions", pruned, is_dry_run: true }),
    "Set a would be destroyed: its licence is over\nSet b would be destroyed: newer ones are kept\n",
  );
  assertEquals(
    renderPruning({ operation: "prune-editions", pruned: [], is_dry_run: false }),
    "No set is due to be destroyed\n",
  );
});
