import { assertEquals, assertRejects } from "@std/assert";
import type { TableRows } from "@ipcascade/core";
import type { ContractCase } from "../../testkit/contract.ts";
import type { SqlClient } from "../sql_client.ts";
import { SqlError } from "../sql_error.ts";

const ROWS: TableRows = {
  table: "copied rows",
  columns: [
    { name: "id", type: "bigint" },
    { name: "word", type: "text" },
    { name: "document", type: "jsonb" },
    { name: "at", type: "timestamp with time zone" },
    { name: "bytes", type: "bytea" },
    { name: "value", type: "double precision" },
  ],
  key: ["word", "id"],
};

const COUNT = 5_000;

async function makeTable(sql: SqlClient): Promise<void> {
  await sql.query(`drop table if exists "copied rows"`);
  await sql.query(
    `create table "copied rows" (id bigint, word text, document jsonb, at timestamptz, bytes bytea,
    value float8 check (value < 1e300))`,
  );
}

async function fillTable(sql: SqlClient): Promise<void> {
  await sql.query(
    `insert into "copied rows" select n, case n % 5 when 0 then null else chr(9 + n % 300) || E'\\\\\\n\\r\\t' || n end,
      jsonb_build_object('n', n::numeric / 7, 'text', repeat(chr(233), n % 700), 'null', null),
      to_timestamp(n / 3.0), decode(md5(n::text), 'hex'), sqrt(n)
    from generate_series(1, $1::int) n where n % 5 <> 0`,
    [COUNT],
  );
}

/** A digest of all rows, whatever their order in the file. */
async function readDigest(sql: Pick<SqlClient, "query">): Promise<string> {
  const rows = await sql.query<{ digest: string }>(
    `select coalesce(md5(string_agg(md5(r::text), '' order by id)), 'none') as digest from "copied rows" r`,
  );
  return rows[0]!.digest;
}

async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array[]> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return all;
}

async function* pieces(bytes: Uint8Array, size: number): AsyncIterable<Uint8Array> {
  for (let start = 0; start < bytes.length; start += size) {
    yield bytes.subarray(start, start + size);
    await Promise.resolve();
  }
}

/** What streaming rows in and out promises. */
export const COPYING_CASES: readonly ContractCase<SqlClient>[] = [
  {
    name: "copying() gives whole rows in the order of their key and takes them back in pieces of any size",
    run: async (sql) => {
      await makeTable(sql);
      await fillTable(sql);
      const digest = await readDigest(sql);
      const chunks = await sql.copying((tx) => collect(tx.copyOut(ROWS)), { isSnapshot: true });
      for (const chunk of chunks) assertEquals(chunk.at(-1), 10, "a piece ends with a row");
      const bytes = new Uint8Array(await new Blob(chunks as BlobPart[]).arrayBuffer());
      const words = new TextDecoder().decode(bytes).split("\n").slice(0, -1).map((line) =>
        line.split("\t")[1]!
      );
      assertEquals(words.length, COUNT * 0.8);
      for (const size of [bytes.length, 1_237]) {
        await sql.query(`delete from "copied rows"`);
        await sql.copying((tx) => tx.copyIn(ROWS, pieces(bytes, size)));
        assertEquals(await readDigest(sql), digest);
      }
      const again = await sql.copying((tx) => collect(tx.copyOut(ROWS)));
      assertEquals(new Uint8Array(await new Blob(again as BlobPart[]).arrayBuffer()), bytes);
      await sql.query(`drop table "copied rows"`);
    },
  },
  {
    name: "copying() goes on after rows were read slowly, and after they were given up",
    run: async (sql) => {
      await makeTable(sql);
      await fillTable(sql);
      const count = await sql.copying(async (tx) => {
        for await (const _ of tx.copyOut(ROWS)) await new Promise((resolve) => setTimeout(resolve, 1));
        for (let round = 0; round < 3; round++) for await (const _ of tx.copyOut(ROWS)) { /* read */ }
        const [row] = await tx.query<{ count: number }>(`select count(*)::int as count from "copied rows"`);
        return row!.count;
      });
      assertEquals(count, COUNT * 0.8);
      await assertRejects(
        () =>
          sql.copying(async (tx) => {
            for await (const _ of tx.copyOut(ROWS)) throw new TypeError("enough");
          }),
        TypeError,
        "enough",
      );
      assertEquals((await sql.query(`select 1::int as one`))[0], { one: 1 });
      await sql.query(`drop table "copied rows"`);
    },
  },
  {
    name: "copying() undoes everything when a row is refused, be it the first or the last, and says why",
    run: async (sql) => {
      await makeTable(sql);
      await fillTable(sql);
      const digest = await readDigest(sql);
      const good = "1\ta\t{}\t2026-01-01 00:00:00+00\t\\\\x00\t1\n";
      const bad = "1\ta\t{}\t2026-01-01 00:00:00+00\t\\\\x00\t1e301\n";
      const cut = "1\ta\t{}";
      for (const text of [bad + good.repeat(20_000), good.repeat(20_000) + bad, good + cut]) {
        const bytes = new TextEncoder().encode(text);
        const error = await assertRejects(
          () =>
            sql.copying(async (tx) => {
              await tx.query(`delete from "copied rows"`);
              await tx.copyIn(ROWS, pieces(bytes, 100_000));
            }),
          SqlError,
        );
        assertEquals(error.sqlState, text === good + cut ? "22P04" : "23514", error.message);
        assertEquals(await readDigest(sql), digest);
      }
      await sql.query(`drop table "copied rows"`);
    },
  },
  {
    name: "copying() undoes everything when whoever gives the rows fails, and throws that",
    run: async (sql) => {
      await makeTable(sql);
      await fillTable(sql);
      const digest = await readDigest(sql);
      async function* failing(): AsyncIterable<Uint8Array> {
        yield new TextEncoder().encode("1\ta\t{}\t2026-01-01 00:00:00+00\t\\\\x00\t1\n".repeat(20_000));
        await Promise.resolve();
        throw new RangeError("the disk is gone");
      }
      const work = () =>
        sql.copying(async (tx) => {
          await tx.query(`delete from "copied rows"`);
          await tx.copyIn(ROWS, failing()).catch((error) => {
            // Even when it is caught: half of the rows are no success.
            if (!(error instanceof RangeError)) throw error;
          });
        });
      await assertRejects(work, Error);
      assertEquals(await readDigest(sql), digest);
      await sql.query(`drop table "copied rows"`);
    },
  },
  {
    name: "copying() sees one instant in a snapshot, writes nothing there, and writes instants in UTC",
    run: async (sql) => {
      await makeTable(sql);
      await sql.query(
        `insert into "copied rows" (id, word, at) values (1, 'a', '2026-11-26 12:00:00.123456+05')`,
      );
      await assertRejects(
        () => sql.copying((tx) => tx.query(`delete from "copied rows"`), { isSnapshot: true }),
        SqlError,
        "25006",
      );
      const [chunk] = await sql.copying((tx) => collect(tx.copyOut(ROWS)), { isSnapshot: true });
      assertEquals(
        new TextDecoder().decode(chunk),
        "1\ta\t\\N\t2026-11-26 07:00:00.123456+00\t\\N\t\\N\n",
      );
      await sql.query(`drop table "copied rows"`);
    },
  },
];
