import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { MS_PER_DAY, MS_PER_SECOND } from "@ipcascade/core";
import type { Installation } from "./installation.ts";
import type { LivedPlan, ServingDay } from "./live.ts";
import { formatAt } from "./mailbox.ts";
import { isIn, type Stretch } from "./plan.ts";

/** An update of Sunday brings what came out on Friday; the next one comes in a week. */
const MAX_AGE_DAYS = 9;
/** With one update less. */
const MAX_AGE_MISSED_DAYS = 17;
/** MaxMind's licence. */
const DESTROY_DAYS = 30;

/** Editions are current within days, and a bad one never serves. */
export function judgeServing({ days, plan, world }: LivedPlan): readonly string[] {
  const week = 7 * MS_PER_DAY;
  const excused: readonly Stretch[] = [
    { from: plan.badReleaseAt, until: plan.badReleaseAt + 10 * MS_PER_DAY },
    { from: plan.skippedWeek.from, until: plan.skippedWeek.until + week },
    { from: plan.fullDisk.from, until: plan.downtime.until + week },
  ];
  const isKnown = ({ cityBuild, asnBuild }: ServingDay) =>
    world.releases.builds["GeoLite2-City"].includes(cityBuild ?? 0) &&
    world.releases.builds["GeoLite2-ASN"].includes(asnBuild ?? 0);
  return days.flatMap((day) => {
    const broken: string[] = [];
    if (day.country !== "US") broken.push(`8.8.8.8 is in ${day.country}`);
    if (!isKnown(day)) broken.push("what serves was never released");
    const allowed = excused.some((stretch) => isIn(stretch, day.at)) ? MAX_AGE_MISSED_DAYS : MAX_AGE_DAYS;
    const age = ageOf(day);
    if (age > allowed) broken.push(`what serves was built ${age.toFixed(1)} days ago`);
    return broken.map((text) => `on ${formatAt(day.at)} ${text}`);
  });
}

/** Days since the older build. */
export function ageOf({ at, cityBuild, asnBuild }: ServingDay): number {
  return (at - Math.min(cityBuild ?? 0, asnBuild ?? 0) * MS_PER_SECOND) / MS_PER_DAY;
}

/** No edition is kept anywhere for longer than the licence allows after its successor came out. */
export async function judgeLicence(
  { clock, settings, releases }: Installation,
): Promise<readonly string[]> {
  const dates = releases.builds["GeoLite2-City"];
  const broken: string[] = [];
  for (const dir of [settings.editionDir, settings.backupDir]) {
    for (const { path, builds } of await findManifests(dir)) {
      const superseded = builds.map((build) => dates.find((date) => date > build) ?? Infinity);
      const expiresAt = Math.min(...superseded) * MS_PER_SECOND + DESTROY_DAYS * MS_PER_DAY;
      if (clock.now() > expiresAt) {
        broken.push(`on ${formatAt(clock.now())} ${path} should be gone since ${formatAt(expiresAt)}`);
      }
    }
  }
  return broken;
}

/** Manifests below a directory, with the builds that they name. */
async function findManifests(dir: string): Promise<{ path: string; builds: number[] }[]> {
  const names = existsSync(dir) ? await readdir(dir, { recursive: true }) : [];
  const paths = names.filter((name) => name.endsWith("manifest.json")).map((name) => join(dir, name));
  return await Promise.all(paths.map(async (path) => {
    const builds = [...(await readFile(path, "utf8")).matchAll(/"build_epoch": ?(\d+)/g)];
    return { path, builds: builds.map(([, build]) => Number(build)) };
  }));
}
