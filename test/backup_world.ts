import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { BackupManifest } from "@ipcascade/core";
import type { BackupListReport, BackUpReport } from "@ipcascade/operations";
import { OutputStream, type Terminal } from "@ipcascade/platform";
import type { SqlClient } from "@ipcascade/store";
import { runCli as runInProcess } from "../apps/cli/cli.ts";
import { openPgliteDatabase } from "../packages/platform/pglite_database.ts";
import type { CliResult, CliWorld } from "./run_cli.ts";

/** An answer of a command, with its report. */
export interface Told<Report> extends CliResult {
  readonly report: Report;
}

/** Runs a command with JSON in a process of its own; whatever happens there is a report. */
export async function tell<Report = Record<string, unknown>>(
  world: CliWorld,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Told<Report>> {
  const result = await world.run([...args, "--format", "json"], { env });
  return { ...result, report: JSON.parse(result.stdout === "" ? "null" : result.stdout) };
}

/** The same in this process, which takes a fraction of the time. */
export async function tellHere<Report = Record<string, unknown>>(
  world: CliWorld,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Told<Report>> {
  const result = await runAtTerminal({ ...world.env, ...env }, [...args, "--format", "json"], null);
  return { ...result, report: JSON.parse(result.stdout === "" ? "null" : result.stdout) };
}

/** Makes a backup and gives its report. */
export async function makeBackup(
  world: CliWorld,
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<BackUpReport> {
  const { code, report, stderr } = await tell<BackUpReport>(world, ["backup", "create", ...args], env);
  if (code !== 0) throw new Error(`Cannot back up: ${stderr}`);
  return report;
}

/** The list of backups. */
export async function listed(
  world: CliWorld,
  env: Readonly<Record<string, string>> = {},
): Promise<BackupListReport> {
  return (await tellHere<BackupListReport>(world, ["backup"], env)).report;
}

/** Where a world keeps its backups. */
export function backupDir(world: CliWorld): string {
  return world.dir.join("data", "backups");
}

/** The manifest of a backup. */
export async function readManifestOf(world: CliWorld, id: string): Promise<BackupManifest> {
  return JSON.parse(await readFile(join(backupDir(world), id, "manifest.json"), "utf8"));
}

/** The chain of checks of the tables that nothing but enriching changes: equal ones hold equal rows. */
export function knowledgeOf({ tables }: BackupManifest): Readonly<Record<string, unknown>> {
  const names = ["ip_inventory", "asn_inventory", "ip_asn_history", "sessions", "quota_ledger"];
  const known = tables.filter(({ table }) => names.includes(table));
  return Object.fromEntries(
    known.map(({ table, columns, rows, checks }) => [table, { columns, rows, checks }]),
  );
}

/** Copies a backup under another name and turns one bit of one of its files. */
export async function damageCopy(
  world: CliWorld,
  id: string,
  { to, file }: { readonly to: string; readonly file: string },
): Promise<string> {
  const copy = world.dir.join(to);
  await cp(join(backupDir(world), id), copy, { recursive: true });
  const bytes = await readFile(join(copy, file));
  bytes[Math.floor(bytes.length / 2)]! ^= 1;
  await writeFile(join(copy, file), bytes);
  return copy;
}

/** Looks into the embedded database of a world. */
export async function lookInto<T>(world: CliWorld, look: (sql: SqlClient) => Promise<T>): Promise<T> {
  const sql = await openPgliteDatabase(world.env.IPCASCADE_DATA_DIR!);
  try {
    return await look(sql);
  } finally {
    await sql.close();
  }
}

/** The addresses of an inventory. */
export async function addressesIn(sql: SqlClient): Promise<readonly string[]> {
  const rows = await sql.query<{ ip: string }>(
    "select ip_address::text as ip from ip_inventory order by ip_address",
  );
  return rows.map(({ ip }) => ip.replace(/\/(32|128)$/, ""));
}

/** Runs a command in this process, at a terminal at which a person types `answer`. */
export async function runAtTerminal(
  env: Readonly<Record<string, string>>,
  args: readonly string[],
  answer: string | null,
): Promise<CliResult & { readonly asked: number }> {
  const before = Deno.env.toObject();
  for (const [name, value] of Object.entries(env)) Deno.env.set(name, value);
  const written = { stdout: "", stderr: "" };
  let asked = 0;
  const target = {
    write(data: string | Uint8Array, done: () => void) {
      written.stdout += typeof data === "string" ? data : new TextDecoder().decode(data);
      done();
    },
    on() {},
  };
  const terminal: Terminal = {
    args,
    stdout: new OutputStream(target),
    stdinIsTerminal: true,
    stderrIsTerminal: true,
    columns: 80,
    writeError: (text) => void (written.stderr += text),
    readAnswer: () => Promise.resolve(asked++ === 0 ? answer : null),
    exit: () => Promise.reject(new Error("Cannot exit within a test")),
  };
  try {
    const code = await runInProcess(args, terminal);
    return { code, ...written, asked };
  } finally {
    for (const name of Object.keys(env)) {
      const value = before[name];
      if (value === undefined) Deno.env.delete(name);
      else Deno.env.set(name, value);
    }
  }
}
