import { Buffer } from "node:buffer";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { mkdir, readdir, utimes } from "node:fs/promises";
import { join } from "node:path";
import { BackupDamagedError, BackupPlaceError, MS_PER_DAY } from "@ipcascade/core";
import { assert, assertEquals, assertFalse, assertRejects } from "@std/assert";
import { BACKUP_PLACE_CONTRACT, putBackup } from "../testkit/backup_place_contract.ts";
import { runContract } from "../testkit/contract.ts";
import { type S3Fault, S3Server, type S3ServerRequest } from "../testkit/s3_server.ts";
import { openTempDir, type TempDir } from "../testkit/temp_dir.ts";
import { type BackupS3Options, createBackupS3 } from "./backup_s3.ts";
import { S3Client } from "./backup_s3_client.ts";
import { PART_SIZE, S3Objects } from "./backup_s3_objects.ts";
import { createNodeClock } from "./node_clock.ts";
import { createBackupS3Subject } from "./testing/backup_s3_subject.ts";
import { hasRuntime, RUNTIMES, startChild } from "./testing/child.ts";

const ID = "20261126-010000-1a2b3c4d";
const OTHER = "20261125-010000-00000001";
const ROWS = "asn_inventory.copy.gz";
const BUCKET = "backups-1";
const KEYS = { accessKeyId: "AKIA4711", secretAccessKey: "aws-secret/4712+" };
const node = createNodeClock();
/** Pauses between tries pass at once. */
const clock = { ...node, now: node.now, elapsed: node.elapsed, sleep: skipPauses };

async function skipPauses(ms: number, signal?: AbortSignal): Promise<void> {
  await node.sleep(ms > 6_000 ? ms : 1, signal);
}

function optionsFor(endpoint: string, dir: TempDir, more: Partial<BackupS3Options> = {}): BackupS3Options {
  return {
    location: { bucket: BUCKET, prefix: "honeypot/a" },
    endpoint,
    region: "us-east-1",
    ...KEYS,
    sessionToken: null,
    lockDir: dir.join("locks"),
    clock,
    random: () => 0.5,
    fetch: (url, init) => globalThis.fetch(url, init),
    ...more,
  };
}

async function openServer(pageSize?: number): Promise<S3Server> {
  return await new S3Server({ bucket: BUCKET, ...KEYS, pageSize }).open();
}

async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return Buffer.concat(all);
}

function fill(size: number): Buffer {
  const bytes = Buffer.allocUnsafe(size);
  for (let at = 0; at < size; at++) bytes[at] = at * 31 + (at >> 8);
  return bytes;
}

/** A fault for the first requests that fit. */
function failFirst(fault: S3Fault, fits: (request: S3ServerRequest) => boolean, times = 1) {
  let left = times;
  return (request: S3ServerRequest) => fits(request) && left-- > 0 ? fault : null;
}

Deno.test("createBackupS3() keeps the promises of a place of backups", async (t) => {
  await using dir = await openTempDir();
  await using server = await openServer();
  let place = 0;
  await runContract(t, BACKUP_PLACE_CONTRACT, () => {
    const prefix = `place-${place++}`;
    const options = optionsFor(server.endpoint, dir, { location: { bucket: BUCKET, prefix } });
    const changedAtMs = Date.now() - 2 * MS_PER_DAY;
    const abandon = (id: string) => {
      server.objects.set(`${prefix}/${id}/sessions.copy.gz`, { body: Buffer.from("cut"), changedAtMs });
      return Promise.resolve();
    };
    return Promise.resolve(createBackupS3Subject(options, abandon));
  });
});

/** Starts s3rver, which needs a cipher for its listings that OpenSSL keeps apart. */
async function openS3rver(dir: TempDir) {
  const script = new URL("testing/s3rver_server.ts", import.meta.url).pathname;
  const [, ...args] = RUNTIMES.node!;
  await mkdir(dir.join("s3rver"));
  const child = spawn("node", [
    "--openssl-legacy-provider",
    ...args,
    script,
    dir.join("s3rver"),
    BUCKET,
  ], { stdio: ["ignore", "pipe", "ignore"] });
  const lines = createInterface({ input: child.stdout! });
  const [port] = await once(lines, "line");
  return {
    endpoint: `http://127.0.0.1:${port}`,
    root: join(dir.path, "s3rver", BUCKET),
    [Symbol.asyncDispose]: async () => {
      lines.close();
      child.kill("SIGKILL");
      await once(child, "exit");
    },
  };
}

Deno.test("createBackupS3() keeps them on s3rver too, in parts and over pages of listings", async (t) => {
  await using dir = await openTempDir();
  await using server = await openS3rver(dir);
  const keys = { accessKeyId: "S3RVER", secretAccessKey: "S3RVER" };
  let place = 0;
  await runContract(t, BACKUP_PLACE_CONTRACT, () => {
    const prefix = `place-${place++}`;
    const options = optionsFor(server.endpoint, dir, { ...keys, location: { bucket: BUCKET, prefix } });
    const abandon = async (id: string) => {
      const objects = new S3Objects(new S3Client(options), { prefix, clock });
      await objects.put(`${id}/sessions.copy.gz`, fill(3));
      const then = (Date.now() - 2 * MS_PER_DAY) / 1_000;
      const folder = join(server.root, prefix, id);
      for (const name of await readdir(folder)) await utimes(join(folder, name), then, then);
    };
    return Promise.resolve(createBackupS3Subject(options, abandon));
  });
  const options = optionsFor(server.endpoint, dir, keys);
  const store = createBackupS3(options);
  await t.step("a file of several parts", async () => {
    await using _lock = await store.lock("test");
    const bytes = fill(PART_SIZE + 5);
    await putBackup(store, ID, bytes);
    assert((await collect(store.readFile(ID, ROWS))).equals(bytes));
  });
  await t.step("more than 1000 files", async () => {
    const objects = new S3Objects(new S3Client(options), { prefix: "honeypot/a", clock });
    const names = Array.from({ length: 1_005 }, (_, i) => `extra-${i}.copy.gz`);
    for (let at = 0; at < names.length; at += 15) {
      await Promise.all(names.slice(at, at + 15).map((name) => objects.put(`${ID}/${name}`, fill(1))));
    }
    assertEquals((await store.listFiles(ID)).length, 1_007);
  });
  await t.step("a wrong key and an unknown bucket", async () => {
    const wrong = createBackupS3({ ...options, accessKeyId: "AKIA4711" });
    await assertRejects(() => wrong.listIds(), BackupPlaceError, "the server says InvalidAccessKeyId");
    const unknown = createBackupS3({ ...options, location: { bucket: "other-bucket", prefix: "" } });
    await assertRejects(() => unknown.listIds(), BackupPlaceError, "the server says NoSuchBucket");
  });
});

Deno.test("an upload that breaks off for good leaves nothing that is listed, and sweep() aborts it", async () => {
  await using dir = await openTempDir();
  await using server = await openServer();
  const place = createBackupS3(optionsFor(server.endpoint, dir));
  server.chooseFault = ({ method, url }) =>
    url.includes("partNumber=2") || method === "DELETE"
      ? { kind: "cut_request", afterBytes: method === "DELETE" ? -1 : 1_000_000 }
      : null;
  {
    await using _lock = await place.lock("test");
    await assertRejects(() => putBackup(place, ID, fill(PART_SIZE * 3)), BackupPlaceError, "connection");
    assertEquals([server.uploads.size, await place.listIds()], [1, []]);
    server.chooseFault = () => null;
    // Another machine may be at work on it.
    assertEquals([await place.sweep(), server.uploads.size], [0, 1]);
  }
  const later = { ...clock, now: () => clock.now() + MS_PER_DAY + 60_000 };
  const tomorrow = createBackupS3(optionsFor(server.endpoint, dir, { clock: later }));
  await using _lock = await tomorrow.lock("test");
  assertEquals([await tomorrow.sweep(), server.uploads.size, server.objects.size], [1, 0, 0]);
});

Deno.test("an upload that breaks off once goes on, one that is given up is aborted", async () => {
  await using dir = await openTempDir();
  await using server = await openServer();
  const place = createBackupS3(optionsFor(server.endpoint, dir));
  const bytes = fill(PART_SIZE * 2 + 77);
  const isPart = (part: number) => ({ url }: S3ServerRequest) => url.includes(`partNumber=${part}&`);
  const faults = [
    failFirst({ kind: "cut_request", afterBytes: 3_000_000 }, isPart(1)),
    failFirst({ kind: "damage" }, isPart(2)),
    failFirst({ kind: "refuse", status: 503, code: "SlowDown" }, isPart(3), 2),
    failFirst({ kind: "lose_answer" }, ({ method, url }) => method === "POST" && url.includes("uploadId=")),
  ];
  server.chooseFault = (request) =>
    faults.map((choose) => choose(request)).find((fault) => fault !== null) ?? null;
  await using _lock = await place.lock("test");
  await putBackup(place, ID, bytes);
  assert((await collect(place.readFile(ID, ROWS))).equals(bytes));
  assertEquals([server.uploads.size, server.objects.size], [0, 3]);
  {
    await using staging = await place.stage(OTHER);
    const writer = await staging.openFile(ROWS);
    await writer.write(bytes);
    assertEquals(server.uploads.size, 1);
  }
  assertEquals([server.uploads.size, server.objects.size], [0, 3]);
});

Deno.test("a download that breaks off goes on where it did, as long as it is the same file", async () => {
  await using dir = await openTempDir();
  await using server = await openServer();
  const place = createBackupS3(optionsFor(server.endpoint, dir));
  const bytes = fill(3_000_000);
  await using _lock = await place.lock("test");
  await putBackup(place, ID, bytes);
  const isRead = isReadOf(ROWS);
  server.chooseFault = failFirst({ kind: "cut_answer", afterBytes: 400_000 }, isRead, 6);
  server.requests.length = 0;
  assert((await collect(place.readFile(ID, ROWS))).equals(bytes));
  assertEquals(server.requests.length, 7);
  server.chooseFault = failFirst({ kind: "cut_answer", afterBytes: 0 }, isRead, 100);
  await assertRejects(() => collect(place.readFile(ID, ROWS)), BackupPlaceError, "connection failed");
  server.chooseFault = failFirst({ kind: "cut_answer", afterBytes: 400_000 }, isRead);
  let isReplaced = false;
  await assertRejects(
    async () => {
      for await (const _ of place.readFile(ID, ROWS)) {
        if (isReplaced) continue;
        isReplaced = true;
        const key = `honeypot/a/${ID}/${ROWS}`;
        server.objects.set(key, { body: fill(2_999_999), changedAtMs: Date.now() });
      }
    },
    BackupPlaceError,
    "PreconditionFailed",
  );
});

Deno.test("a download is not joined from what a server sends beside the question", async () => {
  await using dir = await openTempDir();
  await using server = await openServer();
  const without = (...names: string[]): BackupS3Options["fetch"] => async (url, init) => {
    const { body, status, headers } = await globalThis.fetch(url, init);
    const left = [...headers].filter(([name]) => !names.includes(name));
    return new Response(body, { status: names.includes("content-range") ? 200 : status, headers: left });
  };
  const open = (fetch: BackupS3Options["fetch"]) =>
    createBackupS3(optionsFor(server.endpoint, dir, { fetch }));
  {
    const place = open(globalThis.fetch);
    await using _lock = await place.lock("test");
    await putBackup(place, ID, fill(900_000));
  }
  server.chooseFault = failFirst({ kind: "cut_answer", afterBytes: 400_000 }, isReadOf(ROWS), 2);
  assert((await collect(open(without("etag")).readFile(ID, ROWS))).equals(fill(900_000)));
  server.chooseFault = failFirst({ kind: "cut_answer", afterBytes: 400_000 }, isReadOf(ROWS));
  const place = open(without("content-range"));
  await assertRejects(() => collect(place.readFile(ID, ROWS)), BackupPlaceError, "not S3's language");
});

Deno.test("sweep() leaves a backup alone whose manifest is not in the listing yet", async () => {
  await using dir = await openTempDir();
  await using server = await openServer();
  const lagging: BackupS3Options["fetch"] = async (url, init) => {
    const response = await globalThis.fetch(url, init);
    if (!String(url).includes("list-type=2")) return response;
    const text = await response.text();
    return new Response(text.replaceAll(/<Contents>((?!<.Contents>).)*manifest.*?<.Contents>/gs, ""));
  };
  const tomorrow = { ...clock, now: () => clock.now() + MS_PER_DAY + 60_000 };
  const place = createBackupS3(optionsFor(server.endpoint, dir, { fetch: lagging, clock: tomorrow }));
  await using _lock = await place.lock("test");
  await putBackup(place, ID);
  assertEquals([await place.listIds(), await place.sweep(), server.objects.size], [[], 0, 3]);
  server.objects.delete(`honeypot/a/${ID}/manifest.json`);
  assertEquals([await place.sweep(), server.objects.size], [1, 0]);
});

for (const runtime of Object.keys(RUNTIMES)) {
  Deno.test({
    name: `createBackupS3() on ${runtime} writes in parts, lists and reads`,
    ignore: !hasRuntime(runtime),
    fn: async () => {
      await using dir = await openTempDir();
      await using server = await openServer();
      server.chooseFault = failFirst({ kind: "cut_answer", afterBytes: 1_000_000 }, isReadOf(ROWS));
      const { location, endpoint } = optionsFor(server.endpoint, dir);
      const options = JSON.stringify({ location, endpoint, ...KEYS, lockDir: dir.join("locks") });
      const { lines, status } = await startChild(runtime, "backup_s3_run.ts", [options]).finish();
      const size = PART_SIZE + 9;
      assertEquals(lines, [`${ID}`, `${size} same`, "the server says SignatureDoesNotMatch (status 403)"]);
      assertEquals([status, server.objects.size, server.uploads.size], [0, 3, 0]);
    },
  });
}

function isReadOf(file: string) {
  return ({ method, url }: S3ServerRequest) => method === "GET" && url.endsWith(file);
}

Deno.test("createBackupS3() tells what the server says, and never a key", async () => {
  await using dir = await openTempDir();
  await using server = await openServer();
  const closed = await openServer();
  const { endpoint } = closed;
  await closed[Symbol.asyncDispose]();
  const cases: readonly [Partial<BackupS3Options>, string][] = [
    [{ secretAccessKey: "wrong-secret-4714" }, "the server says SignatureDoesNotMatch (status 403)"],
    [{ accessKeyId: "AKIA0000" }, "the server says InvalidAccessKeyId (status 403)"],
    [{ location: { bucket: "other", prefix: "" } }, "the server says NoSuchBucket (status 404)"],
    [{ endpoint }, "the connection was refused"],
  ];
  for (const [more, words] of cases) {
    const place = createBackupS3(optionsFor(server.endpoint, dir, more));
    await using _lock = await place.lock("test");
    const tries = [() => place.listIds(), () => place.readManifest(ID), () => putBackup(place, ID, fill(9))];
    for (const attempt of tries) {
      const { message } = await assertRejects(attempt, BackupPlaceError);
      assert(message.includes(words), message);
      assertFalse(/4712|4714|AKIA/.test(message), message);
    }
  }
});

Deno.test("createBackupS3() stops trying when its budget is spent", async () => {
  await using dir = await openTempDir();
  await using server = await openServer();
  const place = createBackupS3(optionsFor(server.endpoint, dir));
  server.chooseFault = () => ({ kind: "refuse", status: 500, code: "InternalError" });
  for (let call = 0; call < 20; call++) {
    await assertRejects(() => place.listIds(), BackupPlaceError, "InternalError");
  }
  assertEquals(server.requests.length, 20 + 60);
});

Deno.test("listings go over many pages, and leave alone what is not of backups", async () => {
  await using dir = await openTempDir();
  await using server = await openServer(100);
  const changedAtMs = Date.now() - 2 * MS_PER_DAY;
  const put = (key: string) => server.objects.set(key, { body: Buffer.from("x"), changedAtMs });
  for (let i = 0; i < 1_200; i++) put(`honeypot/a/${ID}/file-${i}.gz`);
  put(`honeypot/a/${ID}/manifest.json`);
  for (
    const key of ["honeypot/a/notes.txt", "honeypot/a/b & c/ü+%20.txt", `honeypot/ab/${OTHER}/x.gz`, "x"]
  ) {
    put(key);
  }
  for (let i = 0; i < 250; i++) {
    const key = i < 240 ? `honeypot/a/${OTHER}/x.gz` : `honeypot/a/else-${i}`;
    server.uploads.set(`u${1_000 + i}`, { key, begunAtMs: changedAtMs, parts: new Map() });
  }
  const place = createBackupS3(optionsFor(server.endpoint, dir));
  assertEquals([await place.listIds(), (await place.listFiles(ID)).length], [[ID], 1_200]);
  await using _lock = await place.lock("test");
  assertEquals([await place.sweep(), server.uploads.size], [240, 10]);
  await place.remove(ID);
  assertEquals(server.objects.size, 4);
  await assertRejects(() => collect(place.readFile(ID, ROWS)), BackupDamagedError, "missing");
  assert(existsSync(dir.join("locks")));
});
