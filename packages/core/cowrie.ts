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

const MAX_SESSION_ID = 64;

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
  if (typeof session !== "string" || session === "" || session.length > MAX_SESSION_ID) {
    return { problem: `it has no "session" of 1 to ${MAX_SESSION_ID} characters` };
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

function readDurationMs(duration: unknown): number | null {
  const seconds = typeof duration === "string" && duration.trim() !== "" ? Number(duration) : duration;
  return typeof seconds === "number" && Number.isFinite(seconds) && seconds >= 0
    ? Math.round(seconds * 1000)
    : null;
}

const TIMESTAMP = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:[.,](\d{1,9}))?(Z|[+-]\d\d:?\d\d)?$/i;

/** Reads an RFC 3339 time as microseconds since 1970 UTC; a time without zone is UTC. Null when it is none. */
export function parseMicroseconds(text: string): number | null {
  const match = TIMESTAMP.exec(text);
  if (match === null) return null;
  const zone = (match[4] ?? "Z").toUpperCase().replace(/^([+-]\d\d)(\d\d)$/, "$1:$2");
  const ms = Date.parse(`${match[1]}T${match[2]}${zone}`);
  if (Number.isNaN(ms)) return null;
  return ms * 1000 + Number((match[3] ?? "").slice(0, 6).padEnd(6, "0"));
}
