import type { BackupManifest } from "@ipcascade/core";
import type { FakeRandom } from "@ipcascade/testkit";

/** A backup's directory that is about to be damaged, and another backup of the same database. */
export interface DamagedBackup {
  readonly dir: string;
  readonly other: string;
  readonly manifest: BackupManifest;
  readonly random: FakeRandom;
}

/** Damages a backup; gives the members that verification has to name, any of them. */
export type Damage = (backup: DamagedBackup) => Promise<readonly string[]>;

/** A member that has bytes of its own. */
function pick({ manifest, random }: DamagedBackup) {
  const tables = manifest.tables.filter(({ rows }) => rows > 0);
  return tables[random.below(tables.length)]!;
}

async function change(path: string, edit: (bytes: Uint8Array) => Uint8Array): Promise<void> {
  await Deno.writeFile(path, edit(await Deno.readFile(path)));
}

async function editManifest(
  { dir }: DamagedBackup,
  edit: (text: string) => string,
): Promise<readonly string[]> {
  const path = `${dir}/manifest.json`;
  const text = await Deno.readTextFile(path);
  const edited = edit(text);
  if (edited === text) throw new Error("The manifest was not changed");
  await Deno.writeTextFile(path, edited);
  return ["manifest"];
}

/** What can happen to a backup. */
export const DAMAGES: Readonly<Record<string, Damage>> = {
  "cut": async (backup) => {
    const { file, table } = pick(backup);
    await change(`${backup.dir}/${file}`, (bytes) => bytes.slice(0, backup.random.below(bytes.length)));
    return [table];
  },
  "flipped byte": async (backup) => {
    const { file, table } = pick(backup);
    await change(`${backup.dir}/${file}`, (bytes) => {
      const at = backup.random.below(bytes.length);
      bytes[at] = (bytes[at]! + 1 + backup.random.below(255)) & 255;
      return bytes;
    });
    return [table];
  },
  "flipped byte of the manifest": async (backup) => {
    await change(`${backup.dir}/manifest.json`, (bytes) => {
      const at = backup.random.below(bytes.length);
      bytes[at] = (bytes[at]! + 1 + backup.random.below(255)) & 255;
      return bytes;
    });
    return ["manifest"];
  },
  "swapped members": async (backup) => {
    const one = pick(backup);
    let two = pick(backup);
    while (two === one) two = pick(backup);
    const [a, b] = [`${backup.dir}/${one.file}`, `${backup.dir}/${two.file}`];
    const bytes = await Deno.readFile(a);
    await Deno.copyFile(b, a);
    await Deno.writeFile(b, bytes);
    return [one.table, two.table];
  },
  "missing member": async (backup) => {
    const { tables } = backup.manifest;
    const { file, table } = tables[backup.random.below(tables.length)]!;
    await Deno.remove(`${backup.dir}/${file}`);
    return [table];
  },
  "zero bytes": async (backup) => {
    const { file, table } = pick(backup);
    await Deno.writeFile(`${backup.dir}/${file}`, new Uint8Array());
    return [table];
  },
  "bytes of zero": async (backup) => {
    const { file, table } = pick(backup);
    await change(`${backup.dir}/${file}`, (bytes) => bytes.fill(0, backup.random.below(bytes.length)));
    return [table];
  },
  "bytes behind the end": async (backup) => {
    const { file, table } = pick(backup);
    await change(`${backup.dir}/${file}`, (bytes) => Uint8Array.from([...bytes, 0, 1, 2]));
    return [table];
  },
  "file of another backup": async (backup) => {
    await Deno.copyFile(`${backup.other}/sessions.copy.gz`, `${backup.dir}/sessions.copy.gz`);
    return ["sessions"];
  },
  "manifest of another backup": async (backup) => {
    await Deno.copyFile(`${backup.other}/manifest.json`, `${backup.dir}/manifest.json`);
    return ["manifest"];
  },
  "a file that nobody knows": async (backup) => {
    await Deno.writeTextFile(`${backup.dir}/passwords.copy.gz`, "x");
    return ["passwords.copy.gz"];
  },
  "rows of the manifest edited": (backup) =>
    editManifest(backup, (text) => text.replace(/"rows": (\d+)/, (_, rows) => `"rows": ${Number(rows) + 1}`)),
  "schema of the manifest edited": (backup) =>
    editManifest(backup, (text) => text.replace(/("version": )\d+/, "$13")),
  "table of the manifest renamed": (backup) =>
    editManifest(backup, (text) => text.replace('"table": "sessions"', '"table": "session"')),
  "column of the manifest left out": (backup) =>
    editManifest(backup, (text) => text.replace(/\{\s+"name": "geo_city",[^}]+\},\s+/, "")),
  "no manifest that can be read": (backup) => editManifest(backup, (text) => text.slice(0, text.length / 2)),
};
