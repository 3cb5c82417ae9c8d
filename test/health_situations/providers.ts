import { assert } from "@std/assert";
import type { HealthWorld } from "../health_world.ts";
import { CLOSED_PORT, nothing, type Situation } from "./situation.ts";
import { QUOTA, resetQuota } from "./sources.ts";

const PROBE = ["--probe", "--timeout", "2"];
const healLab = (world: HealthWorld) => Promise.resolve(world.lab.clearFaults());

/** Providers, as probes find them. */
export const PROVIDERS: readonly Situation[] = [
  {
    name: "Team Cymru drops our packets",
    damage: (world) => Promise.resolve(world.lab.setFault("cymruWhois", { kind: "drop" })),
    args: PROBE,
    check: "probe_cymru",
    grade: "warning",
    message: /no answer in time \(timeout: no answer at all: dropped silently, perhaps null-routed\)/,
    fix: "ipcascade diagnose cymru",
    mend: healLab,
  },
  {
    name: "Team Cymru's port is closed",
    damage: nothing,
    env: { CYMRU_WHOIS_ADDR: CLOSED_PORT },
    args: PROBE,
    check: "probe_cymru",
    grade: "warning",
    message: /\(refused: the host is there, but nobody listens\)/,
    fix: "ipcascade diagnose cymru",
    mend: nothing,
  },
  {
    name: "Team Cymru gives a wrong answer",
    damage: (world) => Promise.resolve(world.lab.setFault("cymruWhois", { kind: "notRouted" })),
    args: PROBE,
    check: "probe_cymru",
    grade: "critical",
    message: /wrong answer: no ASN for 8\.8\.8\.8, which is AS15169/,
    fix: "ipcascade diagnose cymru",
    mend: healLab,
  },
  {
    name: "GreyNoise refuses the key",
    damage: (world) => Promise.resolve(world.lab.setFault("greynoise", { kind: "status", status: 401 })),
    args: PROBE,
    check: "probe_greynoise",
    grade: "critical",
    message: /\(unauthorized: the key is refused\)/,
    fix: "ipcascade diagnose greynoise",
    mend: healLab,
  },
  {
    name: "GreyNoise is silent",
    damage: (world) => Promise.resolve(world.lab.setFault("greynoise", { kind: "drop" })),
    args: PROBE,
    check: "probe_greynoise",
    grade: "warning",
    message: /\(timeout: /,
    fix: "ipcascade diagnose greynoise",
    mend: healLab,
  },
  {
    name: "the probe meets GreyNoise's 429",
    isRace: true,
    damage: (world) => Promise.resolve(world.lab.setFault("greynoise", { kind: "status", status: 429 })),
    args: PROBE,
    check: "probe_greynoise",
    grade: "critical",
    message: /\(rate_limited: .*\); the quota is closed by it until \d{4}-\d\d-\d\dT/,
    fix: QUOTA,
    mend: async (world) => {
      await healLab(world);
      const { checks } = await world.health();
      assert(/closed by a 429/.test(checks.get("greynoise_quota")!.message), "the 429 is remembered");
      await resetQuota(world);
    },
  },
  {
    name: "MaxMind refuses the licence key",
    damage: nothing,
    env: { GEOIPUPDATE_LICENSE_KEY: "wrong_key_mmk_hunter2" },
    args: PROBE,
    check: "probe_editions",
    grade: "critical",
    message: /GeoLite2-City/,
    fix: "docs/editions.md#where-they-come-from",
    mend: nothing,
  },
  {
    name: "MaxMind's server is silent",
    damage: (world) => Promise.resolve(world.lab.setFault("maxmind", { kind: "drop" })),
    args: ["--probe", "--timeout", "1"],
    check: "probe_editions",
    grade: "warning",
    message: /gives no answer in time/,
    fix: "docs/editions.md#where-they-come-from",
    mend: healLab,
  },
  {
    name: "MaxMind's server fails",
    damage: (world) => Promise.resolve(world.lab.setFault("maxmind", { kind: "status", status: 503 })),
    args: PROBE,
    check: "probe_editions",
    grade: "warning",
    message: /503/,
    fix: "docs/editions.md#where-they-come-from",
    mend: healLab,
  },
];
