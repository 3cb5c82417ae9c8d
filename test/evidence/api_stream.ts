import { openPostgresServer, openTempDir, writeEditionPair, writeRealSizePair } from "@ipcascade/testkit";
import { type Lab, openLab } from "@ipcascade/testkit/lab";
import { randomAddresses } from "../../scripts/bench/addresses.ts";
import { type ApiServer, pass, startApiServer } from "./api_server.ts";
import { Claims, type Evidence } from "./figures.ts";
import { Upload } from "./upload.ts";

/** How much is sent, and what may be taken for it. */
export interface StreamLoad {
  readonly addresses: number;
  /** Most lines that are sent before the first answer comes. */
  readonly maxBefore: number;
  readonly maxMb: number;
  /** Whether the editions are as large as MaxMind's own. */
  readonly isRealSize: boolean;
  /** Whether the rows go into the embedded database, which shares the server's memory. Default false. */
  readonly isEmbedded?: boolean;
}

interface World {
  readonly server: ApiServer;
  readonly lab: Lab;
  readonly addresses: readonly string[];
  readonly claims: Claims;
  readonly figures: Record<string, number | string>;
}

/** Many addresses pass the API in bounded memory, answers come early, and who leaves stops the work. */
export async function proveApiStream(load: StreamLoad): Promise<Evidence> {
  await using dir = await openTempDir();
  await using lab = await openLab();
  await using postgres = load.isEmbedded === true ? null : await openPostgresServer();
  await (load.isRealSize ? writeRealSizePair : writeEditionPair)(dir.join("editions"));
  await using server = await startApiServer({
    ...lab.env,
    ...postgres === null ? {} : { DATABASE_URL: await postgres.createDatabase() },
    IPCASCADE_DATA_DIR: dir.join("data"),
    GEOIPUPDATE_DB_DIR: dir.join("editions"),
  });
  const world: World = {
    server,
    lab,
    addresses: randomAddresses(load.addresses),
    claims: new Claims(),
    figures: {},
  };
  await proveDisconnect(world);
  await proveStream(world, load);
  await proveSlowReader(world);
  const { claims, figures } = world;
  figures.peakMb = server.peakMb();
  claims.check(
    server.peakMb() < load.maxMb,
    `the server took ${server.peakMb()} MB, allowed are ${load.maxMb}`,
  );
  const size = load.isRealSize ? "of real size" : "of the lab";
  return {
    conditions: `${load.addresses} distinct addresses as text over one socket, the server a process on ` +
      `${postgres === null ? "the embedded database" : "PostgreSQL"}, editions ${size}, sources=maxmind; ${
        LINES_A_STEP * 1_000 / STEP_MS
      } lines a second until the ` +
      "first answer, then as fast as they are taken",
    figures,
    broken: claims.broken,
  };
}

const LINES_A_STEP = 200;
const STEP_MS = 10;
const LINES_A_CHUNK = 2_000;

async function proveStream({ server, addresses, claims, figures }: World, load: StreamLoad): Promise<void> {
  using upload = await Upload.open(server.port, "?sources=maxmind");
  const reading = upload.read();
  let before = -1;
  void upload.first.then(() => before = upload.written);
  const started = performance.now();
  for (let at = 0; at < addresses.length;) {
    const size = before < 0 ? LINES_A_STEP : LINES_A_CHUNK;
    await upload.send(addresses.slice(at, at += size));
    if (before < 0) await pass(STEP_MS);
  }
  await upload.end();
  const tail = await reading;
  figures.seconds = ((performance.now() - started) / 1_000).toFixed(1);
  figures.sentBeforeFirstAnswer = before;
  claims.check(before >= 0 && before < load.maxBefore, `${before} lines were sent before the first answer`);
  claims.check(
    upload.answered === addresses.length,
    `${upload.answered} of ${addresses.length} were answered`,
  );
  claims.check(tail.endsWith("0\r\n\r\n"), "the answer did not end whole");
}

/** More than the buffers of both ends hold: 70 MB. */
const MAX_WITHOUT_READER = 5_000_000;

/** Nobody reads: after what buffers hold, the server takes nothing more and grows no more. */
async function proveSlowReader({ server, addresses, claims, figures }: World): Promise<void> {
  using upload = await Upload.open(server.port, "?sources=maxmind");
  const sending = (async () => {
    while (upload.written < MAX_WITHOUT_READER) {
      const at = upload.written % addresses.length;
      await upload.send(addresses.slice(at, at + LINES_A_CHUNK));
    }
  })().catch(() => {});
  let taken = -1;
  while (taken !== upload.written) {
    taken = upload.written;
    await pass(2_000);
  }
  const residentMb = server.residentMb();
  await pass(3_000);
  figures.takenWithoutReader = upload.written;
  figures.grownWithoutReaderMb = server.residentMb() - residentMb;
  claims.check(upload.written === taken, `the server took ${upload.written - taken} more lines`);
  claims.check(upload.written < MAX_WITHOUT_READER, "everything was taken while nobody read");
  claims.check(server.residentMb() - residentMb < 32, "the server grew while nobody read");
  upload[Symbol.dispose]();
  await sending;
}

/** A client that is gone stops the work: no further source is asked. */
async function proveDisconnect({ server, lab, claims, figures }: World): Promise<void> {
  lab.setFault("greynoise", { kind: "delay", ms: 100 });
  const upload = await Upload.open(server.port, "?sources=greynoise");
  await upload.send(Array.from({ length: 2_000 }, (_, index) => `5.1.${index >> 8}.${index & 255}`));
  while (lab.requests.greynoiseRequests < 5) await pass(10);
  await pass(500);
  const leftAt = Date.now();
  upload[Symbol.dispose]();
  await pass(2_500);
  const last = Date.parse(lab.requests.of("greynoise").at(-1)!.at);
  figures.askedAfterLeavingMs = Math.max(0, last - leftAt);
  claims.check(last - leftAt < 1_000, `a source was asked ${last - leftAt} ms after the client had left`);
  lab.clearFaults();
}
