import type { EditionProvider, LogFields } from "@ipcascade/core";
import {
  type EditionUpdateDeps,
  updateEditions,
  type UpdateOptions,
  type UpdateReport,
} from "@ipcascade/operations";
import {
  openEditionProvider,
  type OpenEditions,
  openEditions,
  readSettings,
  type Settings,
} from "@ipcascade/platform";
import { EDITION_BUILD_EPOCH, EDITION_IDS, openTempDir, type TempDir } from "@ipcascade/testkit";
import { type Lab, type LabOptions, openLab } from "@ipcascade/testkit/lab";
import type { SqlClient } from "@ipcascade/store";
import { SettableClock } from "./cascade_world.ts";

/** What a world of editions is made of; everything has a default. */
export interface EditionWorldOptions {
  /** A migrated database in which editions are kept; default a directory. */
  readonly database?: SqlClient;
  readonly lab?: LabOptions;
  /** Settings besides the lab's. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Editions as the product keeps them, against the lab. */
export interface EditionWorld extends AsyncDisposable {
  readonly lab: Lab;
  readonly dir: TempDir;
  readonly clock: SettableClock;
  readonly settings: Settings;
  readonly editions: OpenEditions;
  readonly provider: EditionProvider;
  readonly deps: EditionUpdateDeps;
  /** Everything that was logged. */
  readonly logged: readonly string[];
  update(options?: Partial<UpdateOptions>): Promise<UpdateReport>;
  /** Options of an update that does not try again. */
  readonly options: UpdateOptions;
  /** Publishes a release of both editions, `days` after the first one. */
  publish(days: number): void;
}

/** Builds of the lab's releases, in seconds. */
export function buildOf(days: number): number {
  return EDITION_BUILD_EPOCH + Math.round(days * 86_400);
}

/** Opens a world: `await using world = await openEditionWorld()`. */
export async function openEditionWorld(options: EditionWorldOptions = {}): Promise<EditionWorld> {
  const dir = await openTempDir();
  const lab = await openLab(options.lab);
  const clock = new SettableClock();
  const logged: string[] = [];
  const write = (message: string, fields?: LogFields) =>
    void logged.push(`${message} ${JSON.stringify(fields)}`);
  const log = { debug: write, info: write, warn: write, error: write };
  const env = {
    ...lab.env,
    IPCASCADE_DATA_DIR: dir.join("data"),
    ...options.database === undefined ? {} : { EDITION_STORE: "postgres" },
    ...options.env,
  };
  const settings = readSettings({ env, flags: {}, readFile: () => null });
  const editions = await openEditions(settings, log, { clock, database: options.database });
  const provider = openEditionProvider(settings, clock);
  const deps = { ...editions.deps, provider };
  const update: UpdateOptions = { policy: editions.policy, settings: editions.settings, retryForMs: 0 };
  return {
    lab,
    dir,
    clock,
    settings,
    editions,
    provider,
    deps,
    logged,
    options: update,
    update: (more = {}) => updateEditions(deps, { ...update, ...more }),
    publish: (days) => {
      for (const id of EDITION_IDS) lab.publish(id, { buildEpoch: buildOf(days) });
    },
    [Symbol.asyncDispose]: async () => {
      await editions[Symbol.asyncDispose]();
      await lab.close();
      await dir[Symbol.asyncDispose]();
    },
  };
}
