import process from "node:process";
import { openPgliteDatabase } from "../pglite_database.ts";

// Writes into the embedded database until it is killed: `pglite_writer.ts DATA_DIR`. Prints each number once it is
// committed. With a line on its input it closes the database instead.

const sql = await openPgliteDatabase(process.argv[2]!);
await sql.query("create table if not exists written (number int primary key)");
const [last] = await sql.query<{ number: number }>(
  "select coalesce(max(number), 0)::int as number from written",
);
let isAsked = false;
process.stdin.once("data", () => isAsked = true);
for (let number = last!.number + 1; !isAsked; number++) {
  await sql.query("insert into written values ($1::int)", [number]);
  process.stdout.write(`${number}\n`);
  await new Promise((resolve) => setImmediate(resolve));
}
await sql.close();
process.exit(0);
