import { LockHeldError } from "@ipcascade/core";
import { assertEquals, assertRejects } from "@std/assert";
import type { SqlClient } from "../sql_client.ts";
import { SqlError } from "../sql_error.ts";
import type { ContractCase } from "../../testkit/contract.ts";

const INSERT = "insert into asn_inventory (asn_number) values ($1::bigint)";

/** What every driver does behind `SqlClient`. */
export const SQL_CLIENT_CASES: readonly ContractCase<SqlClient>[] = [
  {
    name: "query() gives the same values whichever driver is behind it",
    run: async (sql) => {
      const rows = await sql.query(
        `select $1::text as text, $2::int as int, $3::float8 as float, $4::bool as yes, $5::text as none,
          $6::text::jsonb as document, $7::text::inet[] @> '{10.0.0.1}' as found`,
        ["ä\n'\"", -7, 1.5e300, true, null, '{"a":[1,null]}', "{10.0.0.1,::1}"],
      );
      const expected = { text: "ä\n'\"", int: -7, float: 1.5e300, yes: true, none: null, found: true };
      assertEquals(rows, [{ ...expected, document: { a: [1, null] } }]);
      assertEquals(await sql.query("select 1 as one where false"), []);
    },
  },
  {
    name: "query() passes bytes both ways",
    run: async (sql) => {
      const all = Uint8Array.from({ length: 100_003 }, (_, index) => index % 256);
      for (const bytes of [all, new Uint8Array(0), all.subarray(200, 300)]) {
        const [row] = await sql.query<{ bytes: Uint8Array; size: number; none: null }>(
          "select $1::bytea as bytes, octet_length($1::bytea) as size, $2::bytea as none",
          [bytes, null],
        );
        assertEquals([row?.bytes instanceof Uint8Array, row?.size, row?.none], [true, bytes.length, null]);
        assertEquals(new Uint8Array(row!.bytes), new Uint8Array(bytes));
      }
    },
  },
  {
    name: "query() throws SqlError with the state and without the parameters",
    run: async (sql) => {
      const error = await assertRejects(
        () => sql.query("select $1::text from nowhere", ["s3cret"]),
        SqlError,
        "nowhere",
      );
      assertEquals([error.sqlState, error.code], ["42P01", "STORE_FAILED"]);
      assertEquals(JSON.stringify(Object.getOwnPropertyDescriptors(error)).includes("s3cret"), false);
      assertEquals(error.cause, undefined);
    },
  },
  {
    name: "transaction() keeps all of it or nothing",
    run: async (sql) => {
      assertEquals(
        await sql.transaction(async (tx) => {
          await tx.query(INSERT, [1]);
          return await tx.transaction(async (inner) => {
            await inner.query(INSERT, [2]);
            return "done";
          });
        }),
        "done",
      );
      await assertRejects(
        () =>
          sql.transaction(async (tx) => {
            await tx.query(INSERT, [3]);
            throw new LockHeldError("mine");
          }),
        LockHeldError,
        "mine",
      );
      assertEquals(await countAsns(sql), 2);
    },
  },
  {
    name: "transaction() fails when one of its statements failed and nobody cared",
    run: async (sql) => {
      await assertRejects(
        () =>
          sql.transaction(async (tx) => {
            await tx.query(INSERT, [1]);
            await tx.query("select broken").catch(() => {});
          }),
        SqlError,
        "broken",
      );
      assertEquals(await countAsns(sql), 0);
    },
  },
  {
    name: "transaction() starts again after a deadlock, and gives up after five tries",
    run: async (sql) => {
      let tries = 0;
      const deadlockUntil = (last: number) =>
        sql.transaction(async (tx) => {
          tries++;
          await tx.query(INSERT, [tries]);
          if (tries < last) {
            await tx.query(
              `do $$ begin raise exception 'made up' using errcode = 'deadlock_detected'; end $$`,
            );
          }
        });
      await deadlockUntil(3);
      assertEquals([tries, await countAsns(sql)], [3, 1]);
      tries = 100;
      await assertRejects(() => deadlockUntil(200), SqlError, "40P01");
      assertEquals(tries, 105);
    },
  },
];

async function countAsns(sql: SqlClient): Promise<number> {
  return (await sql.query<{ count: number }>("select count(*)::int as count from asn_inventory"))[0]!.count;
}
