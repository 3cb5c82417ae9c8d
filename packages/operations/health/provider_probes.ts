import {
  type CymruSource,
  describeCheck,
  EditionDeliveryError,
  type EditionProvider,
  type ExpectedCheck,
  explainFailure,
  formatInstant,
  type HealthCheck,
  type IpAddress,
  type LookupOutcome,
  parseAddress,
  type SourceAnswer,
  type SourceName,
} from "@ipcascade/core";
import { readEditionRequests } from "../editions/edition_requests.ts";
import type { HealthProbe } from "./probe.ts";
import { QUOTA_PAGE } from "./quota_probe.ts";

/** What everybody knows: Google's name servers. Two, since one alone would be asked by DNS. */
const KNOWN_ADDRESS = "8.8.8.8";
const SECOND_ADDRESS = "8.8.4.4";
const KNOWN_ASN = 15169;

/** A check of a source, and which source it is. */
interface ProbedSource extends ExpectedCheck {
  readonly source: SourceName;
}

const CYMRU: ProbedSource = {
  source: "cymru",
  name: "probe_cymru",
  group: "providers",
  fix: "ipcascade diagnose cymru",
};
const EDITIONS: ExpectedCheck = {
  name: "probe_editions",
  group: "providers",
  fix: "docs/editions.md#where-they-come-from",
};

type Found = Pick<HealthCheck, "grade" | "message"> & Partial<HealthCheck>;

/** One bulk session with a known answer. Costs one session of two addresses. */
export function createCymruProbe(cymru: CymruSource): HealthProbe {
  return {
    expected: [CYMRU],
    run: async (signal) => {
      const addresses = [KNOWN_ADDRESS, SECOND_ADDRESS].map(readKnown);
      const outcomes = await cymru.lookUpMany(addresses, { signal });
      const outcome = outcomes.get(KNOWN_ADDRESS);
      const asn = outcome?.status === "hit" ? outcome.data.asn : null;
      if (asn === KNOWN_ASN) return [describeOutcome(CYMRU, outcome!, `${KNOWN_ADDRESS} is AS${KNOWN_ASN}`)];
      if (outcome?.status === "failed") return [describeOutcome(CYMRU, outcome, "")];
      const said = asn === null ? "no ASN" : `AS${asn}`;
      const message =
        `Team Cymru gives a wrong answer: ${said} for ${KNOWN_ADDRESS}, which is AS${KNOWN_ASN}`;
      return [describeCheck(CYMRU, { grade: "critical", message, fix: CYMRU.fix })];
    },
  };
}

/** What came of one counted request. */
export interface GreynoiseOnce {
  readonly outcome: LookupOutcome<SourceAnswer>;
  /** Until when a 429 closed the source; null when none did. */
  readonly closedUntil: number | null;
}

/** Asks GreyNoise once and counts it, or says why that is not possible. */
export interface AskGreynoiseOnce {
  (address: IpAddress, signal: AbortSignal): Promise<GreynoiseOnce | "no_quota">;
}

const GREYNOISE: ProbedSource = {
  source: "greynoise",
  name: "probe_greynoise",
  group: "providers",
  fix: "ipcascade diagnose greynoise",
};

/** One request to GreyNoise. Costs one unit of the quota. */
export function createGreynoiseProbe(ask: AskGreynoiseOnce): HealthProbe {
  return {
    expected: [GREYNOISE],
    run: async (signal) => {
      const reply = await ask(readKnown(KNOWN_ADDRESS), signal);
      if (reply !== "no_quota") return [describeReply(reply)];
      const message = "not asked: nothing is left of the quota";
      return [describeCheck(GREYNOISE, { grade: "info", message, fix: "ipcascade quota" })];
    },
  };
}

/** A 429 is graded as the quota is from then on; the check of the quota may have looked before. */
function describeReply({ outcome, closedUntil }: GreynoiseOnce): HealthCheck {
  const check = describeOutcome(GREYNOISE, outcome, "answers");
  if (closedUntil === null) return check;
  const message = `${check.message}; the quota is closed by it until ${formatInstant(closedUntil)}`;
  return { ...check, grade: "critical", message, fix: QUOTA_PAGE };
}

/** What probing the provider of editions needs. */
export interface EditionProviderProbeDeps {
  /** Throws `UsageError` when it is not set up. */
  readonly openProvider: () => EditionProvider & AsyncDisposable;
  readonly editionIds: readonly string[];
}

/** Asks the provider of editions what it offers. Downloads nothing. */
export function createEditionProviderProbe(
  { openProvider, editionIds }: EditionProviderProbeDeps,
): HealthProbe {
  return {
    expected: [EDITIONS],
    run: async (signal) => {
      try {
        await using provider = openProvider();
        const releases: string[] = [];
        for (const request of readEditionRequests(editionIds).requests) {
          const { edition_id, date } = await provider.findRelease(request, { signal, installed: null });
          releases.push(date === null ? edition_id : `${edition_id} of ${date}`);
        }
        return [
          describeCheck(EDITIONS, { grade: "ok", message: `${provider.name} offers ${releases.join(", ")}` }),
        ];
      } catch (error) {
        // Silence is no refusal.
        if (signal.aborted) return [describeCheck(EDITIONS, SILENT)];
        return [describeCheck(EDITIONS, describeRefusal(error))];
      }
    },
  };
}

const SILENT: Found = {
  grade: "warning",
  observed: "timeout",
  message: "the provider of editions gives no answer in time",
  fix: EDITIONS.fix,
};

/** Failures that pass by themselves are a warning; an account that is refused needs somebody. */
function describeRefusal(error: unknown): Found {
  const message = error instanceof Error ? error.message : String(error);
  const passes = error instanceof EditionDeliveryError &&
    (error.failure === "network" || error.failure === "rate_limited");
  return { grade: passes ? "warning" : "critical", message, fix: EDITIONS.fix };
}

function describeOutcome(
  { source, ...expected }: ProbedSource,
  outcome: LookupOutcome<SourceAnswer>,
  good: string,
): HealthCheck {
  switch (outcome.status) {
    case "hit":
    case "miss": {
      const observed = outcome.durationMs;
      return describeCheck(expected, {
        grade: "ok",
        observed,
        unit: "ms",
        message: `${good}, in ${observed} ms`,
      });
    }
    case "skipped":
      return describeCheck(expected, {
        grade: "unknown",
        message: `not asked: ${outcome.reason}`,
        fix: expected.fix,
      });
    case "failed": {
      const { reason, message } = outcome.failure;
      const grade = reason === "unauthorized" ? "critical" : "warning";
      return describeCheck(expected, {
        grade,
        observed: reason,
        message: `${message} (${explainFailure(source, reason)})`,
        fix: expected.fix,
      });
    }
  }
}

function readKnown(text: string): IpAddress {
  return parseAddress(text)!;
}
