import {
  circuitPhase,
  type CircuitState,
  type Clock,
  describeCheck,
  type ExpectedCheck,
  formatMinute,
  type Grade,
  type HealthCheck,
  nextTrialAt,
  SOURCE_NAMES,
  type SourceName,
} from "@ipcascade/core";
import { createStoreProbe, DATABASE_PAGE, type HealthDatabase } from "./database.ts";
import type { HealthProbe } from "./probe.ts";

/** Whether the sources are asked, or left alone after failures. */
export function createCircuitProbe(
  { database, clock }: { readonly database: HealthDatabase; readonly clock: Clock },
): HealthProbe {
  return createStoreProbe(database, SOURCE_NAMES.map(expect), async ({ circuits }) =>
    await Promise.all(
      SOURCE_NAMES.map(async (source) =>
        describeCircuit(source, await circuits.readCircuit(source), clock.now())
      ),
    ));
}

function expect(source: SourceName): ExpectedCheck {
  return { name: `circuit_${source}`, group: "sources", fix: DATABASE_PAGE };
}

function describeCircuit(source: SourceName, state: CircuitState, now: number): HealthCheck {
  const phase = circuitPhase(state, now);
  if (phase === "closed") {
    const isClean = state.failures === 0;
    return describeCheck(expect(source), {
      grade: isClean ? "ok" : "info",
      observed: phase,
      message: isClean ? "asked as needed" : `failed ${state.failures} times in a row: ${state.reason}`,
      fix: isClean ? null : `ipcascade diagnose ${source}`,
    });
  }
  const since = state.openedAt === null ? "" : ` since ${formatMinute(state.openedAt)}`;
  const until = phase === "open"
    ? `left alone until ${formatMinute(nextTrialAt(state) ?? now)}`
    : "the next request tries it again";
  // Installed editions that can't be read are an incident; the other two are asked for what MaxMind lacks.
  const grade: Grade = source === "maxmind" ? "critical" : "warning";
  const message = `fails${since} (${state.reason ?? "no reason is known"}); ${until}`;
  return describeCheck(expect(source), {
    grade,
    observed: phase,
    message,
    fix: `ipcascade diagnose ${source}`,
  });
}
