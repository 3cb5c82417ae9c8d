import { createHash } from "node:crypto";
import { type BackupCodec, type CreateHasher, MS_PER_DAY } from "@ipcascade/core";
import { describeSet, FakeRandom, filesOfSet } from "@ipcascade/testkit";
import type { BackupDeps } from "../backup/mod.ts";
import type { EditionPolicy } from "../editions/deps.ts";
import { JumpingClock, SILENT_LOG } from "./fakes.ts";
import { createGzipCodec } from "./gzip_codec.ts";
import { MemoryBackupPlace } from "./memory_backup_place.ts";
import { MEMORY_SCHEMA, MemoryBackupDatabase } from "./memory_backup_tables.ts";
import { MemoryEditions } from "./memory_editions.ts";

/** Digests by the runtime. */
export const createTestHasher: CreateHasher = (algorithm) => {
  const hash = createHash(algorithm);
  return { update: (chunk) => void hash.update(chunk), digest: () => hash.digest("hex") };
};

const POLICY: EditionPolicy = { editionIds: [], canaries: [], maxChangePercent: 30, keepSets: 2 };

/** Everything that backups need, in memory. */
export class BackupWorld {
  readonly place = new MemoryBackupPlace();
  readonly database = new MemoryBackupDatabase();
  readonly editions = new MemoryEditions();
  readonly clock = new JumpingClock();
  readonly deps: BackupDeps;

  constructor(codec: BackupCodec = createGzipCodec()) {
    const { place, database, clock } = this;
    const common = { createHasher: createTestHasher, clock, random: new FakeRandom().next, log: SILENT_LOG };
    const editions = {
      ...common,
      store: this.editions.store,
      verify: () => Promise.reject(new Error("Nobody verifies editions here")),
      inspect: () => {
        throw new Error("Nobody inspects editions here");
      },
    };
    this.deps = {
      ...common,
      place,
      database,
      codec,
      editions,
      policy: POLICY,
      schemas: [MEMORY_SCHEMA],
      productVersion: "0.1.0",
    };
  }

  /** Makes a set of editions serve. */
  serve(id: string, seed = id): void {
    const set = { id, city: bytesOf(`city ${seed}`), asn: bytesOf(`asn ${seed}`) };
    this.editions.set = describeSet(set);
    for (const [file, bytes] of filesOfSet(set)) this.editions.files.set(file, bytes);
  }

  /** Lets days pass. */
  pass(days: number): void {
    this.clock.ms += days * MS_PER_DAY;
  }
}

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text.repeat(300));
}
