import { DENO_RUN, openTempDir, writeRealSizePair } from "@ipcascade/testkit";
import { Claims, type Evidence, finish } from "./figures.ts";
import type { MeasuredVerification } from "./verification_process.ts";

/** What a pair may take. */
export interface VerificationLimits {
  readonly maxSeconds: number;
  /** Memory besides the databases. */
  readonly maxMb: number;
  /** Longest time that other work of the process waits. */
  readonly maxWaitMs: number;
}

/** A pair of editions of real size is verified in seconds and little memory, without holding up its process. */
export async function proveVerification(limits: VerificationLimits): Promise<Evidence> {
  const claims = new Claims();
  await using dir = await openTempDir();
  const pair = await writeRealSizePair(dir.path);
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      ...DENO_RUN,
      new URL("verification_process.ts", import.meta.url).pathname,
      pair.city,
      pair.asn,
    ],
    stdout: "piped",
    stderr: "piped",
  });
  const { code, stdout, stderr } = await finish(child.spawn());
  if (code !== 0) {
    return {
      conditions: "",
      figures: {},
      broken: [`verification ended with ${code}: ${stderr.slice(-300)}`],
    };
  }
  const measured: MeasuredVerification = JSON.parse(stdout);
  const { verdicts, longestWaitMs, peakMb, fileMb } = measured;
  const seconds = verdicts.reduce((sum, { duration_ms }) => sum + duration_ms, 0) / 1_000;
  for (const { database_type, verdict, findings } of verdicts) {
    claims.check(verdict === "ok" && findings.length === 0, `${database_type}: ${JSON.stringify(findings)}`);
  }
  claims.check(seconds < limits.maxSeconds, `the pair took ${seconds} s`);
  claims.check(peakMb < limits.maxMb, `verification took ${peakMb} MB besides the databases`);
  claims.check(longestWaitMs < limits.maxWaitMs, `other work waited for ${longestWaitMs} ms`);
  return {
    conditions:
      `City and ASN of ${fileMb} MB in memory, one after the other, checksums and canaries included; ` +
      "peak resident memory above that before; a timer of 1 ms measures how long other work waits",
    figures: {
      seconds: seconds.toFixed(2),
      peakMb,
      longestWaitMs,
      nodes: verdicts.reduce((sum, { nodes }) => sum + nodes, 0),
      networks: verdicts.reduce((sum, { networks }) => sum + networks, 0),
      records: verdicts.reduce((sum, { records }) => sum + records, 0),
    },
    broken: claims.broken,
  };
}
