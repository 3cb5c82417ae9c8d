import type { BackupDatabase, SchemaStamp, SnapshotTables, TableShape } from "@ipcascade/core";

/** A table in memory; rows are in COPY's text format, with their newlines. */
export interface MemoryTable extends TableShape {
  rows: string[];
}

/** An inventory of so many rows and two sessions. */
export function createTables(rows: number): MemoryTable[] {
  return [
    {
      table: "ip_inventory",
      columns: [
        { name: "ip_address", type: "inet" },
        { name: "asn_number", type: "bigint" },
        { name: "enrichment", type: "jsonb" },
        { name: "updated_at", type: "timestamp with time zone" },
      ],
      key: ["ip_address"],
      sequence: null,
      rows: Array.from(
        { length: rows },
        (_, index) =>
          `5.0.${index >> 8}.${
            index & 255
          }\t${index}\t{"n": "caf\u00e9 ${index} \\\\n"}\t2026-11-23 12:00:00.25+00\n`,
      ),
    },
    {
      table: "sessions",
      columns: [{ name: "session_id", type: "text" }, { name: "source_ip", type: "inet" }],
      key: ["session_id"],
      sequence: { column: "session_id", next: "3" },
      rows: ["a\\tb\t5.0.0.0\n", "b\t\\N\n"],
    },
    { table: "empty_one", columns: [{ name: "id", type: "uuid" }], key: ["id"], sequence: null, rows: [] },
  ];
}

/** A database in memory that can only be read. */
export class MemoryBackupDatabase implements BackupDatabase {
  readonly tables: MemoryTable[];
  /** True while a snapshot is open. */
  isOpen = false;

  constructor(tables: MemoryTable[] = createTables(5)) {
    this.tables = tables;
  }

  async snapshot<T>(work: (tables: SnapshotTables) => Promise<T>): Promise<T> {
    this.isOpen = true;
    try {
      return await work(openTables(this.tables));
    } finally {
      this.isOpen = false;
    }
  }

  replace(): Promise<never> {
    return Promise.reject(new Error("Cannot replace rows in memory"));
  }

  rehearse(): Promise<never> {
    return Promise.reject(new Error("Cannot load rows in memory"));
  }
}

/** The schema of tables in memory. */
export const MEMORY_SCHEMA: SchemaStamp = { version: 11, checksum: "ab".repeat(32) };

/** Tables in memory as a snapshot has them. */
export function openTables(tables: readonly MemoryTable[]): SnapshotTables {
  return {
    schema: MEMORY_SCHEMA,
    origin: { id: "d2f1c3d4-0000-4000-8000-000000000001", kind: "server", name: "x", server_version: "18.1" },
    tables: tables.map(({ rows: _rows, ...shape }) => shape),
    estimateRows: () => Promise.resolve(-1),
    countRows: (table) => Promise.resolve(tables.find((one) => one.table === table)!.rows.length),
    read: async function* ({ table }) {
      await Promise.resolve();
      const rows = tables.find((one) => one.table === table)!.rows;
      for (let start = 0; start < rows.length; start += 1000) {
        yield new TextEncoder().encode(rows.slice(start, start + 1000).join(""));
      }
    },
  };
}
