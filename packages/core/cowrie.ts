import { MS_PER_HOUR, MS_PER_MINUTE } from "./clock.ts";

/** The part of a Cowrie log line that the product uses. */
export interface CowrieEvent {
  readonly sessionId: string;
  readonly eventId: string;
  /** Microseconds since 1970 UTC. */
  readonly atUs: number;
  readonly sourceIp: string | null;
  /** Milliseconds, from `cowrie.session.closed`; old versions write a number, new ones a string. */
  readonly durationMs: number | null;
}

/** A line that is no Cowrie event, with the reason. */
export interface CowrieProblem {
  readonly problem: string;
}

// A key of the inventory: what a database can't store, or a terminal obeys, is refused here.
const SESSION_ID = /^[\x20-\x7e]{1,64}$/;

/** A century; what claims to have lasted longer was not measured. */
const MAX_DURATION_S = 100 * 365 * 86_400;

/** Reads one line of a Cowrie JSON log. Never throws. */
export function readCowrieLine(line: string): CowrieEvent | CowrieProblem {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return { problem: "it is not JSON" };
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return { problem: "it is not a JSON object" };
  }
  return readCowrieObject(value as Readonly<Record<string, unknown>>);
}

function readCowrieObject(fields: Readonly<Record<string, unknown>>): CowrieEvent | CowrieProblem {
  const { eventid, session, timestamp, src_ip, duration } = fields;
  if (typeof eventid !== "string") return { problem: 'it has no text "eventid"' };
  if (typeof session !== "string" || !SESSION_ID.test(session)) {
    return { problem: 'it has no "session" of 1 to 64 printable characters' };
  }
  const atUs = typeof timestamp === "string" ? parseMicroseconds(timestamp) : null;
  if (atUs === null) return { problem: 'it has no RFC 3339 "timestamp"' };
  return {
    sessionId: session,
    eventId: eventid,
    atUs,
    sourceIp: typeof src_ip === "string" ? src_ip : null,
    durationMs: eventid === "cowrie.session.closed" ? readDurationMs(duration) : null,
  };
}

/** Milliseconds of a duration in seconds, which is a number or its text; null for what is none, or was not measured. */
export function readDurationMs(duration: unknown): number | null {
  const seconds = typeof duration === "string" && duration.trim() !== "" ? Number(duration) : duration;
  return typeof seconds === "number" && seconds >= 0 && seconds <= MAX_DURATION_S
    ? Math.round(seconds * 1000)
    : null;
}

const TIMESTAMP = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:[.,](\d{1,9}))?(?:Z|([+-])(\d\d):?(\d\d))?$/i;

/** Reads an RFC 3339 time as microseconds since 1970 UTC; a time without zone is UTC. Null when it is none. */
export function parseMicroseconds(text: string): number | null {
  const match = TIMESTAMP.exec(text);
  if (match === null) return null;
  const localMs = Date.parse(`${match[1]}T${match[2]}Z`);
  if (Number.isNaN(localMs) || isRolledOver(match[1]!, localMs)) return null;
  const zoneMs = match[4] === undefined ? 0 : readZoneMs(match);
  if (zoneMs === null) return null;
  return (localMs - zoneMs) * 1000 + readFractionUs(match[3]);
}

/** `Date.parse` makes 1 March of 30 February and the next midnight of 24:00. */
function isRolledOver(date: string, ms: number): boolean {
  return new Date(ms).getUTCDate() !== Number(date.slice(8));
}

/** Milliseconds that the zone is ahead of UTC. */
function readZoneMs(match: RegExpExecArray): number | null {
  const [hours, minutes] = [Number(match[5]), Number(match[6])];
  if (hours > 23 || minutes > 59) return null;
  const ms = hours * MS_PER_HOUR + minutes * MS_PER_MINUTE;
  return match[4] === "-" ? -ms : ms;
}

function readFractionUs(digits: string | undefined): number {
  return digits === undefined ? 0 : Number(digits.slice(0, 6).padEnd(6, "0"));
}
