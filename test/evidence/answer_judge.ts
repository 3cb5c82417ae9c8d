import { type ChaosAddress, describeFacts, type RecordFacts, type ReleaseName } from "./chaos_world.ts";
import type { Claims } from "./figures.ts";
import { type RawAnswer, readField } from "./kept_connection.ts";

/** One question with its answer, or why there is none. Instants are those of `performance.now()`. */
export interface Asked {
  readonly caller: string;
  /** What has to be answered from the editions alone. */
  readonly isOffline: boolean;
  readonly startedAt: number;
  readonly endedAt: number;
}

/** What is going on, which decides what an answer may be. */
export interface Circumstances {
  /** From when on a question can't be answered from the old editions any more; infinite before. */
  newFrom: number;
  /** Until when nothing can be answered from the new editions. */
  oldUntil: number;
  /** While the database may be missed. */
  awayFrom: number;
  awayUntil: number;
  /** From when on questions may be refused as the server ends. */
  endingFrom: number;
}

const PROBLEM = "application/problem+json";
const ENDING_CODE = "SERVER_ENDING";
const AWAY_CODES = ["STORE_FAILED", "BUSY", "GIVEN_UP"];
/** An answer that takes longer is taken for a hang, in milliseconds. */
const MAX_ANSWER_MS = 5_000;
const MAX_BROKEN = 12;

/** Decides whether what was answered is right in the circumstances, and counts. */
export class AnswerJudge {
  readonly counts: Record<string, number> = {};
  readonly circumstances: Circumstances = {
    newFrom: Infinity,
    oldUntil: Infinity,
    awayFrom: Infinity,
    awayUntil: Infinity,
    endingFrom: Infinity,
  };
  /** When the last question was refused for the missing database. */
  lastAwayAt = -Infinity;
  longestMs = 0;
  /** When the first answer out of the new editions came. */
  firstNewAt = Infinity;
  readonly #claims: Claims;
  readonly #tags = new Map<string, ReleaseName>();
  readonly #decoder = new TextDecoder();

  constructor(claims: Claims) {
    this.#claims = claims;
  }

  /** Judges the answer to a question about one address. */
  judgeOne(asked: Asked, address: ChaosAddress, answer: RawAnswer): void {
    this.#checkTime(asked);
    if (answer.status !== 200) return this.judgeProblem(asked, answer);
    const release = this.judgeRecord(asked, address, this.#decoder.decode(answer.body));
    this.#count(`${asked.caller} 200 ${release ?? "wrong"}`);
    if (release !== null) {
      this.#checkTag(readField(answer.head, "etag"), `${address.text} ${release}`, release);
    }
  }

  /** Judges one record; gives the release that it is whole of. */
  judgeRecord(asked: Asked, address: ChaosAddress, text: string): ReleaseName | null {
    let record: RecordFacts;
    try {
      record = JSON.parse(text);
    } catch {
      this.#break(asked, `is no JSON: ${text.slice(-80)}`);
      return null;
    }
    const facts = record.enrichment === undefined ? text : describeFacts(record);
    const release = facts === address.facts.old ? "old" : facts === address.facts.new ? "new" : null;
    if (release === null) this.#break(asked, `is of neither release: ${facts.slice(0, 200)}`);
    else this.#checkRelease(asked, release);
    return release;
  }

  /** Judges an answer that is a problem. */
  judgeProblem(asked: Asked, { status, head, body }: RawAnswer): void {
    const text = this.#decoder.decode(body);
    const isClean = status === 503 && readField(head, "content-type")?.startsWith(PROBLEM) === true &&
      Number(readField(head, "retry-after")) >= 1;
    const code = isClean ? readCode(text) : null;
    this.#count(`${asked.caller} ${status} ${code ?? ""}`.trim());
    if (!this.mayFail(asked, code)) this.#break(asked, `is ${status} ${text.slice(0, 200)}`);
  }

  /** Tells whether a question may fail with a code, and notes when the last one did for the database. */
  mayFail(asked: Asked, code: string | null): boolean {
    const { awayFrom, awayUntil, endingFrom } = this.circumstances;
    if (code === ENDING_CODE) return asked.endedAt >= endingFrom;
    if (code === null || !AWAY_CODES.includes(code) || asked.isOffline) return false;
    this.lastAwayAt = Math.max(this.lastAwayAt, asked.endedAt);
    return asked.endedAt >= awayFrom && asked.startedAt <= awayUntil;
  }

  /** Judges a connection that ended; an answer that began has to end whole, whatever happens. */
  judgeCut(asked: Asked, hasBegun: boolean): void {
    const isEnding = asked.endedAt >= this.circumstances.endingFrom;
    this.#count(`${asked.caller} ${hasBegun ? "cut" : "unanswered"}${isEnding ? " while it ended" : ""}`);
    if (hasBegun) this.#break(asked, "was cut");
    else if (!isEnding) this.#break(asked, "did not come");
  }

  /** Judges what came of a stream's lines besides its records. */
  judgeStream(asked: Asked, outcome: string, isFine: boolean): void {
    this.#checkTime(asked);
    this.#count(`${asked.caller} ${outcome}`);
    if (!isFine) this.#break(asked, outcome);
  }

  #checkRelease({ caller, startedAt, endedAt }: Asked, release: ReleaseName): void {
    const { newFrom, oldUntil } = this.circumstances;
    if (release === "new") {
      this.firstNewAt = Math.min(this.firstNewAt, endedAt);
      if (endedAt < oldUntil) this.#break({ caller, startedAt, endedAt }, "is new too early");
      return;
    }
    // The process has one pair of editions at a time: whoever asks after a new answer gets new ones.
    if (startedAt > Math.min(newFrom, this.firstNewAt)) {
      this.#break({ caller, startedAt, endedAt }, "is old after a new one");
    }
  }

  #checkTag(tag: string | null, what: string, release: ReleaseName): void {
    const known = tag === null ? null : this.#tags.get(tag) ?? release;
    if (tag !== null && known === release) this.#tags.set(tag, release);
    else if (this.#claims.broken.length < MAX_BROKEN) this.#claims.check(false, `${what} has the tag ${tag}`);
  }

  #checkTime(asked: Asked): void {
    const ms = asked.endedAt - asked.startedAt;
    this.longestMs = Math.max(this.longestMs, ms);
    if (ms > MAX_ANSWER_MS) this.#break(asked, `took ${Math.round(ms)} ms`);
  }

  #count(what: string): void {
    this.counts[what] = (this.counts[what] ?? 0) + 1;
  }

  #break({ caller, startedAt }: Pick<Asked, "caller" | "startedAt" | "endedAt">, what: string): void {
    if (this.#claims.broken.length >= MAX_BROKEN) return;
    this.#claims.check(false, `an answer to "${caller}" at ${Math.round(startedAt)} ms ${what}`);
  }
}

function readCode(text: string): string | null {
  try {
    return JSON.parse(text).code ?? null;
  } catch {
    return null;
  }
}
