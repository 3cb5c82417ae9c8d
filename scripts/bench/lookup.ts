import { open } from "maxmind";
import { lookUp } from "@ipcascade/operations";
import { createNodeClock } from "@ipcascade/platform";
import { createRecordRenderer } from "@ipcascade/render";
import { createMaxmindSource } from "@ipcascade/sources";
import { openTempDir, writeRealSizePair } from "@ipcascade/testkit";
import { spawnCli } from "../../test/run_cli.ts";
import { chunksOf, randomAddresses } from "./addresses.ts";
import { measure, printRate } from "./report.ts";

const COUNT = 1_000_000;

/** Look-ups of distinct addresses on a pair of real size, against the bare loop of the `maxmind` package. */
export async function benchLookup(): Promise<void> {
  await using dir = await openTempDir();
  const pair = await writeRealSizePair(dir.path);
  const addresses = randomAddresses(COUNT);
  console.log(
    `\nlookup: ${COUNT} distinct IPv4 addresses at random, synthetic City and ASN editions of real size`,
  );

  const city = await open(pair.city);
  const asn = await open(pair.asn);
  const bareCity = await measure("reference: maxmind package, bare loop over City", COUNT, () => {
    for (const address of addresses) city.get(address);
  });
  printRate(bareCity);
  const bareBoth = await measure("reference: maxmind package, bare loop over City and ASN", COUNT, () => {
    for (const address of addresses) {
      city.get(address);
      asn.get(address);
    }
  });
  printRate(bareBoth);

  const clock = createNodeClock();
  const maxmind = createMaxmindSource({
    city: await Deno.readFile(pair.city),
    asn: await Deno.readFile(pair.asn),
    elapsed: () => clock.elapsed(),
  });
  const inProcess = async () => {
    const renderer = createRecordRenderer("ndjson");
    let bytes = 0;
    for await (const batch of lookUp(chunksOf(addresses), { maxmind, clock }).records) {
      bytes += renderer.records(batch).length;
    }
    return bytes;
  };
  printRate(await measure("lookUp() to NDJSON text, first pass", COUNT, inProcess), {
    reference: bareCity,
    bar: 0.5,
  });
  printRate(await measure("lookUp() to NDJSON text, second pass", COUNT, inProcess), { reference: bareCity });

  const path = dir.join("addresses.txt");
  await Deno.writeTextFile(path, `${addresses.join("\n")}\n`);
  const command = async () => {
    const env = { GEOIPUPDATE_DB_DIR: dir.path, IPCASCADE_DATA_DIR: dir.join("data") };
    const child = spawnCli(["lookup", path, "--format", "ndjson", "--quiet"], env);
    let bytes = 0;
    for await (const chunk of child.stdout) bytes += chunk.length;
    await child.stderr.cancel();
    const { code } = await child.status;
    if (code !== 0) throw new Error(`lookup ended with ${code} after ${bytes} bytes`);
  };
  const whole = await measure("ipcascade lookup FILE --format ndjson, start included", COUNT, command);
  printRate(whole, { reference: bareCity, bar: 0.5 });
}
