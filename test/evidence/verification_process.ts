/**
 * Verifies the databases named on the command line, and prints verdicts and what they took as JSON. A process of its
 * own, so that memory is that of verification.
 */
import type { EditionVerdict } from "@ipcascade/core";
import { createEditionVerifier } from "@ipcascade/sources";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createNodeHasher } from "./hasher.ts";

/** What verification brought and took. */
export interface MeasuredVerification {
  readonly verdicts: readonly EditionVerdict[];
  /** Longest time between two turns of a timer that is always due. */
  readonly longestWaitMs: number;
  /** Peak resident memory above that before, in MB. */
  readonly peakMb: number;
  /** Size of the databases in MB. */
  readonly fileMb: number;
}

if (import.meta.main) console.log(JSON.stringify(await measure(Deno.args)));

async function measure(paths: readonly string[]): Promise<MeasuredVerification> {
  const files = paths.map((path) => readFileSync(path));
  const checksums = files.map((bytes) => createHash("sha256").update(bytes).digest("hex"));
  const verify = createEditionVerifier({
    clock: { elapsed: () => performance.now() },
    createHasher: createNodeHasher,
    pause: () => new Promise((resolve) => setTimeout(resolve, 0)),
  });
  const before = readStatusMb("VmRSS");
  resetPeak();
  const waits = watchWaits();
  const verdicts: EditionVerdict[] = [];
  for (const [index, bytes] of files.entries()) {
    verdicts.push(
      await verify(bytes, {
        now: Date.UTC(2026, 10, 23),
        edition: null,
        sha256: checksums[index]!,
        canaries: [{ address: "8.8.8.8", asn: 15_169, country: "US" }],
      }),
    );
  }
  return {
    verdicts,
    longestWaitMs: Math.ceil(waits.stop()),
    peakMb: Math.ceil(readStatusMb("VmHWM") - before),
    fileMb: Math.round(files.reduce((sum, { length }) => sum + length, 0) / 1e6),
  };
}

function watchWaits(): { stop(): number } {
  let longest = 0;
  let last = performance.now();
  const note = () => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
  };
  const timer = setInterval(note, 1);
  return {
    stop() {
      note();
      clearInterval(timer);
      return longest;
    },
  };
}

/** The kernel's figure for this process in MB; 0 where there is none. */
function readStatusMb(name: "VmRSS" | "VmHWM"): number {
  try {
    const status = Deno.readTextFileSync("/proc/self/status");
    return Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[1] ?? 0) / 1_024;
  } catch {
    return 0;
  }
}

/** Has the kernel forget the peak so far; where it can't, the peak is an upper bound. */
function resetPeak(): void {
  try {
    Deno.writeTextFileSync("/proc/self/clear_refs", "5");
  } catch {
    // Not Linux, or not allowed.
  }
}
