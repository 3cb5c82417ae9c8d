import type { FailureReason, SourceName } from "./outcome.ts";

const WORDS: Readonly<Record<FailureReason, string>> = {
  timeout: "no answer in time",
  refused: "the host is there, but nobody listens",
  unresolved: "the host's name can't be resolved",
  unreachable: "no connection can be made",
  cut: "answers break off",
  garbage: "what comes is no answer",
  server_error: "the server fails",
  rate_limited: "the server asks for fewer requests",
  unauthorized: "the key is refused",
  rejected: "the server refuses the request",
  corrupt: "records can't be decoded",
  aborted: "the caller gave up",
};

/** Team Cymru drops the packets of networks that ask too much (runbook: Team Cymru Null-Routing). */
const CYMRU_SILENCE = "no answer at all: dropped silently, perhaps null-routed";

/** A failure's reason and what it means, for people: `refused: the host is there, but nobody listens`. */
export function explainFailure(source: SourceName, reason: FailureReason): string {
  const words = source === "cymru" && reason === "timeout" ? CYMRU_SILENCE : WORDS[reason];
  return `${reason}: ${words}`;
}
