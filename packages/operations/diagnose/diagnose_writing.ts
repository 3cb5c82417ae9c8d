import type { WriteBar } from "@ipcascade/core";
import type { DiagnosedPart } from "./conclude.ts";
import { noteFinding } from "./finding.ts";

/** Tells whether what is found out can be stored. Without that nothing is enriched, counted or recorded. */
export function diagnoseWriting(bar: WriteBar | null): DiagnosedPart {
  if (bar === null) {
    return { findings: [noteFinding("writable", "ok", "the database can be written to")], causes: [] };
  }
  const { reason, message } = bar;
  return {
    findings: [noteFinding("writable", "critical", message)],
    causes: [{
      cause: "database_read_only",
      grade: "critical",
      summary: `Nothing can be stored, so nothing is enriched: ${message}.`,
      steps: [...STEPS[reason], "Then: ipcascade diagnose latency"],
    }],
  };
}

const STEPS: Readonly<Record<WriteBar["reason"], readonly string[]>> = {
  standby: ["Point DATABASE_URL at the primary server, or promote this one: select pg_promote()"],
  read_only: [
    "See where it comes from: select * from pg_db_role_setting; and the server's default_transaction_read_only",
    "Undo it: alter database … reset default_transaction_read_only, or the same for the role",
  ],
  privileges: [
    "As the tables' owner: grant select, insert, update, delete on all tables in schema public to ROLE",
    "And: grant usage on all sequences in schema public to ROLE",
  ],
};
