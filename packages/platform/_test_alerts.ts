import type { Alert, Log } from "@ipcascade/core";

/** An alert as the quota's check makes it. */
export function quotaAlert(fields: Partial<Alert> = {}): Alert {
  return {
    kind: "fire",
    key: "quota",
    grade: "critical",
    previousGrade: "ok",
    title: "812 of 10000 left",
    message: "GreyNoise quota: 812 of 10000 left (8.1 %), resets in 12 h 0 min",
    fix: "ipcascade quota history",
    since: Date.UTC(2026, 10, 23, 8),
    at: Date.UTC(2026, 10, 23, 12),
    host: "honeypot-1",
    remark: null,
    ...fields,
  };
}

/** A log that keeps its lines. */
export function keepLog(): Log & { readonly lines: string[] } {
  const lines: string[] = [];
  const add = (message: string, fields = {}) => void lines.push(`${message} ${JSON.stringify(fields)}`);
  return { lines, debug: add, info: add, warn: add, error: add };
}
