import type { AlertReport, HealthReport } from "@ipcascade/operations";
import { renderAlertReport, renderHealth, renderHealthNagios } from "@ipcascade/render";
import type { CliContext } from "../context.ts";

/** Forms in which health is written. */
export const FORMATS = ["table", "json", "nagios"] as const;

/** How health is checked and told. */
export interface HealthOrder {
  readonly format: (typeof FORMATS)[number];
  readonly timeoutMs: number;
  /** Whether the providers are asked, too. */
  readonly withProviders: boolean;
}

/** Writes the report, and what was told to whom where alerts were sent, and sees it out. */
export async function writeHealth(
  report: HealthReport,
  { format }: Pick<HealthOrder, "format">,
  context: CliContext,
  alerts?: AlertReport,
): Promise<void> {
  const { terminal, settings, stdout } = context;
  const colour = terminal.stdoutIsTerminal === true && !settings.noColor;
  const text = context.redact(render(report, { format, colour, alerts }));
  context.keep(text);
  await stdout.write(text);
  // Out before the database is given back: whoever waits for the answer has it.
  await stdout.flush();
}

interface Rendering extends Pick<HealthOrder, "format"> {
  readonly colour: boolean;
  readonly alerts?: AlertReport;
}

function render(report: HealthReport, { format, colour, alerts }: Rendering): string {
  switch (format) {
    case "json":
      return `${JSON.stringify(alerts === undefined ? report : { ...report, alerts }, null, 2)}\n`;
    case "nagios":
      return renderHealthNagios(report);
    case "table":
      return renderHealth(report, { colour }) + (alerts === undefined ? "" : renderAlertReport(alerts));
  }
}
