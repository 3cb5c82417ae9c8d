import { openTempDir } from "@ipcascade/testkit";

/** A node of OpenStack Swift, which is gone when disposed. */
export interface SwiftServer extends AsyncDisposable {
  /** URL of its S3, as it is. */
  readonly endpoint: string;
  /** URL of the same storage's S3 that takes requests of any time. */
  readonly timelessEndpoint: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Makes a bucket by Swift's own API. */
  createContainer(name: string): Promise<void>;
  /** Sizes of what is in a bucket, by name, told by Swift's own API; empty without the bucket. */
  listContainer(name: string): Promise<ReadonlyMap<string, number>>;
}

/** Debian's, for which its packages are built. */
const PYTHON = "/usr/bin/python3";
const NODE = new URL("swift_node.py", import.meta.url).pathname;
const NEEDED = "import shutil, swift.common.middleware.s3api.s3api; shutil.which('memcached') or exit(1)";

/** What to do before Swift can be started; null when nothing is missing. */
export async function findMissingSwift(): Promise<string | null> {
  const advice = "Swift is missing: apt-get install --no-install-recommends python3-swift memcached";
  try {
    const { success } = await new Deno.Command(PYTHON, { args: ["-c", NEEDED], stderr: "null" }).output();
    return success ? null : advice;
  } catch {
    return advice;
  }
}

/** Starts Swift with its account, container and object servers and two proxies, in some seconds. */
export async function openSwift(): Promise<SwiftServer> {
  const dir = await openTempDir();
  const keys = { accessKeyId: "backups:keeper", secretAccessKey: `secret-${crypto.randomUUID()}` };
  await Deno.writeTextFile(dir.join("secret"), keys.secretAccessKey, { mode: 0o600 });
  const child = new Deno.Command(PYTHON, {
    args: [NODE, dir.join("swift"), keys.accessKeyId, dir.join("secret")],
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const close = async () => {
    // It ends with its input, and takes its servers along.
    await child.stdin.close().catch(() => {});
    await child.status;
    await dir[Symbol.asyncDispose]();
  };
  try {
    const { strict, patient } = JSON.parse(await readLine(child.stdout));
    return {
      ...keys,
      endpoint: `http://127.0.0.1:${strict}`,
      timelessEndpoint: `http://127.0.0.1:${patient}`,
      ...await logIn(`http://127.0.0.1:${strict}`, keys),
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    await close();
    throw new Error("Cannot start Swift: it said no ports", { cause: error });
  }
}

type Keys = Pick<SwiftServer, "accessKeyId" | "secretAccessKey">;

async function logIn(
  url: string,
  { accessKeyId, secretAccessKey }: Keys,
): Promise<Pick<SwiftServer, "createContainer" | "listContainer">> {
  const ask = async (path: string, init: RequestInit): Promise<Response> => {
    const response = await fetch(path, { ...init, signal: AbortSignal.timeout(30_000) });
    if (response.ok || response.status === 404) return response;
    throw new Error(`Cannot ask Swift: it answers with status ${response.status}`);
  };
  const who = { "x-auth-user": accessKeyId, "x-auth-key": secretAccessKey };
  const { headers, body } = await ask(`${url}/auth/v1.0`, { headers: who });
  await body?.cancel();
  const storage = headers.get("x-storage-url")!;
  const token = { "x-auth-token": headers.get("x-auth-token")! };
  return {
    createContainer: async (name) => {
      const made = await ask(`${storage}/${name}`, { method: "PUT", headers: token });
      await made.body?.cancel();
    },
    listContainer: async (name) => {
      const page = await ask(`${storage}/${encodeURIComponent(name)}?format=json`, { headers: token });
      const rows: readonly { name: string; bytes: number }[] = page.ok ? await page.json() : [];
      if (!page.ok) await page.body?.cancel();
      return new Map(rows.map(({ name, bytes }) => [name, bytes]));
    },
  };
}

async function readLine(stream: ReadableStream<Uint8Array>): Promise<string> {
  let text = "";
  for await (const chunk of stream.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    if (text.includes("\n")) break;
  }
  return text;
}
