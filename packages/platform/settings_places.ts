import { readDatabaseUrl } from "./settings_database.ts";
import { defineSetting } from "./settings_definition.ts";
import type { SettingTable } from "./settings_table_type.ts";
import { readInteger, readPath } from "./settings_values.ts";

/** Where the data is. */
export const PLACE_SETTINGS: Pick<SettingTable, "dataDir" | "configFile" | "databaseUrl" | "databasePool"> = {
  dataDir: defineSetting<string>({
    name: "IPCASCADE_DATA_DIR",
    about: "directory of the embedded database, the editions and the backups",
    read: (text, { home }) => readPath(text, home),
    fallback: ({ dataDir }) => dataDir,
  }),
  configFile: defineSetting<string | null>({
    name: "IPCASCADE_CONFIG_FILE",
    about: "file of NAME=VALUE lines; default is ipcascade.env in the data directory",
    read: (text, { home }) => readPath(text, home),
    fallback: () => null,
  }),
  databaseUrl: defineSetting<string | null>({
    name: "DATABASE_URL",
    secret: "url",
    about:
      "database server; default is the embedded one; also DB_HOST DB_USER DB_NAME, or PGHOST and its kin",
    read: readDatabaseUrl,
    fallback: () => null,
  }),
  databasePool: defineSetting<number>({
    name: "IPCASCADE_DB_POOL",
    about: "connections to the database server; 0 is two for each processor core",
    read: (text) => readInteger(text, { min: 0, max: 1000 }),
    fallback: () => 0,
  }),
};
