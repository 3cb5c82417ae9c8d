import { assertEquals } from "@std/assert";
import { MS_PER_HOUR } from "@ipcascade/core";
import { describePattern, type PatternHour, summarizePattern } from "./request_pattern.ts";

const NOON = Date.UTC(2026, 10, 23, 12);

function hour(index: number, requests: number, addresses: number): PatternHour {
  return { hourAt: NOON + index * MS_PER_HOUR, requests, addresses };
}

Deno.test("summarizePattern() sums up hours and finds the busiest and the abusive ones", () => {
  const few = hour(0, 2, 20_000);
  const many = hour(1, 61, 609);
  const summary = summarizePattern([few, many, hour(2, 61, 610), hour(3, 60, 60)]);
  assertEquals([summary.sessions, summary.addresses], [184, 21_279]);
  assertEquals([summary.busiest, summary.abusive], [many, [many]]);
  assertEquals(summarizePattern([]), { sessions: 0, addresses: 0, busiest: null, abusive: [] });
});

Deno.test("describePattern() grades by the limits and names them", () => {
  const { grade, message } = describePattern(summarizePattern([hour(0, 61, 61)]));
  assertEquals(grade, "warning");
  assertEquals(
    message,
    "61 whois sessions about 61 addresses in the last 7 days, at most 61 sessions of 1 address each in the hour " +
      "from 2026-11-23T12:00:00.000Z; 1 hour had more than 60 with fewer than 10 each",
  );
  assertEquals(describePattern(summarizePattern([hour(0, 3, 9_000)])).grade, "ok");
  assertEquals(describePattern(summarizePattern([])), {
    grade: "ok",
    message: "no whois session in the last 7 days",
  });
});
