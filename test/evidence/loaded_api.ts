import { openPostgresServer, openTempDir, type TempDir, writeEditionPair } from "@ipcascade/testkit";
import { type Lab, openLab } from "@ipcascade/testkit/lab";
import { type ApiServer, startApiServer } from "./api_server.ts";

/** A server on PostgreSQL with rows that are fresh. */
export interface LoadedApi extends AsyncDisposable {
  readonly server: ApiServer;
  readonly lab: Lab;
  readonly dir: TempDir;
  /** Whose rows are fresh, in canonical form. */
  readonly addresses: readonly string[];
}

/** Opens one with so many fresh rows. */
export async function openLoadedApi(rows: number): Promise<LoadedApi> {
  await using stack = new AsyncDisposableStack();
  const dir = stack.use(await openTempDir());
  const lab = stack.use(await openLab());
  const postgres = stack.use(await openPostgresServer());
  await writeEditionPair(dir.join("editions"));
  const server = stack.use(
    await startApiServer({
      ...lab.env,
      DATABASE_URL: await postgres.createDatabase(),
      IPCASCADE_DATA_DIR: dir.join("data"),
      GEOIPUPDATE_DB_DIR: dir.join("editions"),
    }),
  );
  // GreyNoise is not asked about IPv6: all of them are fresh after one session of the stand-in of Team Cymru.
  const addresses = [
    "8.8.8.8",
    ...Array.from({ length: rows - 1 }, (_, i) => `2a00:${(i + 1).toString(16)}::1`),
  ];
  const response = await fetch(`${server.address}/v1/ips`, {
    method: "POST",
    headers: { "content-type": "text/plain" },
    body: addresses.join("\n"),
  });
  await response.text();
  const owned = stack.move();
  return { server, lab, dir, addresses, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
