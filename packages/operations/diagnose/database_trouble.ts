import { LockHeldError, StoreError } from "@ipcascade/core";
import { reportError } from "../reported_error.ts";
import type { DiagnosedPart, DiagnosisCause } from "./conclude.ts";
import { noteFinding } from "./finding.ts";

/** Why the database could not be asked: what it threw, or how long it was waited for in vain, in milliseconds. */
export type DatabaseTrouble =
  | { readonly kind: "failed"; readonly thrown: unknown }
  | { readonly kind: "silent"; readonly waitedMs: number };

/** Explains it, with the server's own words. */
export function explainTrouble(trouble: DatabaseTrouble, isEmbedded: boolean): DiagnosedPart {
  const message = describeTrouble(trouble);
  const cause = explainCause(trouble, { message, isEmbedded });
  return {
    findings: [noteFinding("round_trip", cause.grade, message, null, "ms")],
    causes: [cause],
  };
}

/** One sentence, without a capital. */
export function describeTrouble(trouble: DatabaseTrouble): string {
  return trouble.kind === "silent"
    ? `the database gave no answer within ${trouble.waitedMs} ms`
    : reportError(trouble.thrown).message;
}

interface Circumstances {
  readonly message: string;
  readonly isEmbedded: boolean;
}

function explainCause(trouble: DatabaseTrouble, { message, isEmbedded }: Circumstances): DiagnosisCause {
  if (trouble.kind === "silent") return explainSilence(message, isEmbedded);
  const { thrown } = trouble;
  if (thrown instanceof LockHeldError) {
    return {
      cause: "database_in_use",
      grade: "unknown",
      summary: `The embedded database has room for one process: ${message}.`,
      steps: [
        "Try again when the other process has ended, or ask for that to happen",
        "Several processes at once need a server: DATABASE_URL=postgres://user:password@host/database",
      ],
    };
  }
  if (thrown instanceof StoreError && thrown.isBusy) {
    return {
      cause: "pool_saturated",
      grade: "critical",
      summary: `The server has no connection to spare: ${message}.`,
      steps: [
        "See who has them, as a superuser: select usename, application_name, count(*) from pg_stat_activity group by 1, 2",
        "Run fewer processes, or lower IPCASCADE_DB_POOL",
        "Or raise max_connections, or put a pooler in front",
      ],
    };
  }
  return {
    cause: "database_unreachable",
    grade: "critical",
    summary: `The database can't be used: ${message}.`,
    steps: isEmbedded ? EMBEDDED_STEPS : SERVER_STEPS,
  };
}

function explainSilence(message: string, isEmbedded: boolean): DiagnosisCause {
  const summary = `Enriching waits for the database: ${message}.`;
  if (isEmbedded) {
    const steps = ["Try again with more time: ipcascade diagnose latency --timeout 60"];
    return { cause: "unknown", grade: "unknown", summary, steps };
  }
  return {
    cause: "database_slow",
    grade: "critical",
    summary,
    steps: [
      "Look at the server: whether it runs or hangs, its log, its load, its disk",
      "Look at the network between it and ipcascade: a firewall that drops packets is silent, too",
    ],
  };
}

const SERVER_STEPS = [
  "Check user, password, host, port and database of DATABASE_URL: ipcascade config says where it comes from",
  "See whether the server runs, and what its log says",
  "Then: ipcascade diagnose latency",
];

const EMBEDDED_STEPS = [
  "Look at the data directory, IPCASCADE_DATA_DIR: whether it is there, can be written and has room",
  "See docs/health.md#the-database",
];
