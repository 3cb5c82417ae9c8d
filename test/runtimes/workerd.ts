import { build } from "esbuild";
import { createRequire } from "node:module";
import { buildEdition, openTempDir } from "@ipcascade/testkit";

/** A door in workerd. */
export interface WorkerdDoor extends AsyncDisposable {
  readonly address: string;
}

const ROOT = new URL("../../", import.meta.url).pathname;

/** Bundles the app and serves it in workerd, on a port of its own choice. */
export async function openWorkerdDoor(): Promise<WorkerdDoor> {
  await using made = await bundle();
  const { dir } = made;
  const port = findFreePort();
  await Deno.writeTextFile(dir.join("config.capnp"), describeWorker(port));
  const child = new Deno.Command(findWorkerd(), {
    args: ["serve", dir.join("config.capnp")],
    stdout: "null",
    stderr: "inherit",
  }).spawn();
  const address = `http://127.0.0.1:${port}`;
  await waitForAnswer(`${address}/livez`);
  const kept = made.keep();
  return {
    address,
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGTERM");
      await child.status;
      await kept[Symbol.asyncDispose]();
    },
  };
}

/** The program itself: the package's own start needs Node. */
function findWorkerd(): string {
  const found: string | { readonly default: string } = createRequire(import.meta.url)("workerd");
  return typeof found === "string" ? found : found.default;
}

async function bundle() {
  const dir = await openTempDir();
  let isKept = false;
  await Deno.writeFile(dir.join("city.mmdb"), buildEdition("GeoLite2-City"));
  await Deno.writeFile(dir.join("asn.mmdb"), buildEdition("GeoLite2-ASN"));
  await build({
    entryPoints: [`${ROOT}test/runtimes/worker.ts`],
    outfile: dir.join("worker.js"),
    bundle: true,
    format: "esm",
    target: "es2022",
    // What workerd brings is the web's: a node:* anywhere fails the build.
    platform: "browser",
    conditions: ["workerd", "worker", "browser"],
    external: ["*.mmdb"],
    logLevel: "error",
  });
  return {
    dir,
    keep: () => {
      isKept = true;
      return dir;
    },
    [Symbol.asyncDispose]: async () => {
      if (!isKept) await dir[Symbol.asyncDispose]();
    },
  };
}

function describeWorker(port: number): string {
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .door)],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
);
const door :Workerd.Worker = (
  modules = [
    (name = "worker.js", esModule = embed "worker.js"),
    (name = "./city.mmdb", data = embed "city.mmdb"),
    (name = "./asn.mmdb", data = embed "asn.mmdb"),
  ],
  compatibilityDate = "2026-11-01",
);
`;
}

function findFreePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** Asks until there is an answer; after 15 s there is none. */
export async function waitForAnswer(url: string): Promise<void> {
  for (let tries = 0; tries < 150; tries++) {
    try {
      const response = await fetch(url);
      await response.body?.cancel();
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
  throw new Error(`Cannot reach ${url}: no answer within 15 s`);
}
