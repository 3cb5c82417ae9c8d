import {
  findRecordExpiry,
  type IpRecord,
  isFailedRecord,
  MS_PER_MINUTE,
  type OutputRecord,
  parseAddress,
} from "@ipcascade/core";
import type { EnrichRun, InputItem, Operations } from "@ipcascade/operations";
import { AnswerMemory, type IpAnswer } from "./answer_memory.ts";
import { createEntityTag } from "./entity_tag.ts";
import type { AddressQuery } from "./query.ts";
import { createSharedRuns, type SharedRuns } from "../shared_runs.ts";

/** An offline answer holds while the editions serve, of which others know nothing: it is short. */
const OFFLINE_MS = MS_PER_MINUTE;
const OFFLINE = "?offline=1";
const OFFLINE_QUERIES: ReadonlySet<string> = new Set([OFFLINE, "?offline=true"]);

/** What is asked about one address. */
export interface IpQuestion {
  /** A text that is an address. */
  readonly text: string;
  /** The address in canonical form. */
  readonly ipAddress: string;
  readonly query: AddressQuery;
}

/** Answers about single addresses, out of memory where it can. */
export class IpAnswers {
  readonly #operations: Operations;
  readonly #memory: AnswerMemory;
  readonly #runs: SharedRuns<IpAnswer, IpQuestion>;

  constructor(operations: Operations, memory: AnswerMemory = new AnswerMemory(operations)) {
    this.#operations = operations;
    this.#memory = memory;
    this.#runs = createSharedRuns({
      work: (question, ending) => this.#makeAnswer(question, ending),
      keyOf: ({ text, query: { isOffline, isRefresh, sources } }) =>
        JSON.stringify([text, isOffline, isRefresh, sources]),
      clock: operations.clock,
      canStop: true,
    });
  }

  /**
   * What can be told at once of what a URL says behind `/v1/ips/`: an address in canonical form, and `?offline=1` if
   * need be; null for what has to be asked about. `now` is on the clock that never goes back.
   */
  findNow(asked: string, now: number): IpAnswer | null {
    const kept = this.#memory.find(asked, now);
    if (kept !== null) return kept;
    const text = readOffline(asked);
    return text === null ? null : this.#memory.find(offlineKey(text), now) ?? this.#lookUpNow(text);
  }

  #lookUpNow(text: string): IpAnswer | null {
    if (parseAddress(text)?.text !== text) return null;
    const begun = this.#memory.begin();
    const answer = this.#describe(readRecord(this.#operations.lookUpOne(text)), true);
    this.#memory.keep(offlineKey(text), answer, begun);
    return answer;
  }

  /** Forgets what is remembered of an address, for it was asked about again. */
  readonly forget = (ipAddress: string): void => this.#memory.forget(ipAddress);

  /** Answers a question; the sources are asked where nothing fresh is known. Throws `StoreError`. */
  async answer(question: IpQuestion, signal: AbortSignal): Promise<IpAnswer> {
    const { text, query: { isOffline, isRefresh } } = question;
    const kept = isKept(question) && !isRefresh
      ? this.#memory.find(isOffline ? offlineKey(text) : text)
      : null;
    if (kept !== null) return kept;
    return (await this.#runs.join(question, signal)).value;
  }

  async #makeAnswer(question: IpQuestion, ending: AbortSignal): Promise<IpAnswer> {
    const { text, query: { isOffline, isRefresh } } = question;
    const begun = this.#memory.begin();
    const record = await this.#ask(question, ending);
    if (isRefresh) this.forget(question.ipAddress);
    const answer = this.#describe(record, isOffline);
    if (isKept(question) && !isRefresh) {
      const known = isOffline ? answer : this.#describe({ ...record, from_inventory: true }, false);
      this.#memory.keep(isOffline ? offlineKey(text) : text, known, begun);
    }
    return answer;
  }

  async #ask({ text, query }: IpQuestion, ending: AbortSignal): Promise<IpRecord> {
    const { isOffline, isRefresh, sources } = query;
    if (isOffline) return readRecord(this.#operations.lookUpOne(text));
    const options = { refresh: isRefresh, sources, abort: ending, stop: ending };
    const run = this.#operations.enrich(only(text), options);
    const record = await findFirst(run);
    // What was given up half way is not what the sources say.
    ending.throwIfAborted();
    if (record === null) throw new Error("A run gave no record");
    return record;
  }

  #describe(record: IpRecord, isOffline: boolean): IpAnswer {
    const now = this.#operations.clock.now();
    return {
      body: JSON.stringify(record),
      etag: createEntityTag(record, { isOffline }),
      staleAt: isOffline ? now + OFFLINE_MS : findRecordExpiry(record, now),
    };
  }
}

/** Answers about all sources are remembered, by the address in canonical form. */
function isKept({ text, ipAddress, query }: IpQuestion): boolean {
  return query.sources === undefined && text === ipAddress;
}

/** The text that is to be looked up offline, and nothing else; null where more is said, or less. */
function readOffline(asked: string): string | null {
  const mark = asked.indexOf("?");
  return mark >= 0 && OFFLINE_QUERIES.has(asked.slice(mark)) ? asked.slice(0, mark) : null;
}

/** What a URL says then, so that nothing has to be made of it to find the answer. No address has a question mark. */
function offlineKey(text: string): string {
  return text + OFFLINE;
}

async function* only(text: string): AsyncGenerator<readonly InputItem[]> {
  yield [{ text, origin: null }];
}

/** The record of a text that is an address. */
function readRecord(record: OutputRecord): IpRecord {
  if (isFailedRecord(record)) throw new Error(record.error.message);
  return record;
}

async function findFirst({ records }: EnrichRun): Promise<IpRecord | null> {
  for await (const [record] of records) if (record !== undefined && !isFailedRecord(record)) return record;
  return null;
}
