import { MS_PER_SECOND } from "@ipcascade/core";
import { buildEdition } from "@ipcascade/testkit";
import type { Lab } from "@ipcascade/testkit/lab";
import { isIn, type Plan } from "./plan.ts";

const TUESDAY = 2;
const FRIDAY = 5;

/** What MaxMind releases: City on Tuesdays and Fridays, ASN on weekdays. */
export class Releases {
  readonly #lab: Lab;
  readonly #plan: Plan;
  /** Build epochs in seconds of what was released, by edition, oldest first. */
  readonly builds: Readonly<Record<"GeoLite2-City" | "GeoLite2-ASN", number[]>> = {
    "GeoLite2-City": [],
    "GeoLite2-ASN": [],
  };

  /** Publishes in a lab. */
  constructor(lab: Lab, plan: Plan) {
    this.#lab = lab;
    this.#plan = plan;
  }

  /** Releases both, whatever day it is. */
  releaseBoth(at: number): void {
    this.#publish("GeoLite2-City", at);
    this.#publish("GeoLite2-ASN", at);
  }

  /** Releases what comes out at noon of a day. */
  releaseDaily(at: number): void {
    if (isIn(this.#plan.skippedWeek, at)) return;
    const weekday = new Date(at).getUTCDay();
    if (weekday >= 1 && weekday <= FRIDAY) this.#publish("GeoLite2-ASN", at);
    if (weekday === TUESDAY || weekday === FRIDAY) this.#publish("GeoLite2-City", at);
  }

  #publish(edition: keyof Releases["builds"], at: number): void {
    const buildEpoch = Math.floor(at / MS_PER_SECOND);
    const isBad = edition === "GeoLite2-City" && at === this.#plan.badReleaseAt;
    this.#lab.publish(edition, { buildEpoch, database: isBad ? buildBadCity(buildEpoch) : undefined });
    this.builds[edition].push(buildEpoch);
  }
}

/** In order as a file, but it does not know what everybody knows. */
function buildBadCity(buildEpoch: number): Uint8Array {
  return buildEdition("GeoLite2-City", {
    buildEpoch,
    change: (entry) => entry.address === "8.8.8.8" ? null : entry,
  });
}
