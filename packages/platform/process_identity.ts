import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import { performance } from "node:perf_hooks";
import process from "node:process";

/** Names one process for ever: its number alone may be given to another one after its end. */
export interface ProcessIdentity {
  readonly host: string;
  readonly pid: number;
  /** When the process started, as far as others can check it: on Linux boot and clock tick, else its own word. */
  readonly start: string;
}

/** The identity of this process. */
export function readOwnIdentity(): ProcessIdentity {
  const start = readStart(process.pid) ?? String(Math.round(performance.timeOrigin));
  return { host: hostname().replace(/[^A-Za-z0-9.-]/g, "_"), pid: process.pid, start };
}

const NAME = /^(?<host>[^~]+)~(?<pid>\d+)~(?<start>[^~]+)$/;

/** A process as part of a file's name, with a `~` between its fields. */
export function formatIdentity({ host, pid, start }: ProcessIdentity): string {
  return `${host}~${pid}~${start}`;
}

/** Reads what `formatIdentity` wrote; null for anything else. */
export function parseIdentity(text: string): ProcessIdentity | null {
  const groups = NAME.exec(text)?.groups;
  if (groups === undefined) return null;
  return { host: groups.host!, pid: Number(groups.pid), start: groups.start! };
}

/** This process for people, wherever they read it. */
export function describeOwnProcess(): string {
  const { host, pid } = readOwnIdentity();
  return `process ${pid} on "${host}"`;
}

/** A name for one run of a job: a UUID that nothing else has. */
export function createRunId(): string {
  return randomUUID();
}

/** Tells whether the process may still run. One on another machine can't be seen from here and may. */
export function mayBeAlive(identity: ProcessIdentity): boolean {
  if (identity.host !== readOwnIdentity().host) return true;
  const start = readStart(identity.pid);
  return start === null ? hasProcess(identity.pid) : start === identity.start;
}

/** What Linux tells about a process: boot and start; null elsewhere, and for one that is gone or not shown. */
function readStart(pid: number): string | null {
  try {
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    // The name, in parentheses, may hold anything; what follows its end is plain. State is field 3, start field 22.
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").replace(/^.*\)/s, "").trim().split(" ");
    const isDead = fields[0] === "Z" || fields[0] === "X";
    return isDead ? "dead" : `${boot}.${fields[19]}`;
  } catch {
    return null;
  }
}

function hasProcess(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as { code?: string }).code === "EPERM";
  }
}
