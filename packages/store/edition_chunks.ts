import { EditionStoreError, quoteInput } from "@ipcascade/core";
import type { SqlClient } from "./sql_client.ts";

/** A file of a set as `edition` names it. */
export interface StoredEdition {
  /** Key of the row. */
  readonly id: string;
  readonly file: string;
  readonly size: number;
}

/** Writes a file in chunks of equal size; a buffer of one chunk is all the memory it takes. */
export class ChunkWriter {
  readonly #sql: SqlClient;
  readonly #editionId: string;
  readonly #buffer: Uint8Array;
  #filled = 0;
  #number = 0;
  #size = 0;

  constructor(sql: SqlClient, editionId: string, chunkBytes: number) {
    this.#sql = sql;
    this.#editionId = editionId;
    this.#buffer = new Uint8Array(chunkBytes);
  }

  /** Bytes that were taken. */
  get size(): number {
    return this.#size;
  }

  async write(bytes: Uint8Array): Promise<void> {
    for (let start = 0; start < bytes.length;) {
      const part = bytes.subarray(start, start + this.#buffer.length - this.#filled);
      this.#buffer.set(part, this.#filled);
      this.#filled += part.length;
      this.#size += part.length;
      start += part.length;
      if (this.#filled === this.#buffer.length) await this.#flush();
    }
  }

  /** Writes the rest; the file is complete then. */
  async close(): Promise<void> {
    if (this.#filled > 0) await this.#flush();
    await this.#sql.query("update edition set size_bytes = $2::float8::bigint where id = $1::text::bigint", [
      this.#editionId,
      this.#size,
    ]);
  }

  async #flush(): Promise<void> {
    // A chunk whose answer got lost is sent again.
    await this.#sql.query(
      `insert into edition_chunk (edition_id, number, bytes) values ($1::text::bigint, $2::int, $3::bytea)
      on conflict (edition_id, number) do update set bytes = excluded.bytes`,
      [this.#editionId, this.#number, this.#buffer.subarray(0, this.#filled)],
    );
    this.#number++;
    this.#filled = 0;
  }
}

/** One file of a complete set; null where there is none of the name. */
export async function findEdition(
  sql: SqlClient,
  setId: string,
  file: string,
): Promise<StoredEdition | null> {
  const [row] = await sql.query<{ id: string; size: number }>(
    `select e.id::text as id, e.size_bytes::float8 as size
    from edition e join edition_set s on s.id = e.set_id
    where s.complete and s.id = $1::text and e.file = $2::text`,
    [setId, file],
  );
  return row === undefined ? null : { ...row, file };
}

/** Chunks that are on their way at once: a database that is far away is not waited for at each of them. */
const CHUNK_LANES = 4;

/** Reads a file chunk by chunk into one array. Throws `EditionStoreError` when the chunks are not all there. */
export async function readChunks(sql: SqlClient, edition: StoredEdition): Promise<Uint8Array> {
  const bytes = new Uint8Array(edition.size);
  if (bytes.length === 0) return bytes;
  const first = await readChunk(sql, edition, 0);
  // All are of one size but the last.
  const size = first.length;
  const place = (number: number, chunk: Uint8Array) => {
    const start = number * size;
    if (size === 0 || chunk.length !== Math.min(size, bytes.length - start)) throw chunksMissing(edition);
    bytes.set(chunk, start);
  };
  place(0, first);
  let next = 1;
  const fillLane = async () => {
    while (next * size < bytes.length) {
      const number = next++;
      place(number, await readChunk(sql, edition, number));
    }
  };
  await Promise.all(Array.from({ length: CHUNK_LANES }, fillLane));
  return bytes;
}

async function readChunk(sql: SqlClient, { id }: StoredEdition, number: number): Promise<Uint8Array> {
  const [row] = await sql.query<{ bytes: Uint8Array }>(
    "select bytes from edition_chunk where edition_id = $1::text::bigint and number = $2::int",
    [id, number],
  );
  return row?.bytes ?? new Uint8Array(0);
}

function chunksMissing({ file, size }: StoredEdition): EditionStoreError {
  return new EditionStoreError(
    `Cannot read ${quoteInput(file)} from the database: its chunks are not those of ${size} bytes`,
  );
}

/** Makes the room of removed chunks usable again; the embedded database doesn't do it by itself. */
export async function reclaimChunks(sql: SqlClient): Promise<void> {
  // Room is all that is lost where the role may not.
  await sql.query("vacuum edition_chunk").catch(() => {});
}
