import { type IpAddress, type MaxmindIndex, SCOPES } from "@ipcascade/core";
import { AddressColumns, BATCH_LINES } from "../bulk/address_columns.ts";
import { BatchAnswers, LOCAL, TEXT } from "../bulk/batch_answers.ts";
import type { BulkMemory } from "../bulk/bulk_memory.ts";
import { HEADER_BYTES, writeHeader } from "../bulk/fragment_store.ts";
import type { TextForm } from "./annotation_form.ts";
import type { AnswerColumns } from "./answer_columns.ts";
import { KnownAnswers } from "./known_answers.ts";

/** Addresses of some lines of a batch. */
class AskedAddresses extends AddressColumns {
  /** Which lines they are of. */
  readonly lines = new Int32Array(BATCH_LINES);

  add(line: number, bits: number, address: IpAddress | null): void {
    const i = this.count++;
    this.lines[i] = line;
    if (address === null) this.setIpv4(i, bits);
    else this.setAddress(i, address);
  }
}

/** What answers in one form are made of. */
export interface FormAnswersDeps {
  readonly index: MaxmindIndex;
  readonly memory: BulkMemory;
  readonly form: TextForm;
  /** IPv4 addresses whose answers are kept. */
  readonly maxKnown?: number;
}

/** Answers about addresses in one form. Those about IPv4 addresses are kept for the lines to come. */
export class FormAnswers {
  readonly known: KnownAnswers;
  readonly #asked = new AskedAddresses();
  readonly #records: BatchAnswers;
  /** Where the text about each scope stands, and one that is empty. */
  readonly #locals: readonly number[];
  readonly #nothing: number;

  constructor({ index, memory, form, maxKnown }: FormAnswersDeps) {
    this.known = new KnownAnswers(maxKnown);
    this.#locals = SCOPES.map((scope) => share(memory, form.local(scope)));
    this.#nothing = share(memory, "");
    this.#records = new BatchAnswers(index, memory, {
      place: (facts) => [form.place(facts), ""],
      origin: (facts) => [form.origin(facts), ""],
      hasHeaders: true,
    });
  }

  /** Takes note of a line whose answer is not known. */
  ask(line: number, bits: number, address: IpAddress | null): void {
    this.#asked.add(line, bits, address);
  }

  /** Looks up what was asked since the last time; returns how many were asked about that are not local. */
  answer(answers: AnswerColumns): number {
    const asked = this.#asked;
    if (asked.count === 0) return 0;
    const global = this.#records.lookUp(asked);
    for (let i = 0; i < asked.count; i++) this.#put(i, answers);
    asked.count = 0;
    return global;
  }

  /** Forgets everything; the memory is the caller's to empty. */
  clear(): void {
    this.known.clear();
    this.#records.clear();
  }

  #put(i: number, answers: AnswerColumns): void {
    const { kinds, places, origins } = this.#records;
    const { lines, bits, addresses, scopes } = this.#asked;
    if (kinds[i] === TEXT) return;
    const isLocal = kinds[i] === LOCAL;
    const first = isLocal ? this.#locals[scopes[i]!]! : places.starts[i]!;
    const second = isLocal ? this.#nothing : origins.starts[i]!;
    answers.firsts[lines[i]!] = first;
    answers.seconds[lines[i]!] = second;
    // Another line of the batch may have asked for the same.
    const isNew = addresses[i] === null && this.known.find(bits[i]!) < 0;
    if (isNew) this.known.keep(bits[i]!, first, second);
  }
}

/** Keeps a text as a fragment for good. */
function share(memory: BulkMemory, text: string): number {
  const { start, length } = memory.share("\0".repeat(HEADER_BYTES) + text);
  writeHeader(memory.bytes, start, (length - HEADER_BYTES) << 1);
  return start;
}
