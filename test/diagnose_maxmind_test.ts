import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { MS_PER_DAY, MS_PER_MINUTE } from "@ipcascade/core";
import {
  createMaxmindDiagnosis,
  type Diagnosis,
  type DiagnosisTool,
  mendDiagnosis,
} from "@ipcascade/operations";
import { writeEditionPair } from "@ipcascade/testkit";
import { buildOf, type EditionWorld, openEditionWorld } from "./edition_world.ts";

const OPTIONS = { timeoutMs: 30_000, signal: new AbortController().signal };

/** The tool as the product wires it. */
function toolOf(world: EditionWorld): DiagnosisTool {
  return createMaxmindDiagnosis(world.editions.deps, world.options, {
    deps: world.deps,
    options: world.options,
  });
}

function diagnose(world: EditionWorld): Promise<Diagnosis> {
  return toolOf(world).diagnose(OPTIONS);
}

async function mend(world: EditionWorld): Promise<Diagnosis> {
  const tool = toolOf(world);
  return await mendDiagnosis(await tool.diagnose(OPTIONS), tool, { ...OPTIONS, clock: world.clock });
}

/** Installs the lab's releases of these days; the clock stands at the day of the last one. */
async function install(world: EditionWorld, days: readonly number[]): Promise<readonly string[]> {
  const sets: string[] = [];
  for (const day of days) {
    world.clock.move(buildOf(day) * 1_000 - world.clock.now() + 60_000);
    world.publish(day);
    sets.push((await world.update({ force: true })).set!);
  }
  return sets;
}

function pathOf(world: EditionWorld, set: string, file: string): string {
  return world.dir.join("data", "editions", "sets", set, file);
}

/** Destroys bytes in the middle of a file. */
async function damage(path: string): Promise<void> {
  const bytes = await Deno.readFile(path);
  bytes.fill(0xff, bytes.length >> 1, (bytes.length >> 1) + 64);
  await Deno.writeFile(path, bytes);
}

Deno.test("diagnoseMaxmind() with nothing installed says so, and its fix installs", async () => {
  await using world = await openEditionWorld();
  world.publish(0);
  world.clock.move(buildOf(0) * 1_000 - world.clock.now() + 60_000);
  const found = await diagnose(world);
  assertEquals([found.cause, found.grade, found.fix?.command], [
    "not_installed",
    "critical",
    "ipcascade editions recover",
  ]);
  const mended = await mend(world);
  assertEquals([mended.fix?.applied, mended.fix?.grade_after], [true, "ok"]);
  assertStringIncludes(mended.fix?.result ?? "", "was downloaded and serves");
});

Deno.test("diagnoseMaxmind() of sound sets verifies all of them and finds nothing wrong", async () => {
  await using world = await openEditionWorld();
  const [first, second] = await install(world, [0, 1]);
  const downloads = world.lab.requests.maxmindDownloads;
  const found = await diagnose(world);
  assertEquals([found.cause, found.grade, found.fix, found.letter], ["none", "ok", null, null]);
  assertEquals(found.findings.map(({ check, grade }) => `${check} ${grade}`), [
    "edition ok",
    "edition ok",
    "serving ok",
    "kept ok",
    "updating ok",
  ]);
  assertEquals(found.findings.slice(2, 4).map(({ message }) => message), [
    `set ${second}: every byte verifies`,
    `set ${first}: every byte verifies`,
  ]);
  assertEquals(world.lab.requests.maxmindDownloads, downloads, "a look downloads nothing");
});

Deno.test("diagnoseMaxmind() of a damaged set with a sound copy switches back to it", async () => {
  await using world = await openEditionWorld();
  const [first, second] = await install(world, [0, 1]);
  await damage(pathOf(world, second!, "GeoLite2-City.mmdb"));
  const downloads = world.lab.requests.maxmindDownloads;
  const found = await diagnose(world);
  assertEquals([found.cause, found.grade], ["damaged", "critical"]);
  assertStringIncludes(found.summary, `set ${second} is damaged (GeoLite2-City.mmdb: `);
  assertStringIncludes(found.summary, `set ${first} is kept and sound`);
  const mended = await mend(world);
  assertEquals([mended.fix?.applied, mended.fix?.grade_after], [true, "ok"]);
  assertStringIncludes(mended.fix?.result ?? "", `set ${first} serves again`);
  assertEquals(world.lab.requests.maxmindDownloads, downloads, "a kept copy costs no download");
  const again = await diagnose(world);
  assertEquals([again.cause, again.findings.find(({ check }) => check === "kept")?.grade], [
    "none",
    "warning",
  ]);
});

Deno.test("trap 11: diagnoseMaxmind() of a set whose ASN file is gone is damage, with and without a copy", async () => {
  await using world = await openEditionWorld();
  const [set] = await install(world, [0]);
  await Deno.remove(pathOf(world, set!, "GeoLite2-ASN.mmdb"));
  const found = await diagnose(world);
  assertEquals([found.cause, found.grade], ["damaged_no_copy", "critical"]);
  assertStringIncludes(found.summary, "it has to be downloaded");
  const mended = await mend(world);
  assertEquals([mended.fix?.applied, mended.fix?.grade_after], [true, "ok"]);
  assertStringIncludes(mended.fix?.result ?? "", "was downloaded and serves");
});

Deno.test("diagnoseMaxmind() whose fix can't download says why, and what is damaged stays told", async () => {
  await using world = await openEditionWorld();
  const [set] = await install(world, [0]);
  await damage(pathOf(world, set!, "GeoLite2-City.mmdb"));
  world.lab.setFault("maxmind", { kind: "status", status: 401, body: "Invalid license key" });
  const mended = await mend(world);
  assertEquals([mended.fix?.applied, mended.fix?.grade_after], [false, "critical"]);
  assertStringIncludes(mended.fix?.result ?? "", "nothing could be mended: ");
});

Deno.test("diagnoseMaxmind() tells outdated editions above the runbook's 14 days, and an expired licence", async () => {
  await using world = await openEditionWorld();
  await install(world, [0]);
  world.clock.move(buildOf(0) * 1_000 + 14 * MS_PER_DAY - MS_PER_MINUTE - world.clock.now());
  assertEquals((await diagnose(world)).cause, "none");
  world.clock.move(MS_PER_MINUTE);
  const old = await diagnose(world);
  assertEquals([old.cause, old.grade, old.fix], ["outdated", "warning", null]);
  assertStringIncludes(old.steps.join("\n"), "ipcascade editions update");
  // A newer release was seen, and could not be installed: after 30 days the licence is over.
  world.publish(15);
  world.lab.setFault("objectStore", { kind: "status", status: 500 });
  await world.update({ force: true });
  world.clock.move(31 * MS_PER_DAY);
  const expired = await diagnose(world);
  assertEquals([expired.cause, expired.grade], ["expired", "critical"], expired.summary);
});

Deno.test("diagnoseMaxmind() of plain files tells a missing and a damaged one", async () => {
  await using world = await openEditionWorld({ env: { EDITION_CANARIES: "off" } });
  const dir = world.dir.join("data", "editions");
  await writeEditionPair(dir, { buildEpoch: buildOf(0) });
  world.clock.move(buildOf(0) * 1_000 - world.clock.now() + 60_000);
  assertEquals((await diagnose(world)).cause, "none");
  await Deno.rename(`${dir}/GeoLite2-ASN.mmdb`, `${dir}/away`);
  const missing = await diagnose(world);
  assertEquals([missing.cause, missing.grade], ["missing_edition", "critical"]);
  assertStringIncludes(missing.summary, "GeoLite2-ASN is not installed");
  await Deno.rename(`${dir}/away`, `${dir}/GeoLite2-ASN.mmdb`);
  await damage(`${dir}/GeoLite2-ASN.mmdb`);
  assertEquals((await diagnose(world)).cause, "damaged_no_copy");
});

Deno.test("diagnoseMaxmind() that is stopped rejects with the reason", async () => {
  await using world = await openEditionWorld();
  await install(world, [0]);
  const reason = new DOMException("Stopped", "AbortError");
  const options = { timeoutMs: 1_000, signal: AbortSignal.abort(reason) };
  const error = await assertRejects(() => toolOf(world).diagnose(options));
  assertEquals(error, reason);
});
