import { listErrorSteps } from "../error_steps.ts";
import type { GreynoiseEvidence } from "./evidence.ts";
import type { GreynoiseJudgement } from "./judge.ts";

/** What to do about a cause, in order (runbook: GreyNoise Quota Exceeded Early). */
export function listGreynoiseSteps(
  { cause, learned }: GreynoiseJudgement,
  evidence: GreynoiseEvidence,
): readonly string[] {
  switch (cause) {
    case "none":
      return [];
    case "ledger_unreadable":
      return [
        "Mend the database, which keeps the ledger: ipcascade diagnose latency",
        "Nothing is sent until it can be read; MaxMind and Team Cymru go on",
      ];
    case "ledger_differs":
      return [
        "See who else uses the key, or, without a key, the same public address: their requests are not in our ledger",
        "See when it was closed and by whom it was changed: ipcascade quota history",
        ...(learned === null ? [] : [
          `Take over the limit that it named, ${learned.limit}/${learned.period}: ipcascade diagnose greynoise --fix`,
        ]),
        "Do not reset to get round a 429: the next request is answered with the same",
        "Otherwise wait for the reset: rows say until when they were held back, and are asked later",
      ];
    case "quota_exhausted":
      return [
        "See above who spent it; an unexpected job is the first suspect",
        "If use has grown: raise the limit with GreyNoise, then ipcascade quota set N/day, or lower GREYNOISE_REFRESH_SHARE",
        'If the counter is wrong: ipcascade quota set LIMIT --used N, or ipcascade quota reset --reason "…"',
        "Otherwise wait for the reset: GreyNoise is optional, MaxMind and Team Cymru go on",
      ];
    case "quota_low":
      return [
        "See what is left and for how long: ipcascade quota",
        "Lower GREYNOISE_REFRESH_SHARE if people need the rest",
      ];
    case "key_refused":
      return [
        "Check GREYNOISE_API_KEY (or GREYNOISE_API_KEY_FILE): ipcascade config says where it comes from",
        "See on GreyNoise's account page whether the key is still valid; support@greynoise.io helps",
        "Then: ipcascade diagnose greynoise --probe",
      ];
    case "unreachable":
      return [
        "Check network, proxy and firewall towards GREYNOISE_API_SERVER (default https://api.greynoise.io)",
        "Then: ipcascade diagnose greynoise --probe",
      ];
    case "server_error":
      return ["Wait: the circuit tries again by itself", "If it lasts, ask support@greynoise.io"];
    case "wrong_answer":
      return ["Check GREYNOISE_API_SERVER; look for a proxy or login page on the way"];
    case "circuit_open":
      return [
        "Wait: one trial passes when the pause ends, and closes the circuit when it is answered",
        "See at once whether it answers: ipcascade diagnose greynoise --probe",
      ];
    case "unknown":
      return listUnknownSteps(evidence);
  }
}

function listUnknownSteps({ probe, ledger, circuit, spent }: GreynoiseEvidence): readonly string[] {
  if (probe.kind === "late") {
    return ["Try again with more time: ipcascade diagnose greynoise --probe --timeout 60"];
  }
  if (probe.kind === "no_ledger") return listErrorSteps(probe.error);
  const [error] = [ledger, circuit, spent].flatMap((one) =>
    one !== null && "error" in one ? [one.error] : []
  );
  return error === undefined ? ["Start it again"] : listErrorSteps(error);
}
