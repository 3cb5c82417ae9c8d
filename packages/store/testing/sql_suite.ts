import { EDITION_STORE_CONTRACT } from "../../testkit/edition_store_contract.ts";
import { createSqlAlertStates } from "../alert_states.ts";
import { createSqlCircuitStore } from "../circuit_store.ts";
import { createSqlCoverageStore } from "../coverage_store.ts";
import { createSqlInventoryStore } from "../inventory_store.ts";
import { createSqlJobRuns } from "../job_runs.ts";
import { createSqlJobTimetable } from "../job_timetable.ts";
import { createSqlQuotaLedger } from "../quota_ledger.ts";
import { createSqlRateLedger } from "../rate_ledger.ts";
import { createSqlRequestHours } from "../request_hours.ts";
import { createSqlSessionStore } from "../session_store.ts";
import type { SqlClient } from "../sql_client.ts";
import { ACTIVITY_CASES } from "./activity_cases.ts";
import { ALERT_STATES_CONTRACT, ALERT_WELL_CASES } from "./alert_states_contract.ts";
import { ASN_CASES } from "./asn_cases.ts";
import { CLAIM_CASES } from "./claim_cases.ts";
import { DUE_ROW_CASES } from "./due_row_cases.ts";
import { OUTDATED_ROW_CASES } from "./outdated_row_cases.ts";
import { SOURCE_UPDATE_CASES } from "./source_update_cases.ts";
import { HEALTH_CASES } from "./health_cases.ts";
import { BACKUP_DATABASE_CONTRACT } from "./backup_database_contract.ts";
import { BACKUP_SETTLE_CASES } from "./backup_settle_cases.ts";
import { BACKUP_UPGRADE_CASES } from "./backup_upgrade_cases.ts";
import { CIRCUIT_CONTRACT } from "./circuit_contract.ts";
import { COPYING_CASES } from "./copying_cases.ts";
import { COVERAGE_CASES } from "./coverage_cases.ts";
import { COVERAGE_CONTRACT } from "./coverage_contract.ts";
import { type ContractCase, runContract, type StepRunner } from "../../testkit/contract.ts";
import { resetDatabase } from "./databases.ts";
import { createDatabasePlace } from "./edition_database_place.ts";
import { INVENTORY_COPY_CASES } from "./inventory_copy_cases.ts";
import { INVENTORY_CONTRACT } from "./inventory_contract.ts";
import { JOB_LEASE_CASES } from "./job_lease_cases.ts";
import { JOB_RUNS_CONTRACT } from "./job_runs_contract.ts";
import { JOB_TIMETABLE_CONTRACT } from "./job_timetable_contract.ts";
import { CONTRACT_POLICIES, QUOTA_CONTRACT } from "./quota_contract.ts";
import { openTestQueue } from "./queue.ts";
import { QUEUE_CONTRACT } from "./queue_contract.ts";
import { QUOTA_AUDIT_CASES } from "./quota_audit_cases.ts";
import { QUOTA_CONTROL_CASES } from "./quota_control_cases.ts";
import { RATE_CASES } from "./rate_cases.ts";
import { RATE_CONTRACT } from "./rate_contract.ts";
import { REQUEST_HOURS_CONTRACT } from "./request_hours_contract.ts";
import { SESSION_CONTRACT } from "./session_contract.ts";
import { SESSION_CASES } from "./session_cases.ts";
import { SQL_CLIENT_CASES } from "./sql_client_cases.ts";

/** Runs everything that the SQL stores promise on one database. */
export async function runSqlSuite(runner: StepRunner, sql: SqlClient): Promise<void> {
  const open = <Subject>(create: (sql: SqlClient) => Subject) => async () => {
    await resetDatabase(sql);
    return create(sql);
  };
  const itself = open((client) => client);
  await runContract(runner, SQL_CLIENT_CASES, itself);
  await runContract(runner, COPYING_CASES, itself);
  await runContract(runner, BACKUP_DATABASE_CONTRACT, itself);
  await runContract(runner, BACKUP_SETTLE_CASES, itself);
  await runContract(runner, BACKUP_UPGRADE_CASES, itself);
  await runContract(runner, INVENTORY_CONTRACT, open(createSqlInventoryStore));
  const copying = open((client) => createSqlInventoryStore(client, { copyFrom: 1 }));
  await runContract(runner, named(INVENTORY_CONTRACT, "by COPY"), copying);
  await runContract(runner, INVENTORY_COPY_CASES, itself);
  await runContract(runner, ASN_CASES, itself);
  await runContract(runner, SESSION_CONTRACT, open(createSqlSessionStore));
  await runContract(runner, SESSION_CASES, itself);
  await runContract(runner, ACTIVITY_CASES, itself);
  await runContract(
    runner,
    QUOTA_CONTRACT,
    open((client) => createSqlQuotaLedger({ sql: client, policies: CONTRACT_POLICIES })),
  );
  await runContract(runner, QUOTA_AUDIT_CASES, itself);
  await runContract(runner, QUOTA_CONTROL_CASES, itself);
  await runContract(runner, RATE_CONTRACT, open(createSqlRateLedger));
  await runContract(runner, RATE_CASES, itself);
  await runContract(runner, CIRCUIT_CONTRACT, open(createSqlCircuitStore));
  await runContract(runner, JOB_RUNS_CONTRACT, open(createSqlJobRuns));
  await runContract(runner, JOB_TIMETABLE_CONTRACT, open(createSqlJobTimetable));
  await runContract(runner, [...ALERT_STATES_CONTRACT, ...ALERT_WELL_CASES], open(createSqlAlertStates));
  await runContract(runner, REQUEST_HOURS_CONTRACT, open(createSqlRequestHours));
  await runContract(runner, COVERAGE_CONTRACT, open(createSqlCoverageStore));
  for (
    const cases of [
      COVERAGE_CASES,
      SOURCE_UPDATE_CASES,
      DUE_ROW_CASES,
      CLAIM_CASES,
      OUTDATED_ROW_CASES,
      HEALTH_CASES,
      JOB_LEASE_CASES,
    ]
  ) {
    await runContract(runner, cases, itself);
  }
  await runContract(runner, EDITION_STORE_CONTRACT, open(createDatabasePlace));
  await runContract(runner, QUEUE_CONTRACT, () => openTestQueue(sql));
}

/** The same cases for another way of doing it. */
function named<Subject>(cases: readonly ContractCase<Subject>[], way: string): ContractCase<Subject>[] {
  return cases.map((one) => ({ ...one, name: `${one.name} (${way})` }));
}
