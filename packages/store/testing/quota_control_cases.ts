import { MS_PER_DAY, type QuotaControl, type QuotaLedger } from "@ipcascade/core";
import { assertEquals, assertRejects } from "@std/assert";
import type { ContractCase } from "../../testkit/contract.ts";
import { createSqlQuotaControl } from "../quota_control.ts";
import { createSqlQuotaLedger } from "../quota_ledger.ts";
import type { SqlClient } from "../sql_client.ts";
import { CONTRACT_POLICIES } from "./quota_contract.ts";
import { NOON } from "./rows.ts";

interface Desk {
  readonly sql: SqlClient;
  readonly ledger: QuotaLedger;
  readonly control: QuotaControl;
}

function openDesk(sql: SqlClient): Desk {
  const options = { sql, policies: CONTRACT_POLICIES };
  return { sql, ledger: createSqlQuotaLedger(options), control: createSqlQuotaControl(options) };
}

const ORDER = { now: NOON, actor: "alice@example", reason: "bought more" } as const;
const CLOSING = { now: NOON, learned: null, retryAt: null, reason: "HTTP 429" } as const;
/** 2026-11-23 is a Monday. */
const TUESDAY = Date.UTC(2026, 10, 24);

/** What an operator may do with the ledger. */
export const QUOTA_CONTROL_CASES: readonly ContractCase<SqlClient>[] = [
  {
    name: "set() wins over the setting, keeps the counter, and says who, why, before and after",
    run: async (sql) => {
      const { ledger, control } = openDesk(sql);
      await ledger.reserve("greynoise", 30, NOON);
      const policy = { limit: 500, period: "day" } as const;
      const change = await control.set("greynoise", { ...ORDER, policy, used: null });
      assertEquals(change.before.policy, CONTRACT_POLICIES.greynoise);
      const { origin, since, used, remaining } = change.after;
      assertEquals([change.after.policy, origin, since, used, remaining], [
        policy,
        "operator",
        NOON,
        30,
        470,
      ]);
      assertEquals(await ledger.read("greynoise", NOON), change.after);
      assertEquals(await control.listChanges("greynoise", 10), [change]);
      const { actor, reason, action, at } = change;
      assertEquals([actor, reason, action, at], ["alice@example", "bought more", "set", NOON]);
      assertEquals((await ledger.reserve("greynoise", 900, NOON)).granted, 470);
    },
  },
  {
    name: "set() and close(): the later word is the policy",
    run: async (sql) => {
      const { ledger, control } = openDesk(sql);
      const learned = { limit: 25, period: "week" } as const;
      const bought = { limit: 500, period: "month" } as const;
      await ledger.close("greynoise", { ...CLOSING, learned });
      const set = await control.set("greynoise", { ...ORDER, now: NOON + 1, policy: bought, used: null });
      assertEquals([set.before.origin, set.after.origin, set.after.policy], ["provider", "operator", bought]);
      const status = await ledger.close("greynoise", { ...CLOSING, now: NOON + 2, learned });
      assertEquals([status.origin, status.since, status.policy], ["provider", NOON + 2, learned]);
      await ledger.close("greynoise", { ...CLOSING, now: NOON + 3, learned });
      assertEquals((await ledger.read("greynoise", NOON + 3)).since, NOON + 2, "the same word again");
      const changes = await control.listChanges("greynoise", 10);
      assertEquals(changes.map(({ action }) => action), ["closed", "set", "closed"]);
    },
  },
  {
    name: "set() leaves a closing to reset()",
    run: async (sql) => {
      const { ledger, control } = openDesk(sql);
      await ledger.close("greynoise", CLOSING);
      const policy = { limit: 500, period: "day" } as const;
      const { after } = await control.set("greynoise", { ...ORDER, policy, used: 0 });
      assertEquals([after.used, after.remaining, after.closedUntil], [0, 0, TUESDAY]);
      assertEquals((await ledger.reserve("greynoise", 1, NOON)).granted, 0);
      assertEquals((await control.reset("greynoise", ORDER)).after.remaining, 500);
    },
  },
  {
    name: "set() puts the counter where it is told, and the rate is measured anew",
    run: async (sql) => {
      const { ledger, control } = openDesk(sql);
      await ledger.reserve("greynoise", 30, NOON);
      const policy = CONTRACT_POLICIES.greynoise;
      const { after } = await control.set("greynoise", { ...ORDER, policy, used: 90 });
      assertEquals([after.used, after.remaining, after.firstUsedAt], [90, 10, null]);
      await ledger.reserve("greynoise", 4, NOON + 5);
      const { used, usedBefore, firstUsedAt } = await ledger.read("greynoise", NOON + 5);
      assertEquals([used, usedBefore, firstUsedAt], [94, 90, NOON + 5]);
      const over = await control.set("greynoise", { ...ORDER, policy, used: 150 });
      assertEquals([over.after.used, over.after.remaining], [150, 0]);
      assertEquals((await ledger.reserve("greynoise", 1, NOON)).granted, 0);
    },
  },
  {
    name: "set() of a longer window counts what was used within it already",
    run: async (sql) => {
      const { ledger, control } = openDesk(sql);
      await ledger.reserve("greynoise", 40, NOON - MS_PER_DAY);
      await ledger.reserve("greynoise", 20, NOON);
      await ledger.reserve("greynoise", 10, NOON + MS_PER_DAY);
      const policy = { limit: 200, period: "week" } as const;
      const order = { ...ORDER, now: NOON + MS_PER_DAY, policy, used: null };
      assertEquals((await control.set("greynoise", order)).after.used, 30, "Sunday is of the week before");
      await ledger.reserve("greynoise", 7, NOON + MS_PER_DAY);
      assertEquals((await control.set("greynoise", order)).after.used, 37, "again, nothing counts twice");
    },
  },
  {
    name: "reset() empties the counter and lifts a closing, also one from another window",
    run: async (sql) => {
      const { ledger, control } = openDesk(sql);
      const retryAt = TUESDAY + 5 * MS_PER_DAY;
      await ledger.reserve("greynoise", 30, NOON);
      await ledger.close("greynoise", { ...CLOSING, retryAt });
      const now = NOON + MS_PER_DAY;
      assertEquals((await ledger.reserve("greynoise", 1, now)).granted, 0);
      const order = { now, actor: "bob@example", reason: "GreyNoise says that it was a mistake" };
      const { before, after, action, reason } = await control.reset("greynoise", order);
      assertEquals([before.closedUntil, after.closedUntil], [retryAt, null]);
      assertEquals([after.used, after.remaining, after.firstUsedAt], [0, 100, null]);
      assertEquals([action, reason], ["reset", order.reason]);
      assertEquals((await ledger.reserve("greynoise", 60, now)).granted, 60);
      assertEquals((await control.reset("greynoise", order)).before.used, 60);
      assertEquals((await ledger.reserve("greynoise", 100, now)).granted, 100);
    },
  },
  {
    name: "reset() keeps the policy that was learned",
    run: async (sql) => {
      const { ledger, control } = openDesk(sql);
      const learned = { limit: 25, period: "week" } as const;
      await ledger.close("greynoise", { ...CLOSING, learned });
      const { after } = await control.reset("greynoise", ORDER);
      assertEquals([after.policy, after.origin, after.remaining], [learned, "provider", 25]);
    },
  },
  {
    name: "release() gives nothing back to a counter that was set after the grant",
    run: async (sql) => {
      const { ledger, control } = openDesk(sql);
      const old = await ledger.reserve("greynoise", 10, NOON);
      await control.reset("greynoise", ORDER);
      const fresh = await ledger.reserve("greynoise", 10, NOON);
      await ledger.release(old, 10);
      assertEquals((await ledger.read("greynoise", NOON)).used, 10);
      await ledger.release(fresh, 4);
      assertEquals((await ledger.read("greynoise", NOON)).used, 6);
    },
  },
  {
    name: "listChanges() gives the newest first, no more than asked for, and reads what older versions wrote",
    run: async (sql) => {
      const { ledger, control } = openDesk(sql);
      const status = await ledger.read("greynoise", NOON);
      const { origin: _origin, since: _since, firstUsedAt: _first, usedBefore: _before, ...old } = status;
      await sql.query(
        `insert into quota_audit (source, actor, reason, before, after, at)
        values ('greynoise', 'provider', '429', $1::text::jsonb, $2::text::jsonb, now())`,
        [JSON.stringify({ ...old, learned: false }), JSON.stringify({ ...old, learned: true })],
      );
      for (let used = 1; used <= 3; used++) {
        const order = { ...ORDER, reason: null, policy: status.policy, used };
        await control.set("greynoise", order);
      }
      const changes = await control.listChanges("greynoise", 10);
      assertEquals(changes.map(({ after }) => after.used), [3, 2, 1, 0]);
      assertEquals(changes.map(({ reason }) => reason), [null, null, null, "429"]);
      const { action, before, after } = changes[3]!;
      assertEquals([action, before, after.origin], ["closed", status, "provider"]);
      assertEquals((await control.listChanges("greynoise", 2)).map(({ after }) => after.used), [3, 2]);
      assertEquals(await control.listChanges("cymru", 10), []);
    },
  },
  {
    name: "orders that can't be written down change nothing",
    run: async (sql) => {
      const { ledger, control } = openDesk(sql);
      await ledger.reserve("greynoise", 30, NOON);
      const before = await ledger.read("greynoise", NOON);
      await sql.query("alter table quota_audit rename to quota_audit_gone");
      try {
        const policy = { limit: 500, period: "day" } as const;
        await assertRejects(() => control.reset("greynoise", ORDER));
        await assertRejects(() => control.set("greynoise", { ...ORDER, policy, used: 1 }));
        await assertRejects(() => control.listChanges("greynoise", 1));
      } finally {
        await sql.query("alter table quota_audit_gone rename to quota_audit");
      }
      assertEquals(await ledger.read("greynoise", NOON), before);
    },
  },
];
