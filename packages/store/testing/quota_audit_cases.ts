import { MS_PER_DAY } from "@ipcascade/core";
import { assertEquals } from "@std/assert";
import { createSqlQuotaLedger } from "../quota_ledger.ts";
import type { SqlClient } from "../sql_client.ts";
import type { ContractCase } from "../../testkit/contract.ts";
import { NOON } from "./rows.ts";

/** What the ledger leaves for those who ask later. */
export const QUOTA_AUDIT_CASES: readonly ContractCase<SqlClient>[] = [
  {
    name: "close() writes one line of audit, however many requests were refused together",
    run: async (sql) => {
      const policies = { greynoise: { limit: 100, period: "day" } } as const;
      const ledger = createSqlQuotaLedger({ sql, policies });
      await ledger.reserve("greynoise", 3, NOON);
      const learned = { limit: 25, period: "week" } as const;
      const closing = { now: NOON, learned, retryAt: null, reason: "HTTP 429" };
      await Promise.all(Array.from({ length: 5 }, () => ledger.close("greynoise", closing)));
      assertEquals(
        await sql.query(
          `select source, actor, reason, (before #>> '{used}')::int as used_before, (after #>> '{used}')::int as used_after,
            after #>> '{policy,period}' as period, date_part('epoch', at)::int as at
          from quota_audit`,
        ),
        [{
          source: "greynoise",
          actor: "provider",
          reason: "HTTP 429",
          used_before: 3,
          used_after: 3,
          period: "week",
          at: Math.floor(NOON / 1000),
        }],
      );
    },
  },
  {
    name: "close() goes by a policy that was learned before, whatever is configured",
    run: async (sql) => {
      const first = createSqlQuotaLedger({ sql, policies: { greynoise: { limit: 100, period: "day" } } });
      const learned = { limit: 25, period: "month" } as const;
      await first.close("greynoise", { now: NOON, learned, retryAt: null, reason: "429" });
      const second = createSqlQuotaLedger({ sql, policies: { greynoise: { limit: 9, period: "week" } } });
      const later = NOON + 20 * MS_PER_DAY;
      const status = await second.close("greynoise", {
        now: later,
        learned: null,
        retryAt: null,
        reason: "429",
      });
      assertEquals([status.policy, status.origin, status.since], [learned, "provider", NOON]);
      assertEquals(status.closedUntil, Date.UTC(2027, 0, 1));
    },
  },
];
