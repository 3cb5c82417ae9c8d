import {
  type EditionExpectations,
  type EditionFinding,
  findEditionKind,
  formatInstant,
  MS_PER_DAY,
  MS_PER_SECOND,
  quoteInput,
} from "@ipcascade/core";
import { createError, createFinding, createWarning } from "./edition_finding.ts";

/** How far clocks may be apart before a build lies in the future. */
const MAX_AHEAD_MS = MS_PER_DAY;

/** Change of size or network count that is told of, in percent, unless said otherwise. */
const DEFAULT_MAX_CHANGE_PERCENT = 25;

/** Tells whether an edition id or a database type is one of MaxMind's, whose databases are called like the edition. */
export function isMaxmindName(name: string): boolean {
  return /^(GeoLite2|GeoIP2)-/.test(name);
}

/** Compares the type of a database with the edition that was asked for. */
export function checkType(databaseType: string, expectations: EditionExpectations): EditionFinding[] {
  const { edition } = expectations;
  if (edition === null) return [];
  const { id, kind } = edition;
  if (isMaxmindName(id)) {
    if (databaseType === id) return [];
    return [createError("type", `Database is ${quoteInput(databaseType)}, expected ${quoteInput(id)}`)];
  }
  if (findEditionKind(databaseType) === kind) return [];
  const message = `Database ${quoteInput(databaseType)} is of another kind than ${
    quoteInput(id)
  }, expected ${kind}`;
  return [createError("type", message)];
}

/** Compares a build epoch, in seconds, with now and with the installed one. */
export function checkBuild(buildEpoch: number, expectations: EditionExpectations): EditionFinding[] {
  const { now, installed, olderIs = "error" } = expectations;
  const findings: EditionFinding[] = [];
  if (buildEpoch * MS_PER_SECOND > now + MAX_AHEAD_MS) {
    findings.push(createError("future", `Build of ${formatBuild(buildEpoch)} lies in the future`));
  }
  if (installed && buildEpoch < installed.build_epoch) {
    const message = `Build of ${formatBuild(buildEpoch)} is older than the installed one of ${
      formatBuild(installed.build_epoch)
    }`;
    findings.push(createFinding(olderIs, { code: "older", message }));
  }
  return findings;
}

/** Compares the size in bytes with the installed edition's. */
export function checkSize(sizeBytes: number, expectations: EditionExpectations): EditionFinding[] {
  const { installed } = expectations;
  if (!installed) return [];
  const change = describeChange(sizeBytes, installed.size_bytes, expectations);
  return change === null ? [] : [createWarning("size", `Size is ${change} bytes`)];
}

/** Compares the network count with the installed edition's. */
export function checkNetworks(networks: number, expectations: EditionExpectations): EditionFinding[] {
  const { installed } = expectations;
  if (!installed) return [];
  const change = describeChange(networks, installed.networks, expectations);
  return change === null ? [] : [createWarning("networks", `Number of networks is ${change}`)];
}

/** Says how a count changed; null when it didn't change much, or when there is nothing to compare it with. */
function describeChange(count: number, before: number, expectations: EditionExpectations): string | null {
  const { maxChangePercent = DEFAULT_MAX_CHANGE_PERCENT } = expectations;
  if (before <= 0) return null;
  const percent = (count - before) / before * 100;
  if (Math.abs(percent) <= maxChangePercent) return null;
  // Rounded, a change just beyond the limit could read like one within it.
  const size = Math.max(1, Math.ceil(Math.abs(percent)));
  return `${size} % ${
    percent < 0 ? "smaller" : "larger"
  } than the installed edition's: ${count} after ${before}`;
}

function formatBuild(buildEpoch: number): string {
  return formatInstant(buildEpoch * MS_PER_SECOND);
}
