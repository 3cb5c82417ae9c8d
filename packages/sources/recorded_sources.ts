import type {
  CymruAnswer,
  CymruSource,
  GreynoiseReply,
  GreynoiseSource,
  LookupOutcome,
  RequestOutcome,
  RequestRecord,
} from "@ipcascade/core";

/** Notes every session and every DNS look-up of a source; the question for an AS's name belongs to its look-up. */
export function recordCymru(source: CymruSource, record: RequestRecord): CymruSource {
  return {
    lookUpMany: async (addresses, options) => {
      const outcomes = await source.lookUpMany(addresses, options);
      const asked = [...outcomes.values()].filter(isAsked);
      if (asked.length === 0) return outcomes;
      record.add({
        source: "cymru",
        channel: outcomes.size > 1 ? "whois" : "dns",
        outcome: gradeSession(asked),
        addresses: asked.length,
        durationMs: Math.max(...asked.slice(0, MAX_COMPARED).map(({ durationMs }) => durationMs)),
      });
      return outcomes;
    },
  };
}

/** The outcomes of a session share its duration. */
const MAX_COMPARED = 10;

type Asked<Data> = Exclude<LookupOutcome<Data>, { readonly status: "skipped" }>;

/** What was skipped, or given up while it waited for its turn, was not sent. */
function isAsked<Data>(outcome: LookupOutcome<Data>): outcome is Asked<Data> {
  if (outcome.status !== "failed") return outcome.status !== "skipped";
  return outcome.failure.reason !== "aborted" || outcome.durationMs > 0;
}

function gradeSession(outcomes: readonly Asked<CymruAnswer>[]): RequestOutcome {
  const graded = outcomes.map((outcome) => gradeOutcome(outcome));
  return graded.find((one) => one === "answered") ?? graded[0]!;
}

function gradeOutcome(outcome: Asked<unknown>): RequestOutcome {
  if (outcome.status !== "failed") return "answered";
  switch (outcome.failure.reason) {
    case "timeout":
      return "timeout";
    case "refused":
    case "unresolved":
      return "unsent";
    case "rate_limited":
      return "limited";
    default:
      return "failed";
  }
}

/** Notes every call of a source. */
export function recordGreynoise(source: GreynoiseSource, record: RequestRecord): GreynoiseSource {
  return {
    lookUp: async (address, options) => {
      const reply = await source.lookUp(address, options);
      const { outcome } = reply;
      if (outcome.status === "skipped" || isGivenUp(reply)) return reply;
      const graded = reply.mayHaveArrived ? gradeOutcome(outcome) : "unsent";
      const { durationMs } = outcome;
      record.add({ source: "greynoise", channel: "http", outcome: graded, addresses: 1, durationMs });
      return reply;
    },
  };
}

/** Given up while it waited for its turn. */
function isGivenUp({ outcome, mayHaveArrived }: GreynoiseReply): boolean {
  return !mayHaveArrived && outcome.status === "failed" && outcome.failure.reason === "aborted";
}

/**
 * Counts look-ups in the editions. A batch is read in one go, so what is counted until the program comes to rest is
 * one request.
 */
export function createLookupCounter(
  record: RequestRecord,
  atRest: (note: () => void) => void,
): (outcome: LookupOutcome<unknown>) => void {
  let addresses = 0;
  let durationMs = 0;
  let failed = 0;
  const note = () => {
    const outcome = failed === addresses ? "failed" : "answered";
    record.add({ source: "maxmind", channel: "local", outcome, addresses, durationMs });
    addresses = failed = durationMs = 0;
  };
  return (outcome) => {
    if (outcome.status === "skipped") return;
    if (addresses === 0) atRest(note);
    addresses++;
    durationMs += outcome.durationMs;
    if (outcome.status === "failed") failed++;
  };
}
