import postgres, { type Sql } from "postgres";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

/** The rows of the inventory as COPY writes them, without what the database derives. */
export async function copyOut(url: string): Promise<readonly Uint8Array[]> {
  const chunks: Uint8Array[] = [];
  await copyOutTo(url, (chunk) => void chunks.push(chunk));
  return chunks;
}

/** The same, piece by piece. */
export async function copyOutTo(url: string, take: (chunk: Uint8Array) => void): Promise<void> {
  // A connection of its own: postgres.js 3.4 may leave the socket paused when such a stream has ended.
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    for await (const chunk of await sql`copy ip_inventory to stdout`.readable()) take(chunk);
  } finally {
    await sql.end({ timeout: 0 });
  }
}

/** Makes an empty table for such rows, without indexes. */
export async function makeCopyTable(sql: Sql): Promise<void> {
  await sql`create table copied (like ip_inventory)`;
  await sql`alter table copied drop column cymru_due_at, drop column greynoise_due_at`;
}

/** Copies the rows into that table. */
export async function copyInto(sql: Sql, chunks: readonly Uint8Array[]): Promise<void> {
  await pipeline(Readable.from(chunks), await sql`copy copied from stdin`.writable());
}
