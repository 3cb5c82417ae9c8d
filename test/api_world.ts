import { createApp, DEFAULT_POLICY } from "@ipcascade/api";
import { VERSION } from "@ipcascade/core";
import { type OpenOperations, openOperations, readSettings, type Settings } from "@ipcascade/platform";
import { type EditionOptions, openTempDir, type TempDir, writeEditionPair } from "@ipcascade/testkit";
import { type Lab, openLab } from "@ipcascade/testkit/lab";
import type { ApiPolicy } from "@ipcascade/api";
import { listenOnDeno } from "../apps/api/listen_deno.ts";
import { describeApi } from "../apps/api/openapi.ts";
import { readPolicy } from "../apps/api/read_policy.ts";
import { createResponseChecker } from "./response_checker.ts";

/** How a world of the API is made; everything has a default. */
export interface ApiWorldOptions {
  /** Settings besides those that point at the lab. */
  readonly env?: Readonly<Record<string, string>>;
  /** False: no edition is installed. Else how they are built. */
  readonly editions?: false | EditionOptions;
  /** What the settings don't say. */
  readonly policy?: Partial<ApiPolicy>;
}

/** The API on a real socket, on a database and editions of its own, against the lab. */
export interface ApiWorld extends AsyncDisposable {
  readonly lab: Lab;
  readonly dir: TempDir;
  readonly settings: Settings;
  readonly operations: OpenOperations;
  readonly app: ReturnType<typeof createApp>;
  /** Such as `http://127.0.0.1:40001`. */
  readonly address: string;
  /** What was logged, as level, message and fields. */
  readonly logged: readonly string[];
  /** Asks the server. Throws where the answer is not as the document of the API declares it. */
  fetch(path: string, init?: RequestInit): Promise<Response>;
}

/** Opens a world of the API: `await using world = await openApiWorld()`. Without `DATABASE_URL` it is embedded. */
export async function openApiWorld(options: ApiWorldOptions = {}): Promise<ApiWorld> {
  const dir = await openTempDir();
  const lab = await openLab();
  const env: Record<string, string> = {
    ...lab.env,
    IPCASCADE_DATA_DIR: dir.join("data"),
    GEOIPUPDATE_DB_DIR: dir.join("editions"),
    // Diagnoses compare with hosts of the internet by default.
    DIAGNOSE_REFERENCES: "off",
    ...options.env,
  };
  if (options.editions !== false) {
    await writeEditionPair(dir.join("editions"), options.editions);
  }
  const settings = readSettings({ env, flags: {}, readFile: () => null });
  const logged: string[] = [];
  const log = (level: string) => (message: string, fields: object = {}) => {
    logged.push(`${level} ${message} ${JSON.stringify(fields)}`);
  };
  const sink = { debug: log("debug"), info: log("info"), warn: log("warn"), error: log("error") };
  const operations = await openOperations(settings, sink, { version: VERSION });
  const policy = { ...DEFAULT_POLICY, ...await readPolicy(settings), ...options.policy };
  const app = createApp({ operations, policy, version: VERSION });
  const checker = createResponseChecker(describeApi(app, VERSION));
  const listener = await listenOnDeno({
    host: "127.0.0.1",
    port: 0,
    answer: (request, bindings) => app.fetch(request, bindings),
    log: sink,
  });
  const address = `http://127.0.0.1:${listener.port}`;
  return {
    lab,
    dir,
    settings,
    operations,
    app,
    address,
    logged,
    fetch: async (path, init) => {
      const response = await fetch(address + path, init);
      return await checker.check({ method: init?.method ?? "GET", path }, response);
    },
    [Symbol.asyncDispose]: async () => {
      await listener.drain();
      await listener.close();
      await operations[Symbol.asyncDispose]();
      await lab.close();
      await dir[Symbol.asyncDispose]();
    },
  };
}
