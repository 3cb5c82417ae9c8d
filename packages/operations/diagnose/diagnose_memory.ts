import { BYTES_PER_MB, type Clock, type Grade, type MemoryProbe } from "@ipcascade/core";
import { concludeDiagnosis, type DiagnosedPart } from "./conclude.ts";
import type { Diagnosis, DiagnosisFinding } from "./diagnosis.ts";

/** Who holds memory, measured while this process opened what enriching opens. Bytes. */
export interface MemoryOwners {
  /** Resident before anything was opened, without the heap: the program and its runtime. */
  readonly programBytes: number;
  /** What opening the embedded database added; null with a server. */
  readonly embeddedDatabaseBytes: number | null;
  /** The editions' sizes; null where one is not installed. */
  readonly cityBytes: number | null;
  readonly asnBytes: number | null;
  /** What enriching may keep of the editions' facts at most, when its caches are full. */
  readonly cacheLimitBytes: number;
}

/** What diagnosing memory works with. */
export interface MemoryDeps {
  readonly clock: Clock;
  readonly memory: MemoryProbe;
  readonly owners: MemoryOwners;
}

/** Runbook, High Memory Usage: about 250 MB are expected. */
export const EXPECTED_MB = 250;
/** "About": a fifth more. */
const WARNING_MB = 300;
const CRITICAL_MB = 2 * EXPECTED_MB;

/**
 * Explains this process's memory (runbook: High Memory Usage), once it has opened database and editions as enriching
 * does: how much, and who holds most of it. Other processes may hold more, such as a worker in the midst of a batch.
 */
export async function diagnoseMemory({ clock, memory, owners }: MemoryDeps): Promise<Diagnosis> {
  await Promise.resolve();
  const startedMs = clock.elapsed();
  const use = memory.read();
  const shares = sharesOf(owners, use);
  const residentMb = toMb(use.residentBytes);
  const grade: Grade = residentMb > CRITICAL_MB ? "critical" : residentMb > WARNING_MB ? "warning" : "ok";
  const largest = shares.reduce((found, one) => one.bytes > found.bytes ? one : found);
  const evidence = `${residentMb} MB are resident in this process with its editions open, ` +
    `about ${EXPECTED_MB} MB are expected; most is ${largest.name} with ${toMb(largest.bytes)} MB`;
  const part: DiagnosedPart = {
    findings: [
      { check: "resident", grade, message: evidence, observed: residentMb, unit: "MB" },
      ...shares.map(describeShare),
      describeCaches(owners),
    ],
    causes: grade === "ok" ? [] : [explain(shares, grade, evidence)],
  };
  return concludeDiagnosis("memory", [part], {
    clock,
    startedMs,
    calm: `Memory is as expected: ${evidence}.`,
  });
}

/** Part of the memory. */
interface Share {
  /** What is wrong when it is the largest; null for the program, which is what it is. */
  readonly cause: string | null;
  readonly check: string;
  readonly name: string;
  readonly bytes: number;
  readonly steps: readonly string[];
}

function sharesOf(owners: MemoryOwners, use: ReturnType<MemoryProbe["read"]>): Share[] {
  const editions = (owners.cityBytes ?? 0) + (owners.asnBytes ?? 0);
  const embedded = owners.embeddedDatabaseBytes ?? 0;
  const heap = use.heapUsedBytes;
  const rest = Math.max(0, use.residentBytes - editions - embedded - heap - owners.programBytes);
  return [
    { cause: null, check: "program", name: "the program itself", bytes: owners.programBytes, steps: [] },
    {
      cause: "editions_large",
      check: "editions",
      name: "the editions",
      bytes: editions,
      steps: [
        "See which serve: ipcascade editions status",
        "GeoLite2 is the smaller one: set MaxMind's account, then ipcascade editions update (DB-IP's City is about 130 MB)",
      ],
    },
    {
      cause: "embedded_database",
      check: "embedded_database",
      name: "the embedded database",
      bytes: embedded,
      steps: ["Use a server: DATABASE_URL=postgres://user:password@host/database"],
    },
    {
      cause: "heap",
      check: "heap",
      name: "the heap",
      bytes: heap,
      steps: ["Use smaller batches: enrich --batch-size 1000", "Run fewer at once: work --concurrency 1"],
    },
    {
      cause: "unknown_owner",
      check: "rest",
      name: "what nobody claims",
      bytes: rest,
      steps: [
        "Start it again and compare: ipcascade diagnose memory",
        "Tell the maintainers, with --format json",
      ],
    },
  ];
}

function explain(shares: readonly Share[], grade: Grade, evidence: string) {
  const candidates = shares.filter(({ cause }) => cause !== null);
  const largest = candidates.reduce((found, one) => one.bytes > found.bytes ? one : found);
  const { cause, name, bytes, steps } = largest;
  const summary = `More memory is used than expected, and ${name} can be made smaller: ` +
    `${toMb(bytes)} MB. ${evidence}.`;
  return { cause: cause ?? "unknown_owner", grade, summary, steps };
}

function describeShare({ check, name, bytes }: Share): DiagnosisFinding {
  return { check, grade: "ok", message: `${name}: ${toMb(bytes)} MB`, observed: toMb(bytes), unit: "MB" };
}

function describeCaches({ cacheLimitBytes }: MemoryOwners): DiagnosisFinding {
  const mb = toMb(cacheLimitBytes);
  return {
    check: "caches",
    grade: "ok",
    message: `facts of the editions: empty now, up to ${mb} MB while enriching`,
    observed: mb,
    unit: "MB",
  };
}

function toMb(bytes: number): number {
  return Math.round(bytes / BYTES_PER_MB);
}
