import { BYTES_PER_MB, type MemoryUse } from "@ipcascade/core";
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { JumpingClock } from "../testing/fakes.ts";
import { diagnoseMemory, type MemoryOwners } from "./diagnose_memory.ts";

/** Megabytes of each owner; what is left out is what a usual process has. */
interface Megabytes {
  readonly resident: number;
  readonly heap?: number;
  readonly embedded?: number | null;
  readonly city?: number | null;
}

function diagnose({ resident, heap = 20, embedded = null, city = 52 }: Megabytes) {
  const bytes = (mb: number) => mb * BYTES_PER_MB;
  const use: MemoryUse = {
    residentBytes: bytes(resident),
    heapUsedBytes: bytes(heap),
    heapTotalBytes: bytes(heap + 5),
    externalBytes: bytes(70),
  };
  const owners: MemoryOwners = {
    programBytes: bytes(70),
    embeddedDatabaseBytes: embedded === null ? null : bytes(embedded),
    cityBytes: city === null ? null : bytes(city),
    asnBytes: bytes(9),
    cacheLimitBytes: bytes(16),
  };
  return diagnoseMemory({ clock: new JumpingClock(), memory: { read: () => use }, owners });
}

Deno.test("diagnoseMemory() grades what is resident against the runbook's 250 MB and names the largest owner", async () => {
  const cases: readonly [label: string, memory: Megabytes, grade: string, cause: string][] = [
    ["as expected", { resident: 200 }, "ok", "none"],
    ["about as expected", { resident: 300 }, "ok", "none"],
    ["a large City edition", { resident: 301, city: 130 }, "warning", "editions_large"],
    ["the embedded database", { resident: 340, embedded: 150 }, "warning", "embedded_database"],
    ["a large heap", { resident: 500, heap: 320 }, "warning", "heap"],
    ["what nobody claims", { resident: 501 }, "critical", "unknown_owner"],
    ["no City edition", { resident: 160, city: null }, "ok", "none"],
  ];
  for (const [label, memory, grade, cause] of cases) {
    const found = await diagnose(memory);
    assertEquals([found.topic, found.grade, found.cause], ["memory", grade, cause], label);
    assertStringIncludes(found.summary, `${memory.resident} MB`, label);
    assertEquals(found.steps.length > 0, grade !== "ok", label);
  }
});

Deno.test("diagnoseMemory() says what it measured: this process, with every owner's part", async () => {
  const { findings, summary } = await diagnose({ resident: 260, embedded: 60 });
  assertMatch(summary, /in this process with its editions open/);
  assertEquals(
    findings.map(({ check, observed, unit }) => [check, observed, unit]),
    [
      ["resident", 260, "MB"],
      ["program", 70, "MB"],
      ["editions", 61, "MB"],
      ["embedded_database", 60, "MB"],
      ["heap", 20, "MB"],
      ["rest", 49, "MB"],
      ["caches", 16, "MB"],
    ],
  );
});
