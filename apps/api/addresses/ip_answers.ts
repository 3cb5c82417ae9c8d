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
  readonly #encoder = new TextEncoder();

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

  /** What can be told at once of an address in canonical form; null for what has to be asked about. */
  findNow(text: string, isOffline: boolean): IpAnswer | null {
    const kept = this.find(text, isOffline);
    if (kept !== null || !isOffline || parseAddress(text)?.text !== text) return kept;
    const begun = this.#memory.begin();
    const answer = this.#describe(readRecord(this.#operations.lookUpOne(text)), true);
    this.#memory.keep(offlineKey(text), answer, begun);
    return answer;
  }

  /** What is remembered of an address in canonical form. */
  find(text: string, isOffline: boolean): IpAnswer | null {
    return this.#memory.find(isOffline ? offlineKey(text) : text);
  }

  /** Forgets what is remembered of an address, for it was asked about again. */
  readonly forget = (ipAddress: string): void => this.#memory.forget(ipAddress);

  /** Answers a question; the sources are asked where nothing fresh is known. Throws `StoreError`. */
  async answer(question: IpQuestion, signal: AbortSignal): Promise<IpAnswer> {
    const { text, query: { isOffline, isRefresh } } = question;
    const kept = isKept(question) && !isRefresh ? this.find(text, isOffline) : null;
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
      body: this.#encoder.encode(JSON.stringify(record)),
      etag: createEntityTag(record, { isOffline }),
      staleAt: isOffline ? now + OFFLINE_MS : findRecordExpiry(record, now),
    };
  }
}

/** Answers about all sources are remembered, by the address in canonical form. */
function isKept({ text, ipAddress, query }: IpQuestion): boolean {
  return query.sources === undefined && text === ipAddress;
}

/** A line break stands in no URL, so that no text that is asked for is taken for such a key. */
function offlineKey(text: string): string {
  return `\n${text}`;
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
