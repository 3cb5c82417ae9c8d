import process from "node:process";
import { putBackup } from "../../testkit/backup_place_contract.ts";
import { type BackupS3Options, createBackupS3 } from "../backup_s3.ts";
import { PART_SIZE } from "../backup_s3_objects.ts";
import { createNodeClock } from "../node_clock.ts";

const ID = "20261126-010000-1a2b3c4d";

/** Puts a backup into a bucket and reads it back, on this runtime; then tries a wrong key. */
async function main(given: BackupS3Options): Promise<void> {
  const options: BackupS3Options = {
    ...given,
    region: "us-east-1",
    sessionToken: null,
    clock: createNodeClock(),
    random: Math.random,
    fetch: (url, init) => globalThis.fetch(url, init),
  };
  const place = createBackupS3(options);
  const bytes = new Uint8Array(PART_SIZE + 9).map((_, at) => at % 251);
  await using _lock = await place.lock("test");
  await putBackup(place, ID, bytes);
  console.log((await place.listIds()).join(" "));
  let [size, isSame] = [0, true];
  for await (const chunk of place.readFile(ID, "asn_inventory.copy.gz")) {
    const at = size;
    isSame &&= chunk.every((byte, index) => byte === bytes[at + index]);
    size += chunk.length;
  }
  console.log(`${size} ${isSame ? "same" : "other"}`);
  const wrong = createBackupS3({ ...options, secretAccessKey: "other" });
  console.log(await wrong.listIds().catch((error) => error.message.replace(/^.*?: (?=the)/, "")));
}

void main(JSON.parse(process.argv[2]!));
