import { assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  classifyScope,
  diskLimits,
  gradeBackup,
  gradeByLimits,
  gradeCoverage,
  gradeEditionAge,
  gradeQuota,
  healthStatus,
  listFailing,
  listSpecialNetworks,
  MS_PER_DAY,
  MS_PER_HOUR,
  parseAddress,
  quotaLimits,
} from "./mod.ts";

const NOW = Date.UTC(2026, 10, 26, 6);

Deno.test("gradeCoverage() warns below 95 % and is critical below 90 %, by counts", () => {
  const cases = [
    [950, 1_000, "ok"],
    [949, 1_000, "warning"],
    [900, 1_000, "warning"],
    [899, 1_000, "critical"],
    [949_999, 1_000_000, "warning"],
    [0, 0, "info"],
    [0, 1, "critical"],
    [1, 1, "ok"],
  ] as const;
  for (const [covered, total, grade] of cases) {
    assertEquals(gradeCoverage(covered, total), grade, `${covered} of ${total}`);
  }
});

Deno.test("the runbook's other limits hold exactly: 7 and 14 days, 1 000 and 2 000 of 10 000", () => {
  const age = (ms: number) => gradeEditionAge((NOW - ms) / 1_000, NOW);
  assertEquals([age(7 * MS_PER_DAY), age(7 * MS_PER_DAY + 1_000)], ["ok", "info"]);
  assertEquals([age(14 * MS_PER_DAY), age(14 * MS_PER_DAY + 1_000)], ["info", "warning"]);
  const left = (remaining: number) =>
    gradeQuota({ policy: { limit: 10_000, period: "day" }, remaining, closedUntil: null });
  assertEquals([2_000, 1_999, 1_000, 999].map(left), ["ok", "warning", "warning", "critical"]);
  assertEquals(quotaLimits(10_000), { warning: 2_000, critical: 1_000 });
});

Deno.test("gradeBackup() warns above 48 hours, is critical above 7 days, and spares a new database", () => {
  const about = { now: NOW, firstAt: NOW - 60 * MS_PER_DAY };
  const hours = (n: number) => gradeBackup(NOW - n * MS_PER_HOUR, about);
  assertEquals([48, 48.1, 168, 168.1].map(hours), ["ok", "warning", "warning", "critical"]);
  assertEquals(gradeBackup(null, about), "warning");
  assertEquals(gradeBackup(null, { now: NOW, firstAt: NOW - 48 * MS_PER_HOUR }), "info");
  assertEquals(gradeBackup(null, { now: NOW, firstAt: NOW - 49 * MS_PER_HOUR }), "warning");
});

Deno.test("diskLimits() goes by share on large disks and by bytes on small ones", () => {
  const grade = (free: number, total: number) => {
    const { warning, critical } = diskLimits(total);
    return gradeByLimits(free, { warning: { below: warning }, critical: { below: critical } });
  };
  assertEquals([10e9, 9.99e9, 3e9, 2.99e9].map((free) => grade(free, 100e9)), [
    "ok",
    "warning",
    "warning",
    "critical",
  ]);
  assertEquals([1e9, 0.99e9, 0.2e9, 0.19e9].map((free) => grade(free, 5e9)), [
    "ok",
    "warning",
    "warning",
    "critical",
  ]);
});

Deno.test("listFailing() names what somebody has to look at, the worst first", () => {
  const checks = (["ok", "warning", "critical", "info", "unknown"] as const).map((grade) => ({
    name: grade,
    grade,
  }));
  assertEquals(listFailing(checks), ["critical", "unknown", "warning"]);
  assertEquals(checks.map(({ grade }) => healthStatus(grade)), ["pass", "warn", "fail", "pass", "fail"]);
});

Deno.test("listSpecialNetworks() tells global addresses as classifyScope() does", () => {
  const { networks, except } = listSpecialNetworks();
  const contains = (list: readonly string[], address: string) =>
    list.some((network) => inNetwork(bitsOf(address), network));
  const agree = (text: string) => {
    const address = parseAddress(text);
    if (address === null) return;
    const isSpecial = contains(networks, address.text) && !contains(except, address.text);
    assertEquals(isSpecial, classifyScope(address) !== "global", address.text);
  };
  for (const network of [...networks, ...except]) agree(network.split("/")[0]!);
  fc.assert(fc.property(fc.ipV4(), agree));
  fc.assert(fc.property(fc.ipV6(), agree));
  fc.assert(fc.property(fc.constantFrom(...networks, ...except), fc.nat(255), (network, last) => {
    const first = network.split("/")[0]!;
    agree(
      first.includes(":") ? first.replace(/[^:]+$/, last.toString(16)) : first.replace(/\d+$/, String(last)),
    );
  }));
});

function inNetwork(bits: string, network: string): boolean {
  const [first, length] = network.split("/") as [string, string];
  const own = bitsOf(first);
  return own.length === bits.length && own.slice(0, Number(length)) === bits.slice(0, Number(length));
}

/** 32 or 128 characters of 0 and 1. */
function bitsOf(text: string): string {
  if (!text.includes(":")) {
    return text.split(".").map((byte) => Number(byte).toString(2).padStart(8, "0")).join("");
  }
  const [head = "", tail] = text.split("::");
  const groups = (part: string | undefined) => part === undefined || part === "" ? [] : part.split(":");
  const [front, back] = [groups(head), groups(tail)];
  const zeros = tail === undefined ? [] : Array<string>(8 - front.length - back.length).fill("0");
  return [...front, ...zeros, ...back].map((group) => parseInt(group, 16).toString(2).padStart(16, "0")).join(
    "",
  );
}
